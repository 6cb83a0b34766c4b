import { SingleFlight } from '../concurrency/index.ts';
import type { Model } from '../model/index.ts';
import type { DicomwebSource, SeriesRef } from '../dicomweb/index.ts';
import type { ConfirmedPair } from '../report/index.ts';
import { canonicalRef, createAccess, createSources, noticingMissing, ONLY_SOURCE } from '../access/index.ts';
import type { Access, Caller, GrantedSeries, Sources } from '../access/index.ts';
import { auditing, recordingGrants } from './auditing.ts';
import { createEmbeddings, createPoses } from '../seriesEmbeddings/index.ts';
import type { EmbeddingLimits, Embeddings, EmbeddingPlan, Poses, Load } from '../seriesEmbeddings/index.ts';
import { planField } from './fields/planField.ts';
import type { FieldFlights, FieldParts, FieldPlan } from './fields/planField.ts';
import { planSimilarity } from './fields/planSimilarity.ts';
import type { FieldRequest } from './fields/types.ts';
import type { LandmarkOutcome, WireTemplate } from '../landmarks/index.ts';
import { landmarksIn, templateFrom } from './landmarks.ts';
import { planMatch } from './matches.ts';
import { listFindings, listReports, ReportStore } from '../studyDocuments/index.ts';
import type { FindingList, FindingsRequest, TimePointSave, ReportList } from '../studyDocuments/index.ts';
import { keepingModules } from './keeping.ts';
import type { Ports } from '../ports/index.ts';
import { listPriors } from '../priors/index.ts';
import type { PriorList, PriorsRequest } from '../priors/types.ts';
import { summariesOf } from './modelSummaries.ts';
import { PacsStores } from './pacsStores.ts';
import { PairRegistrations } from './pairRegistrations/plan.ts';
import { listRegistrations } from './registrations/list.ts';
import type { RegistrationList, RegistrationSave } from './registrations/types.ts';
import type { WorkHandler } from '../work/index.ts';
import { createPerformer } from './work/perform.ts';
import type {
  Health,
  LandmarksRequest,
  MatchRequest,
  MatchResult,
  ModelSummary,
  Plan,
  ReadySeries,
  ReportRef,
  Samepoint,
  SourceSummary,
  TemplateRequest,
} from './types.ts';
import type { StoreOptions } from '../pacsObjects/index.ts';

/**
 * For how long at most it is relied on that the PACS holds the images of an embedding, ms: one look a second and series under
 * a live cursor, one a click otherwise.
 */
const CONTENT_VALID_FOR_MS = 1_000;

/** Options of the application beside its ports. */
export interface SamepointOptions extends Pick<
  EmbeddingLimits,
  'queueLimit' | 'queueLimitPerCaller' | 'volumesAtOnce'
> {
  readonly version: string;
  /** Time for which a grant of the PACS is remembered per caller; 0 sends a request each time. */
  readonly memoMs: number;
  /** True where work is done before a reader requests it, here or by a server with the same store. */
  readonly precomputes?: boolean;
  /** Model of requests that name none; the registry's own default where absent. */
  readonly defaultModel?: string | undefined;
}

class Application implements Samepoint {
  readonly #ports: Ports;
  readonly #options: SamepointOptions;
  readonly #access: Access;
  readonly #embeddings: Embeddings;
  readonly #poses: Poses;
  readonly #modulesFor: ReturnType<typeof keepingModules>;
  readonly #fieldFlights: FieldFlights = new SingleFlight();
  readonly #pairRegistrations: PairRegistrations;
  readonly #sources: Sources;
  readonly #reports: ReportStore;
  readonly #stores: PacsStores;

  constructor(ports: Ports, options: SamepointOptions) {
    this.#ports = ports;
    this.#options = options;
    const { source, monotonic } = ports;
    this.#sources =
      ports.sources ?? createSources([{ name: ONLY_SOURCE, client: source, ohifDataSources: [] }]);
    const access = createAccess(source, { memoMs: options.memoMs, clock: monotonic });
    this.#access = recordingGrants(noticingMissing(access, ports.onMissing));
    this.#modulesFor = keepingModules(ports, options);
    this.#embeddings = createEmbeddings(ports, {
      ...options,
      contentValidForMs: Math.min(options.memoMs, CONTENT_VALID_FOR_MS),
      onChange: (series) => {
        this.#access.forget(series);
      },
    });
    this.#poses = createPoses(ports);
    this.#pairRegistrations = new PairRegistrations({ ...ports, ...this.#embedded });
    const algorithm = { name: 'Samepoint', version: options.version, parameters: [] };
    const clientOf = (name: string | undefined): DicomwebSource => this.#sources.client(name);
    const { version: softwareVersion } = options;
    this.#stores = new PacsStores({ access: this.#access, softwareVersion, ...ports }, clientOf);
    this.#reports = new ReportStore({ access: this.#access, algorithm, ...ports, clientOf });
  }

  get #embedded(): Pick<FieldParts, 'access' | 'embeddings' | 'poses'> {
    return { access: this.#access, embeddings: this.#embeddings, poses: this.#poses };
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

  sources(): readonly SourceSummary[] {
    return this.#sources.all.map(({ name, ohifDataSources }) => ({ name, ohifDataSources }));
  }

  load(): Load {
    return this.#embeddings.load;
  }

  models(): readonly ModelSummary[] {
    return summariesOf(this.#ports.models, this.#defaultModelId());
  }

  async planEmbedding(
    series: SeriesRef,
    modelId: string | undefined,
    caller: Caller,
    signal?: AbortSignal,
  ): Promise<Plan<ReadySeries>> {
    const model = this.#model(modelId);
    const ref = canonicalRef(series, this.#sources, caller);
    const { granted, plan } = await this.#admit(ref, model, caller, signal);
    const { cache } = this.#ports;
    return {
      ...{ ready: plan.ready, series: [granted.series] },
      async run(options) {
        // No reader waits for what is embedded speculatively.
        const { warnings } = (await plan.run({ ...options, urgency: 'background' })).volume;
        if (options?.isStored === true) await cache.persist(plan.key);
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
    const series = canonicalRef(request.series, this.#sources, caller);
    const { plan } = await this.#admit(series, model, caller, signal);
    return await templateFrom(request, model, plan);
  }

  async findLandmarks(
    request: LandmarksRequest,
    caller: Caller,
    signal?: AbortSignal,
  ): Promise<readonly LandmarkOutcome[]> {
    const model = this.#model(request.templates[0]?.model.id);
    const series = canonicalRef(request.series, this.#sources, caller);
    const { plan } = await this.#admit(series, model, caller, signal);
    return await landmarksIn(request, model, plan, this.#ports.modules, signal);
  }

  async planMatch(
    request: MatchRequest,
    caller: Caller,
    signal?: AbortSignal,
  ): Promise<Plan<MatchResult, MatchResult>> {
    const parts = { ...this.#ports, ...this.#embedded, modules: this.#modulesFor(request) };
    const canonical = {
      ...request,
      query: canonicalRef(request.query, this.#sources, caller),
      targets: request.targets.map((target) => canonicalRef(target, this.#sources, caller)),
    };
    return await planMatch(canonical, this.#model(request.model), caller, parts, signal);
  }

  /** Does the orders of other processes. */
  performer(): WorkHandler {
    return createPerformer({
      ports: this.#ports,
      admit: async ({ model, series, caller }, signal) =>
        await this.#admit(series, this.#model(model), caller, signal),
      planField: (request, caller, signal) => this.planField(request, caller, signal),
    });
  }

  async planField(request: FieldRequest, caller: Caller, signal?: AbortSignal): Promise<FieldPlan> {
    const canonical = this.#canonicalPair(request, caller);
    const { cache, modules, logger, source, work } = this.#portsOf(canonical.query.source);
    const parts = { ...this.#embedded, cache, modules, logger, source, work, flights: this.#fieldFlights };
    return await planField(canonical, this.#model(request.model), caller, parts, signal);
  }

  async planPairRegistration(
    ...[request, caller, signal]: Parameters<Samepoint['planPairRegistration']>
  ): ReturnType<Samepoint['planPairRegistration']> {
    const pair = this.#canonicalPair(request, caller);
    return await this.#pairRegistrations.plan(pair, this.#model(request.model), caller, signal);
  }

  async sendWarped(...args: Parameters<Samepoint['sendWarped']>): Promise<void> {
    await this.#pairRegistrations.send(...args);
  }

  async planSimilarity(
    ...[request, caller, signal]: Parameters<Samepoint['planSimilarity']>
  ): ReturnType<Samepoint['planSimilarity']> {
    const canonical = this.#canonicalPair(request, caller);
    const parts = { ...this.#embedded, ...this.#portsOf(canonical.query.source) };
    return await planSimilarity(canonical, this.#model(request.model), caller, parts, signal);
  }

  async authorize(series: readonly SeriesRef[], caller: Caller, signal?: AbortSignal): Promise<void> {
    await Promise.all(series.map((one) => this.#access.grant(one, caller, signal)));
  }

  async storeReport(
    pairs: readonly ConfirmedPair[],
    caller: Caller,
    options?: StoreOptions,
  ): Promise<ReportRef> {
    const canonical = pairs.map((pair) => ({
      ...pair,
      current: canonicalRef(pair.current, this.#sources, caller),
      prior: canonicalRef(pair.prior, this.#sources, caller),
    }));
    return await this.#reports.store(canonical, caller, options);
  }

  /** The ports of one PACS. */
  #portsOf(source: string | undefined): Ports {
    return { ...this.#ports, source: this.#sources.client(source) };
  }

  #canonicalPair<P extends Pick<FieldRequest, 'query' | 'target'>>(pair: P, caller: Caller): P {
    return {
      ...pair,
      query: canonicalRef(pair.query, this.#sources, caller),
      target: canonicalRef(pair.target, this.#sources, caller),
    };
  }

  /** Stores the map of a pair in the PACS of its query. */
  async storeRegistration(
    save: RegistrationSave,
    caller: Caller,
    options?: StoreOptions,
  ): Promise<ReportRef> {
    const canonical = this.#canonicalPair(save, caller);
    const { query, target, model } = canonical;
    const plan = await this.planField({ query, target, model }, caller, options?.signal);
    const field = await plan.run({ signal: options?.signal });
    return await this.#stores.of(query.source).registrations.store(canonical, field, caller, options);
  }

  async listRegistrations(
    pair: Pick<FieldRequest, 'query' | 'target'>,
    caller: Caller,
    signal?: AbortSignal,
  ): Promise<RegistrationList> {
    const canonical = this.#canonicalPair(pair, caller);
    const { source, logger } = this.#portsOf(canonical.query.source);
    return await listRegistrations(canonical, caller, { access: this.#access, source, logger }, signal);
  }

  async storeTimePointReport(
    save: TimePointSave,
    caller: Caller,
    options?: StoreOptions,
  ): Promise<ReportRef> {
    const canonical = canonicalRef(save, this.#sources, caller);
    return await this.#stores.of(canonical.source).timePoints.store(canonical, caller, options);
  }

  async listReports(
    studyInstanceUid: string,
    caller: Caller,
    signal?: AbortSignal,
    source?: string,
  ): Promise<ReportList> {
    const ports = this.#portsOf(this.#sources.canonical(source, caller.dataSource));
    return await listReports(studyInstanceUid, caller, ports, signal);
  }

  async listFindings(request: FindingsRequest, caller: Caller, signal?: AbortSignal): Promise<FindingList> {
    const ports = this.#portsOf(this.#sources.canonical(request.source, caller.dataSource));
    return await listFindings(request, caller, ports, signal);
  }

  async listPriors(request: PriorsRequest, caller: Caller, signal?: AbortSignal): Promise<PriorList> {
    const { logger } = this.#ports;
    const { modalities } = this.#model(request.model);
    const sourceName = this.#sources.canonical(request.source, caller.dataSource);
    const source = this.#sources.client(sourceName);
    const { all } = this.#sources;
    const otherSources = all.length < 2 ? undefined : all.filter(({ client }) => client !== source);
    const parts = { source, sourceName, logger, modalities, ...(otherSources && { otherSources }) };
    return await listPriors(request, caller, parts, signal);
  }
}

/** What a worker does with the orders of other processes, with the same checks as a process that does its own. */
export function createWorkHandler(ports: Ports, options: SamepointOptions): WorkHandler {
  return new Application(ports, options).performer();
}

/** Puts the modules together. Holds no connection of its own: whoever made the ports closes them. */
export function createSamepoint(ports: Ports, options: SamepointOptions): Samepoint {
  return auditing(new Application(ports, options), ports.audit);
}
