import { notices } from '../i18n/words.ts';
import type { Client } from '../client/client.ts';
import { Listeners } from '../lesions/listeners.ts';
import type { TimePoint } from '../lesions/types.ts';
import { loadedSeries, loadedStudies, samePatient, shownSeries } from '../viewer/series.ts';
import type { LoadedSeries } from '../viewer/series.ts';
import type { PriorsAnswer, SeriesRef, TimePointStudy } from '../wire.ts';
import type { Reporting } from './reporting.ts';
import { guarded, newId } from './reporting.ts';
import type { ReadableModalities } from './readableModalities.ts';
import { SeriesReadiness } from './readiness.ts';
import { choiceOf, chosenOf, loadedChoices } from './seriesChoices.ts';

/** Studies besides the current one that are analysed before the first click: the newest. */
const MAX_ANALYSED = 5;
/** Digits of a date and a time to the second. */
const TIME_DIGITS = 14;

/** What the time points are made from. */
export interface TimePointsContext extends Reporting {
  readonly client: Pick<Client, 'priors' | 'embedSeries'>;
  readonly readableModalities: ReadableModalities;
  /** Model of the viewer's settings; the server's default where it is undefined. */
  readonly model: string | undefined;
  /** Studies of the viewer's URL, in its order. */
  readonly urlStudies: () => readonly string[];
  /** Starts again, with all that depends on the time points. */
  readonly restart?: () => void;
}

function digits(text: string): string {
  return text.replace(/\D/gu, '').slice(0, TIME_DIGITS);
}

/** YYYY-MM-DD; '' where there is none. */
function dateOfDigits(time: string): string {
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)/u.exec(time) ?? [];
  return year === undefined || month === undefined || day === undefined ? '' : `${year}-${month}-${day}`;
}

/** The studies of the patient that is read: which one is current, which series of each is compared, and how far its analysis is. */
export class TimePoints {
  readonly readiness: SeriesReadiness;
  readonly #context: TimePointsContext;
  readonly #wanted = new Map<string, string>();
  readonly #listeners = new Listeners();
  #current: string | undefined;
  #answer: PriorsAnswer | undefined;
  /** Studies whose priors were requested. */
  #requested: string | undefined;

  constructor(context: TimePointsContext) {
    this.#context = context;
    this.readiness = new SeriesReadiness(context.client, context.model);
    this.readiness.subscribe(() => {
      this.#listeners.call();
    });
  }

  /** Calls the listener after each change; the result ends that. */
  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** The study that is read: the newest of the viewer's URL, of the patient of its first study. */
  get current(): string | undefined {
    return this.#current;
  }

  /** The patient's studies, the oldest first. */
  list(): readonly TimePoint[] {
    const loaded = this.#loadedOfPatient();
    const described = this.#described();
    const shown = new Set(shownSeries(this.#context.host).map((series) => series.seriesInstanceUid));
    const studies = new Set([...described.keys(), ...loaded.map((series) => series.studyInstanceUid)]);
    return [...studies]
      .map((study) => ({ study, time: this.timeOf(study) }))
      .sort((a, b) => a.time.localeCompare(b.time))
      .map(({ study }) => this.#timePoint(study, described.get(study), loaded, shown));
  }

  point(studyInstanceUid: string | undefined): TimePoint | undefined {
    return this.list().find((point) => point.studyInstanceUid === studyInstanceUid);
  }

  /** The other studies of the patient, the newest first. */
  others(): readonly TimePoint[] {
    return this.list()
      .filter(({ isCurrent }) => !isCurrent)
      .reverse();
  }

  /** The series of a study that is compared. */
  chosen(studyInstanceUid: string): SeriesRef | undefined {
    const seriesInstanceUid = this.point(studyInstanceUid)?.chosen;
    return seriesInstanceUid === undefined ? undefined : { studyInstanceUid, seriesInstanceUid };
  }

  /** When a study was made, as sortable digits; '' where it does not say. */
  timeOf(studyInstanceUid: string): string {
    const { date = '', time = '' } = this.#described().get(studyInstanceUid) ?? {};
    if (date !== '') return digits(`${date}${time}`);
    const series = this.#loadedOfPatient().find((one) => one.studyInstanceUid === studyInstanceUid);
    return digits(series?.studyTime ?? '');
  }

  /** Whether the PACS may hold findings of a study; true where that is not known. */
  mayHaveFindings(studyInstanceUid: string): boolean {
    return this.#described().get(studyInstanceUid)?.hasReports ?? true;
  }

  /** "CT of 2024-03-01", for the reader. */
  titleOf(studyInstanceUid: string): string {
    const point = this.point(studyInstanceUid);
    if (point === undefined) return notices().scan.unknown;
    const { modality, date } = point;
    return notices().scan.of(modality, date);
  }

  /** Compares another series of a study from now on. */
  choose(studyInstanceUid: string, seriesInstanceUid: string): void {
    this.#wanted.set(studyInstanceUid, seriesInstanceUid);
    this.#analyse();
    this.#listeners.call();
  }

  /** Looks at what the viewer has loaded; requests the priors of the current study once. */
  async refresh(): Promise<void> {
    this.#current = this.#findCurrent();
    this.#listeners.call();
    const current = this.#current;
    if (current === undefined || this.#requested === current) return;
    this.#requested = current;
    this.#answer = undefined;
    await this.#loadPriors(current);
  }

  /** Ends the analyses; the next `refresh` starts anew. */
  stop(): void {
    this.readiness.stop();
    this.#requested = undefined;
  }

  /** Tries again what failed while the server did not answer. */
  async retry(): Promise<void> {
    this.readiness.retry();
    await this.refresh();
  }

  async #loadPriors(current: string): Promise<void> {
    const { client, model, restart = () => void this.refresh() } = this.#context;
    const about = { subject: notices().subjects.earlierScans, retry: restart };
    await guarded(this.#context, about, async () => {
      try {
        const answer = await client.priors(current, model);
        if (this.#requested !== current) return;
        this.#answer = answer;
        this.#report(answer.warnings);
      } catch (error) {
        // What the viewer has loaded is compared meanwhile.
        if (this.#requested === current) this.#requested = undefined;
        throw error;
      } finally {
        if (this.#current === current) this.#analyse();
        this.#listeners.call();
      }
    });
  }

  #report(warnings: PriorsAnswer['warnings']): void {
    for (const { code, message } of warnings) {
      const remedy = notices().remarks.openMissing;
      this.#context.activity.addNotice({
        id: newId('notice'),
        subject: notices().subjects.earlierScans,
        code,
        message,
        remedy,
      });
    }
  }

  #analyse(): void {
    const current = this.#current === undefined ? undefined : this.chosen(this.#current);
    const others = this.others()
      .filter((point, k) => k < MAX_ANALYSED || point.isShown || this.#wanted.has(point.studyInstanceUid))
      .flatMap(({ studyInstanceUid }) => this.chosen(studyInstanceUid) ?? []);
    // Without another study nothing is compared.
    if (current !== undefined && others.length > 0) this.readiness.analyse([current, ...others]);
  }

  #findCurrent(): string | undefined {
    const { host, urlStudies } = this.#context;
    const loaded = loadedSeries(host);
    const opened = urlStudies().filter((study) => loaded.some((series) => series.studyInstanceUid === study));
    const studies = opened.length > 0 ? opened : [...loadedStudies(host)];
    const ofStudy = (study: string): LoadedSeries | undefined =>
      loaded.find((series) => series.studyInstanceUid === study);
    const [first] = studies.flatMap((study) => ofStudy(study) ?? []);
    if (first === undefined) return undefined;
    const [newest] = studies
      .flatMap((study) => ofStudy(study) ?? [])
      .filter((series) => samePatient(series, first))
      .sort((a, b) => digits(b.studyTime).localeCompare(digits(a.studyTime)));
    return newest?.studyInstanceUid;
  }

  #described(): ReadonlyMap<string, TimePointStudy> {
    const { current, priors = [] } = this.#answer ?? {};
    const studies = current === undefined ? priors : [current, ...priors];
    return new Map(studies.map((study) => [study.studyInstanceUid, study]));
  }

  #loadedOfPatient(): readonly LoadedSeries[] {
    const loaded = loadedSeries(this.#context.host);
    const own = loaded.find((series) => series.studyInstanceUid === this.#current);
    return own === undefined ? [] : loaded.filter((series) => samePatient(series, own));
  }

  #timePoint(
    study: string,
    described: TimePointStudy | undefined,
    loaded: readonly LoadedSeries[],
    shown: ReadonlySet<string>,
  ): TimePoint {
    const own = loaded.filter((series) => series.studyInstanceUid === study);
    const readable = this.#context.readableModalities.known;
    const series = described?.series.map(choiceOf) ?? loadedChoices(own, readable);
    const chosen = chosenOf(series, this.#wanted.get(study), shown);
    const modalities = described?.modalities ?? own.map(({ modality }) => modality);
    return {
      studyInstanceUid: study,
      date: dateOfDigits(this.timeOf(study)),
      modality: modalities.find((modality) => readable?.includes(modality)) ?? modalities[0] ?? '',
      description: described?.description ?? own[0]?.studyDescription ?? '',
      isCurrent: study === this.#current,
      isLoaded: own.length > 0,
      isShown: own.some(({ seriesInstanceUid }) => shown.has(seriesInstanceUid)),
      chosen,
      series,
      readiness: this.readiness.of(chosen),
    };
  }
}
