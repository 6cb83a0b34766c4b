import type { Model } from '../embedding/index.ts';
import type { SeriesRef } from '../dicomweb/index.ts';
import type { ConfirmedPair } from '../report/index.ts';
import { createAccess } from './access.ts';
import type { Access } from './access.ts';
import { createEmbeddings } from './embeddings.ts';
import type { EmbeddingLimits, Embeddings } from './embeddings.ts';
import { planMatch } from './matches.ts';
import type { Ports } from './ports.ts';
import { listReports } from './reportList.ts';
import { storeReport } from './reports.ts';
import type {
  Caller,
  Health,
  MatchRequest,
  MatchResult,
  ModelSummary,
  Plan,
  ReadySeries,
  ReportList,
  ReportRef,
} from './types.ts';

/** What the application is told beside its ports. */
export interface SamepointOptions extends EmbeddingLimits {
  readonly version: string;
  /** Time for which a grant of the PACS is remembered per caller; 0 asks each time. */
  readonly memoMs: number;
  /** Model of requests that name none; the registry's own default where absent. */
  readonly defaultModel?: string | undefined;
}

/**
 * Samepoint as its ways in see it: http/ and cli/ parse, call one of these, and show the answer. Every method raises
 * errors of the catalogue.
 */
export interface Samepoint {
  health(): Health;
  models(): readonly ModelSummary[];
  /** Admits the preparation of one series. */
  planEmbedding(
    series: SeriesRef,
    model: string | undefined,
    caller: Caller,
    signal?: AbortSignal,
  ): Promise<Plan<ReadySeries>>;
  /** Admits a match request; one outcome per target and point, and the warnings of their series. */
  planMatch(request: MatchRequest, caller: Caller, signal?: AbortSignal): Promise<Plan<MatchResult>>;
  /** Stores confirmed pairs as one DICOM SR. Resolves when the PACS has given it back unchanged. */
  storeReport(pairs: readonly ConfirmedPair[], caller: Caller, signal?: AbortSignal): Promise<ReportRef>;
  /** The reports of Samepoint in a study. */
  listReports(studyInstanceUid: string, caller: Caller, signal?: AbortSignal): Promise<ReportList>;
}

class Application implements Samepoint {
  readonly #ports: Ports;
  readonly #options: SamepointOptions;
  readonly #access: Access;
  readonly #embeddings: Embeddings;

  constructor(ports: Ports, options: SamepointOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#access = createAccess(ports.source, { memoMs: options.memoMs, clock: ports.clock });
    this.#embeddings = createEmbeddings(ports, options);
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
    const granted = await this.#access.grant(series, caller, signal);
    const plan = await this.#embeddings.plan(granted, model, caller);
    return {
      ready: plan.ready,
      async run(options) {
        const { warnings } = (await plan.run(options)).volume;
        return { state: 'ready', ...granted.series, model: model.id, warnings };
      },
    };
  }

  async planMatch(request: MatchRequest, caller: Caller, signal?: AbortSignal): Promise<Plan<MatchResult>> {
    const { rooms, logger } = this.#ports;
    const parts = { access: this.#access, embeddings: this.#embeddings, rooms, logger };
    return await planMatch(request, this.#model(request.model), caller, parts, signal);
  }

  storeReport(pairs: readonly ConfirmedPair[], caller: Caller, signal?: AbortSignal): Promise<ReportRef> {
    const algorithm = { name: 'Samepoint', version: this.#options.version, parameters: [] };
    return storeReport(pairs, caller, { access: this.#access, algorithm, ...this.#ports }, signal);
  }

  listReports(studyInstanceUid: string, caller: Caller, signal?: AbortSignal): Promise<ReportList> {
    return listReports(studyInstanceUid, caller, this.#ports, signal);
  }
}

/** Puts the rooms together. Holds no connection of its own: whoever made the ports closes them. */
export function createSamepoint(ports: Ports, options: SamepointOptions): Samepoint {
  return new Application(ports, options);
}
