/** A PACS and a server that precomputes its studies, both made up, for tests. Nothing of the product imports it. @module */
import type { Samepoint } from '../../application/index.ts';
import type { DicomJson } from '../../dicom/index.ts';
import type { QidoQuery, RequestOptions } from '../../dicomweb/index.ts';
import { SamepointError } from '../../errors/index.ts';
import type { ComparableSeries, PriorList, TimePointStudy } from '../../priors/types.ts';
import { NOTHING_KNOWN } from '../state.ts';
import type { ArrivalState, StateFile } from '../state.ts';
import { SourceWatch } from '../sourceWatch.ts';
import type { WatchedSource, WatchParts } from '../types.ts';

/** A study of the PACS. */
export interface FakeStudy {
  readonly day: string;
  readonly images: number;
  /** Its series; one of 100 images of CT where absent. */
  readonly series?: readonly Partial<ComparableSeries>[];
  readonly bodyPart?: string;
  readonly priors?: readonly string[];
  readonly hasReports?: boolean;
}

/** A series of a study as a list of time points has it. */
export function seriesOf(
  study: string,
  changes: Partial<ComparableSeries> = {},
  number = 1,
): ComparableSeries {
  const text = { description: '', modality: 'CT', images: 100, isComparable: true, reasons: [] };
  return { seriesInstanceUid: `${study}.${number}`, ...text, ...changes };
}

function unreachable(): SamepointError {
  return new SamepointError('dicomweb/unreachable', { operation: 'a search', reason: 'ECONNREFUSED' });
}

/** What happens, in its order: `embed`, `findings` and `match` with the study or series. */
export class FakeHospital {
  readonly studies = new Map<string, FakeStudy>();
  readonly done: string[] = [];
  readonly counts: string[] = [];
  readonly dropped: unknown[] = [];
  readonly queries: QidoQuery[] = [];
  readonly seenCredentials = new Set<string | undefined>();
  state: ArrivalState = NOTHING_KNOWN;
  isDown = false;
  now = new Date(2026, 10, 30, 12).getTime();
  /** Called before a series is embedded; what it throws is its error. */
  onEmbed: (series: string) => Promise<void> | void = () => undefined;

  #searchStudies(query: QidoQuery, options: RequestOptions): Promise<readonly DicomJson[]> {
    this.seenCredentials.add(options.authorization);
    this.queries.push(query);
    if (this.isDown) return Promise.reject(unreachable());
    const { StudyInstanceUID: uid, StudyDate: days = '' } = query;
    const [since = ''] = String(days).split('-');
    const found = [...this.studies].filter(([study, { day }]) =>
      uid === undefined ? day >= since : study === uid,
    );
    return Promise.resolve(
      found.map(([study, { day, images }]) => ({
        '0020000D': { vr: 'UI', Value: [study] },
        '00080020': { vr: 'DA', Value: [day] },
        '00201208': { vr: 'IS', Value: [images] },
      })),
    );
  }

  #searchSeries(study: string): Promise<readonly DicomJson[]> {
    const { bodyPart = '', series = [{}] } = this.studies.get(study) ?? { series: [] };
    return Promise.resolve(
      series.map((one, index) => ({
        '0020000E': { vr: 'UI', Value: [seriesOf(study, one, index + 1).seriesInstanceUid] },
        '00180015': { vr: 'CS', Value: [bodyPart] },
      })),
    );
  }

  #timePoint(study: string): TimePointStudy {
    const { series = [{}], hasReports = false } = this.studies.get(study) ?? {};
    const listed = series.map((one, index) => seriesOf(study, one, index + 1));
    return { studyInstanceUid: study, description: '', modalities: ['CT'], series: listed, hasReports };
  }

  readonly samepoint: WatchParts['samepoint'] = {
    listPriors: ({ studyInstanceUid: study }, { authorization }) => {
      this.seenCredentials.add(authorization);
      if (this.isDown) return Promise.reject(unreachable());
      const known = this.studies.get(study);
      if (known === undefined)
        return Promise.reject(new SamepointError('dicomweb/study-not-found', { operation: 'a search' }));
      const priors = (known.priors ?? []).map((prior) => this.#timePoint(prior));
      // Precomputing looks at the studies only.
      return Promise.resolve({ current: this.#timePoint(study), priors } as unknown as PriorList);
    },
    planEmbedding: async ({ studyInstanceUid, seriesInstanceUid }) => {
      await this.onEmbed(seriesInstanceUid);
      this.done.push(`embed ${seriesInstanceUid}`);
      const ready = {
        state: 'ready',
        studyInstanceUid,
        seriesInstanceUid,
        model: 'm',
        warnings: [],
      } as const;
      return { ready: true, series: [], run: () => Promise.resolve(ready) };
    },
    listFindings: ({ studyInstanceUid }) => {
      this.done.push(`findings ${studyInstanceUid}`);
      const finding = {
        lps: [1, 2, 3],
        frameOfReferenceUid: '1.9',
        number: 1,
        document: { sopInstanceUid: '1.8' },
      };
      return Promise.resolve({ findings: [finding] } as unknown as Awaited<
        ReturnType<Samepoint['listFindings']>
      >);
    },
    planMatch: ({ query, targets, points, isPrecomputed }) => {
      const places = points.map(({ lps }) => lps.join(' ')).join();
      const kept = isPrecomputed === true ? ' kept' : '';
      this.done.push(
        `match ${query.seriesInstanceUid} ${targets[0]?.seriesInstanceUid ?? ''} ${places}${kept}`,
      );
      return Promise.resolve({
        ready: true,
        series: [],
        run: () => Promise.resolve({ matches: [], warnings: [] }),
      });
    },
  };

  readonly #file: StateFile = {
    read: () => Promise.resolve(this.state),
    write: (state) => {
      this.state = JSON.parse(JSON.stringify(state)) as ArrivalState;
      return Promise.resolve();
    },
  };

  /** A watch of this PACS; another one begins with what was written. */
  watch(parts: Partial<WatchParts> = {}, source: Partial<WatchedSource> = {}): SourceWatch {
    const client = {
      searchStudies: (query: QidoQuery, options: RequestOptions = {}) => this.#searchStudies(query, options),
      searchSeries: (study: string) => this.#searchSeries(study),
    };
    return new SourceWatch(
      { name: 'main', client, by: 'poll', state: this.#file, ...source },
      {
        samepoint: this.samepoint,
        rules: [{ modalities: [], bodyParts: [], minimumSlices: 20, series: 1, priors: 2, findings: true }],
        times: { pollMs: 60_000, settleMs: 60_000, lookbackDays: 3 },
        studiesAtOnce: 1,
        maxPending: 10,
        authorization: () => Promise.resolve('Bearer own'),
        drop: (gone) => {
          this.dropped.push(gone);
          return Promise.resolve(1);
        },
        logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
        clock: () => this.now,
        onOutcome: (_source, outcome, count) => {
          this.counts.push(`${outcome} ${count}`);
        },
        ...parts,
      },
      new AbortController().signal,
    );
  }

  /** A study is sent. */
  send(study: string, more: Partial<FakeStudy> = {}): void {
    this.studies.set(study, { day: '20261130', images: 100, ...more });
  }

  /** Later, ms. */
  pass(ms: number): void {
    this.now += ms;
  }
}
