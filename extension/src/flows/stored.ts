import { notices } from '../i18n/words.ts';
import { lesionOfFinding, lesionsOfPairs } from '../lesions/fromReports.ts';
import { loadedStudies } from '../viewer/series.ts';
import type { Context } from './context.ts';
import { guarded, newId } from './reporting.ts';

/** What the PACS holds of the patient's studies: findings of any document, and reports of Samepoint. */
export class StoredFindings {
  readonly #context: Context;
  readonly #requested = new Set<string>();
  /** Study → SOP Instance UIDs of the time point reports that the reader has seen. */
  readonly #seen = new Map<string, ReadonlySet<string>>();
  readonly #warned = new Set<string>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Requests the findings of the studies that came in since the last call, the current one first; never throws. */
  async loadNew(): Promise<void> {
    const { timePoints, host } = this.#context;
    const isLoaded = loadedStudies(host);
    const studies = [
      timePoints.current,
      ...timePoints.others().map(({ studyInstanceUid }) => studyInstanceUid),
    ]
      .flatMap((study) => study ?? [])
      .filter((study) => isLoaded.has(study) || timePoints.mayHaveFindings(study));
    const fresh = studies.filter((study) => !this.#requested.has(study));
    if (fresh.length === 0) return;
    fresh.forEach((study) => this.#requested.add(study));
    const about = { subject: notices().subjects.earlierReports, retry: () => void this.loadNew() };
    await guarded(this.#context, about, async () => {
      let failure: { readonly error: unknown } | undefined;
      for (const study of fresh) {
        // One study that cannot be read does not keep the others back.
        await this.load(study).catch((error: unknown) => (failure ??= { error }));
      }
      if (failure !== undefined) throw failure.error;
    });
  }

  /** Requests what the PACS holds of a study now; what the reader has decided since stays. @throws ViewerFailure */
  async load(study: string): Promise<void> {
    const { client, lesions, timePoints } = this.#context;
    this.#requested.add(study);
    try {
      const [{ findings, reports, warnings }, pairReports] = await Promise.all([
        client.findings(study),
        client.reports(study),
      ]);
      const ofPairs = new Set(pairReports.map(({ sopInstanceUid }) => sopInstanceUid));
      const others = findings.filter(({ document }) => !ofPairs.has(document.sopInstanceUid));
      const series = timePoints.chosen(study)?.seriesInstanceUid;
      const isReported = new Set(
        others.flatMap((finding) => {
          const uid = lesionOfFinding(finding, series)?.trackingUid;
          return uid !== undefined && reports.includes(finding.document.sopInstanceUid) ? [uid] : [];
        }),
      );
      const stored = others.flatMap((finding) => lesionOfFinding(finding, series) ?? []);
      this.#seen.set(study, new Set([...(this.#seen.get(study) ?? []), ...reports]));
      lesions.setStored(study, stored, isReported);
      // A lesion that a report of the study has named once, and no finding names any more, was withdrawn.
      const isNamed = new Set(findings.flatMap(({ trackingUid }) => trackingUid ?? []));
      const counted = lesionsOfPairs(pairReports).filter(
        ({ trackingUid }) => reports.length === 0 || isNamed.has(trackingUid),
      );
      lesions.addPaired(study, counted);
      this.#warn(study, warnings);
    } catch (error) {
      // Requested again with the next studies, by the reader, or when the server is back.
      this.#requested.delete(study);
      throw error;
    }
  }

  /** Makes sure that the reports of a study are known. @throws ViewerFailure */
  async ensureLoaded(study: string): Promise<void> {
    if (!this.#seen.has(study)) await this.load(study);
  }

  /** The time point reports of a study that the reader has seen. */
  seenIn(study: string): readonly string[] {
    return [...(this.#seen.get(study) ?? [])];
  }

  /** The PACS holds another report of a study: the reader's own. */
  addSeen(study: string, sopInstanceUid: string): void {
    this.#seen.set(study, new Set([...(this.#seen.get(study) ?? []), sopInstanceUid]));
  }

  #warn(study: string, warnings: readonly { readonly code: string; readonly message: string }[]): void {
    const { activity, timePoints } = this.#context;
    for (const { code, message } of warnings) {
      if (this.#warned.has(`${study} ${message}`)) continue;
      this.#warned.add(`${study} ${message}`);
      activity.addNotice({
        id: newId('notice'),
        subject: notices().subjects.findingsOf(timePoints.titleOf(study)),
        code,
        message,
        remedy: notices().remarks.lookAtReport,
      });
    }
  }
}
