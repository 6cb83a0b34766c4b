import type { Caller } from '../access/types.ts';
import type { Landmark, LandmarkOutcome, WireTemplate } from '../landmarks/index.ts';
import type { Match, MatchMethod, QueryPoint } from '../matching/index.ts';
import type { SeriesRef } from '../dicomweb/index.ts';
import type { SamepointError } from '../errors/index.ts';
import type { ReportRef, StoreOptions } from '../pacsObjects/index.ts';
import type { ConfirmedPair } from '../report/index.ts';
import type { ReportList, FindingList, FindingsRequest, TimePointSave } from '../studyDocuments/index.ts';
import type { FieldRequest, PairField, PointSimilarityRequest } from './fields/types.ts';
import type { PairRegistration, PairRegistrationRequest, WarpOptions } from './pairRegistrations/types.ts';
import type { RegistrationList, RegistrationSave } from './registrations/types.ts';
import type { Load, RunOptions } from '../seriesEmbeddings/index.ts';
import type { PriorList, PriorsRequest } from '../priors/types.ts';

export type { ReportRef } from '../pacsObjects/index.ts';

/** How a piece of work is followed and cancelled, and, where the result needs long, looked at before it is there. */
export interface PlanOptions<Preview> extends RunOptions {
  /** First answers, less exact and perhaps not all; may come several times, each with all so far, never after the result. */
  readonly onPreview?: ((preview: Preview) => void) | undefined;
}

/**
 * Work that was admitted: the PACS has granted access, the request makes sense. `ready` work has all its embeddings at
 * hand and answers within a request; other work lasts as long as fetching and embedding its series. Without previews where
 * `Preview` is omitted.
 */
export interface Plan<Result, Preview = never> {
  readonly ready: boolean;
  /** The series of the result: only callers may see it to whom the PACS shows all of them. */
  readonly series: readonly SeriesRef[];
  run(options?: PlanOptions<Preview>): Promise<Result>;
}

/** A series whose embedding is at hand. */
export interface ReadySeries extends SeriesRef {
  readonly state: 'ready';
  readonly model: string;
  /** Deviations of the images that were accepted and compensated. */
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

/** Points of one series to be found in others. */
export interface MatchRequest {
  readonly query: SeriesRef;
  readonly targets: readonly SeriesRef[];
  readonly points: readonly QueryPoint[];
  /** The server's default where absent. */
  readonly model?: string | undefined;
  readonly method?: MatchMethod | undefined;
  /** True where answers of structural inference shall have their fixed points. */
  readonly fixedPoints?: boolean | undefined;
  /** True where no reader has requested it: what is found is kept for the one who will. */
  readonly isPrecomputed?: boolean | undefined;
}

/** What became of one point in one target series. */
export type MatchOutcome =
  | { readonly pointId: string; readonly target: SeriesRef; readonly ok: true; readonly match: Match }
  | {
      readonly pointId: string;
      readonly target: SeriesRef;
      readonly ok: false;
      readonly error: SamepointError;
    };

/** A deviation of the images of one series that was accepted, or where the model does not apply to the series. */
export interface SeriesWarning {
  readonly series: SeriesRef;
  readonly code: string;
  readonly message: string;
}

/** What a match request gives. */
export interface MatchResult {
  /** One per target and point. */
  readonly matches: readonly MatchOutcome[];
  /** Of the query, then of each target that was searched; none in a preview. */
  readonly warnings: readonly SeriesWarning[];
}

/** A model as callers see it. */
export interface ModelSummary {
  readonly id: string;
  readonly title: string;
  readonly kind: string;
  readonly modalities: readonly string[];
  readonly region: string;
  readonly default: boolean;
}

/** What runs. */
export interface Health {
  readonly status: 'ok' | 'degraded';
  readonly version: string;
  /** Id of the default model, null where none could be loaded. */
  readonly model: string | null;
  /** What runs the models; null until the first one was opened. */
  readonly executionProvider: string | null;
  /** What an administrator should look at. */
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

/** A PACS as callers see it. */
export interface SourceSummary {
  readonly name: string;
  /** Names of the data sources of OHIF that show it. */
  readonly ohifDataSources: readonly string[];
}

/** Landmarks of a series that shall become a template. */
export interface TemplateRequest {
  readonly series: SeriesRef;
  readonly landmarks: readonly Landmark[];
  /** The default one where absent. */
  readonly model?: string | undefined;
}

/** Templates to be searched in a series, all of one model. */
export interface LandmarksRequest {
  readonly series: SeriesRef;
  readonly templates: readonly WireTemplate[];
}

/**
 * Samepoint as its ways in see it: resources/ and cli/ parse, call one of these, and show the answer. Every method raises
 * errors of the catalogue.
 */
export interface Samepoint {
  health(): Health;
  load(): Load;
  /** The first one is that of requests that name none. */
  sources(): readonly SourceSummary[];
  models(): readonly ModelSummary[];
  /** Admits a request to embed one series. */
  planEmbedding(
    series: SeriesRef,
    model: string | undefined,
    caller: Caller,
    signal?: AbortSignal,
  ): Promise<Plan<ReadySeries>>;
  /** Admits a match request; one outcome per target and point, and the warnings of their series. */
  planMatch(
    request: MatchRequest,
    caller: Caller,
    signal?: AbortSignal,
  ): Promise<Plan<MatchResult, MatchResult>>;
  /** Admits a request for the whole map of a pair of series. */
  planField(request: FieldRequest, caller: Caller, signal?: AbortSignal): Promise<Plan<PairField>>;
  /** Admits a request to register a pair of series. */
  planPairRegistration(
    request: PairRegistrationRequest,
    caller: Caller,
    signal?: AbortSignal,
  ): Promise<Plan<PairRegistration>>;
  /** Resamples the moving series of a registered pair, while it is sent. */
  sendWarped(pair: PairRegistration, caller: Caller, options: WarpOptions): Promise<void>;
  /** Admits a request for where a series looks like one point of another. */
  planSimilarity(
    request: PointSimilarityRequest,
    caller: Caller,
    signal?: AbortSignal,
  ): Promise<Plan<PairField>>;
  /** A template of landmarks of an embedded series. @throws SamepointError `landmarks/not-embedded` */
  makeTemplate(request: TemplateRequest, caller: Caller, signal?: AbortSignal): Promise<WireTemplate>;
  /**
   * The landmarks of templates in an embedded series. The templates may be of other patients, and hold no images.
   * @throws SamepointError `landmarks/not-embedded`
   */
  findLandmarks(
    request: LandmarksRequest,
    caller: Caller,
    signal?: AbortSignal,
  ): Promise<readonly LandmarkOutcome[]>;
  /**
   * Resolves when the PACS shows every one of the series to the caller now, at most `memoMs` ago.
   * @throws SamepointError every error of `dicomweb/`
   */
  authorize(series: readonly SeriesRef[], caller: Caller, signal?: AbortSignal): Promise<void>;
  /**
   * Stores confirmed pairs as one DICOM SR. Resolves when the PACS has given it back unchanged. The same request again is the
   * same report.
   */
  storeReport(pairs: readonly ConfirmedPair[], caller: Caller, options?: StoreOptions): Promise<ReportRef>;
  /**
   * Stores what a reader has confirmed of the lesions of one study as one DICOM SR in this study, which replaces the earlier ones.
   * @throws SamepointError `application/report-changed` where somebody else has stored one that the reader has not seen
   */
  storeTimePointReport(save: TimePointSave, caller: Caller, options?: StoreOptions): Promise<ReportRef>;
  /** Stores the map of a pair, once it is at hand, as a DICOM registration object in the study of its query. */
  storeRegistration(save: RegistrationSave, caller: Caller, options?: StoreOptions): Promise<ReportRef>;
  /** The registration objects of a pair in its studies, whoever wrote them. */
  listRegistrations(
    pair: Pick<FieldRequest, 'query' | 'target'>,
    caller: Caller,
    signal?: AbortSignal,
  ): Promise<RegistrationList>;
  /** The reports of Samepoint in a study. */
  listReports(
    studyInstanceUid: string,
    caller: Caller,
    signal?: AbortSignal,
    source?: string,
  ): Promise<ReportList>;
  /** The findings of a study, whoever wrote them. */
  listFindings(request: FindingsRequest, caller: Caller, signal?: AbortSignal): Promise<FindingList>;
  /** The earlier studies of the patient of a study, and which of their series suit a comparison. */
  listPriors(request: PriorsRequest, caller: Caller, signal?: AbortSignal): Promise<PriorList>;
}
