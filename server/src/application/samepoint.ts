import type { Model } from '../model/index.ts';
import type { SeriesRef } from '../dicomweb/index.ts';
import type { ConfirmedPair } from '../report/index.ts';
import { createAccess } from './access.ts';
import type { Access, GrantedSeries } from './access.ts';
import { auditing, recordingGrants } from './auditing.ts';
import { createEmbeddings } from './embeddings.ts';
import type { EmbeddingLimits, Embeddings, EmbeddingPlan } from './embeddings.ts';
import type { LandmarkOutcome, WireTemplate } from '../landmarks/index.ts';
import { landmarksIn, templateFrom } from './landmarks.ts';
import { planMatch } from './matches.ts';
import { listFindings } from './findings/findingList.ts';
import type { FindingList, FindingsRequest } from './findings/types.ts';
import type { Ports } from './ports.ts';
import { listPriors } from './priors/priorList.ts';
import type { PriorList, PriorsRequest } from './priors/types.ts';
import { createPoses } from './poses.ts';
import type { Poses } from './poses.ts';
import { listReports } from './reportList.ts';
import { ReportStore } from './reportStore.ts';
import { TimePointStore } from './timePoints/store.ts';
import type { TimePointSave } from './timePoints/types.ts';
import type {
  Caller,
  Health,
  LandmarksRequest,
  MatchRequest,
  MatchResult,
  ModelSummary,
  Plan,
  ReadySeries,
  ReportList,
  ReportRef,
  Samepoint,
  StoreOptions,
  TemplateRequest,
} from './types.ts';

/**
 * For how long at most it is relied on that the PACS holds the images of an embedding, ms: one look a second and series under
 * a live cursor, one a click otherwise.
 */
const CONTENT_VALID_FOR_MS = 1_000;

/** Options of the application beside its ports. */
export interface SamepointOptions extends Pick<EmbeddingLimits, 'queueLimit' | 'queueLimitPerCaller'> {
  readonly version: string;
  /** Time for which a grant of the PACS is remembered per caller; 0 sends a request each time. */
  readonly memoMs: number;
  /** Model of requests that name none; the registry's own default where absent. */
  readonly defaultModel?: string | undefined;
}

class Application implements Samepoint {
  readonly #ports: Ports;
  readonly #options: SamepointOptions;
  readonly #access: Access;
  readonly #embeddings: Embeddings;
  readonly #poses: Poses;
  readonly #reports: ReportStore;
  readonly #timePoints: TimePointStore;

  constructor(ports: Ports, options: SamepointOptions) {
    this.#ports = ports;
    this.#options = options;
    const { source, monotonic } = ports;
    this.#access = recordingGrants(createAccess(source, { memoMs: options.memoMs, clock: monotonic }));
    this.#embeddings = createEmbeddings(ports, {
      queueLimit: options.queueLimit,
      queueLimitPerCaller: options.queueLimitPerCaller,
      contentValidForMs: Math.min(options.memoMs, CONTENT_VALID_FOR_MS),
      onChange: (series) => {
        this.#access.forget(series);
      },
    });
    this.#poses = createPoses(ports);
    const algorithm = { name: 'Samepoint', version: options.version, parameters: [] };
    this.#reports = new ReportStore({ access: this.#access, algorithm, ...ports });
    const softwareVersion = options.version;
    this.#timePoints = new TimePointStore({ access: this.#access, softwareVersion, ...ports });
  }

  #model(id: string | undefined): Model {
    return this.#ports.models.get(id ?? this.#options.defaultModel);
  }

  #defaultModelId(): string | undefined {
    const { models } = this.#ports.models;
    const { defaultModel } = this.#options;
    return (defaultModel === undefined ? models[0] : models.find(({ id }) => id === defaultModel))?.id;
  }

  health(): Health {
    const model = this.#defaultModelId();
    return {
      status: model === undefined ? 'degraded' : 'ok',
      version: this.#options.version,
      model: model ?? null,
      executionProvider: this.#ports.embedder.executionProvider.running ?? null,
      warnings: [],
    };
  }

  models(): readonly ModelSummary[] {
    const defaultId = this.#defaultModelId();
    const summaries = this.#ports.models.models.map(({ id, title, kind, modalities, region }) => ({
      id,
      title,
      kind,
      modalities,
      region,
      default: id === defaultId,
    }));
    return summaries.sort((a, b) => Number(b.default) - Number(a.default));
  }

  async planEmbedding(
    series: SeriesRef,
    modelId: string | undefined,
    caller: Caller,
    signal?: AbortSignal,
  ): Promise<Plan<ReadySeries>> {
    const model = this.#model(modelId);
    const { granted, plan } = await this.#admit(series, model, caller, signal);
    return {
      ready: plan.ready,
      series: [granted.series],
      async run(options) {
        const { warnings } = (await plan.run(options)).volume;
        return { state: 'ready', ...granted.series, model: model.id, warnings };
      },
    };
  }

  /** A second time where the first one found that the PACS holds other images: they are listed anew. */
  async #admit(
    series: SeriesRef,
    model: Model,
    caller: Caller,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly granted: GrantedSeries; readonly plan: EmbeddingPlan }> {
    for (let again = false; ; again = true) {
      const granted = await this.#access.grant(series, caller, signal);
      const candidate = await this.#embeddings.candidate(granted, model, caller, signal);
      const plan = await this.#embeddings.plan(granted, model, caller, candidate);
      if (!plan.isOutdated || again) return { granted, plan };
    }
  }

  async makeTemplate(request: TemplateRequest, caller: Caller, signal?: AbortSignal): Promise<WireTemplate> {
    const model = this.#model(request.model);
    const { plan } = await this.#admit(request.series, model, caller, signal);
    return await templateFrom(request, model, plan);
  }

  async findLandmarks(
    request: LandmarksRequest,
    caller: Caller,
    signal?: AbortSignal,
  ): Promise<readonly LandmarkOutcome[]> {
    const model = this.#model(request.templates[0]?.model.id);
    const { plan } = await this.#admit(request.series, model, caller, signal);
    return await landmarksIn(request, model, plan, this.#ports.modules, signal);
  }

  async planMatch(
    request: MatchRequest,
    caller: Caller,
    signal?: AbortSignal,
  ): Promise<Plan<MatchResult, MatchResult>> {
    const { modules, logger } = this.#ports;
    const parts = { access: this.#access, embeddings: this.#embeddings, poses: this.#poses, modules, logger };
    return await planMatch(request, this.#model(request.model), caller, parts, signal);
  }

  async authorize(series: readonly SeriesRef[], caller: Caller, signal?: AbortSignal): Promise<void> {
    await Promise.all(series.map((one) => this.#access.grant(one, caller, signal)));
  }

  storeReport(pairs: readonly ConfirmedPair[], caller: Caller, options?: StoreOptions): Promise<ReportRef> {
    return this.#reports.store(pairs, caller, options);
  }

  storeTimePointReport(save: TimePointSave, caller: Caller, options?: StoreOptions): Promise<ReportRef> {
    return this.#timePoints.store(save, caller, options);
  }

  listReports(studyInstanceUid: string, caller: Caller, signal?: AbortSignal): Promise<ReportList> {
    return listReports(studyInstanceUid, caller, this.#ports, signal);
  }

  listFindings(request: FindingsRequest, caller: Caller, signal?: AbortSignal): Promise<FindingList> {
    return listFindings(request, caller, this.#ports, signal);
  }

  async listPriors(request: PriorsRequest, caller: Caller, signal?: AbortSignal): Promise<PriorList> {
    const { source, logger } = this.#ports;
    const { modalities } = this.#model(request.model);
    return await listPriors(request, caller, { source, logger, modalities }, signal);
  }
}

/** Puts the modules together. Holds no connection of its own: whoever made the ports closes them. */
export function createSamepoint(ports: Ports, options: SamepointOptions): Samepoint {
  return auditing(new Application(ports, options), ports.audit);
}
