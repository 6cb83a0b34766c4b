import { availableParallelism } from 'node:os';
import { MemoryBudget } from '../admission/index.ts';
import type { Modules, Ports } from '../ports/index.ts';
import type { Logger } from '../access/index.ts';
import type { Config } from '../config/index.ts';
import { createEmbedder, previewImageOf, previewImageOfEmbedding } from '../embedding/index.ts';
import { createEmbeddingCache, embeddingKey, turnedEmbeddingKey } from '../embeddingCache/index.ts';
import { measuredCache, measuredModules } from '../metrics/index.ts';
import type { Metrics } from '../metrics/index.ts';
import { storeOf } from './shared.ts';
import { loadModels } from '../model/index.ts';
import type { Embedder } from '../embedding/index.ts';
import type { EmbeddingCache } from '../embeddingCache/index.ts';
import type { ModelRegistry } from '../model/index.ts';
import { createMatcher } from '../matching/index.ts';
import { encodeSimilarity } from '../similarityFormat/index.ts';
import { encodeField } from '../fieldFormat/index.ts';
import { sharedBytes } from '../search/index.ts';
import type { PointMatcher } from '../matching/index.ts';
import { buildReport, buildTimePointReport, createReportReader } from '../report/index.ts';
import { createFindingsReader } from '../findings/index.ts';
import { buildRegistration, createRegistrationReader } from '../registrationObject/index.ts';
import type { FindingsReader } from '../findings/index.ts';
import type { ReportReader } from '../report/index.ts';
import type { RegistrationReader } from '../registrationObject/index.ts';
import { createRegistrar } from '../warp/index.ts';
import type { Registrar } from '../warp/index.ts';
import { createFrameDecoder } from '../instances/index.ts';
import { readInstance, readVolume } from '../volumeAssembly/index.ts';
import type { FrameDecoder } from '../instances/index.ts';

/** The modules, opened: processes, threads and files. */
export interface OpenModules {
  readonly models: ModelRegistry;
  readonly embedder: Embedder;
  readonly decoder: FrameDecoder;
  readonly cache: Ports['cache'];
  /** Why the store of the embeddings cannot be used now; undefined where it can. */
  readonly storeProblem: () => Promise<string | undefined>;
  /** Removes the embeddings of a series, or of a study, that the PACS holds no more. */
  readonly dropOf: EmbeddingCache['dropOf'];
  readonly memory: MemoryBudget;
  readonly matcher: PointMatcher;
  readonly modules: Modules;
  close(): Promise<void>;
}

/** Threads that a configured number means: 0 is one per core. */
export function threadsOf(configured: number): number {
  return configured === 0 ? availableParallelism() : configured;
}

/** What reads documents of the PACS, each in a thread of its own. */
interface Readers {
  readonly reports: ReportReader;
  readonly findings: FindingsReader;
  readonly registrations: RegistrationReader;
}

function openReaders(): Readers {
  return {
    reports: createReportReader(),
    findings: createFindingsReader(),
    registrations: createRegistrationReader(),
  };
}

async function closeReaders(readers: Readers): Promise<void> {
  await Promise.all(
    Object.values<{ close(): Promise<void> }>({ ...readers }).map((reader) => reader.close()),
  );
}

function assembleModules(
  decoder: FrameDecoder,
  { matcher, registrar }: { readonly matcher: PointMatcher; readonly registrar: Registrar },
  readers: Readers,
): Modules {
  return {
    readVolume: (instances, options) => readVolume(instances, { ...options, decoder }),
    readInstance: (part10, known) => readInstance(part10, decoder, known),
    embeddingKey,
    turnedEmbeddingKey,
    previewImageOf,
    previewImageOfEmbedding,
    previewPoints: (request) => matcher.previewPoints(request),
    findPose: (query, target, signal) =>
      matcher.findPose({ query, target, signal, previewImageOf: previewImageOfEmbedding }),
    matchPoints: (request) => matcher.matchPoints(request),
    computeField: async (request) => encodeField(await matcher.deformation(request)),
    registerPair: (request) => registrar.register(request),
    warpSeries: (request) => registrar.warp(request),
    computeSimilarity: async (request) => encodeSimilarity(await matcher.similarity(request)),
    buildReport,
    buildRegistration,
    readRegistration: (part10) => readers.registrations.readRegistration(part10),
    buildTimePointReport,
    readReport: (part10) => readers.reports.readReport(part10),
    readFindings: (part10) => readers.findings.readFindings(part10),
  };
}

async function openCache(
  config: Config,
  memory: MemoryBudget,
  role: 'owner' | 'guest',
  logger: Logger,
): Promise<EmbeddingCache> {
  const { cacheDirectory: directory, cacheMaxBytes: maxBytes } = config.embedding;
  const cache = await createEmbeddingCache({
    ...{ directory, maxBytes, role, logger, store: storeOf(config) },
    memoryCapacity: () => memory.freeBytes,
    bytesOf: sharedBytes,
  });
  memory.keep(cache);
  return cache;
}

/**
 * Opens what the configuration describes. A model that cannot be loaded is logged and omitted.
 * @throws SamepointError of `embedding/` when the models' folder or the cache cannot be used, or when the default model
 * that the configuration names is not there.
 * @param cacheRole `guest` for a command that may run beside a server.
 * @param metrics where the work of the modules is measured
 */
export async function openModules(
  config: Config,
  logger: Logger,
  cacheRole: 'owner' | 'guest',
  metrics?: Metrics,
): Promise<OpenModules> {
  const { embedding } = config;
  const models = await loadModels(config.models.directory);
  for (const failure of models.failures) logger.error({ err: failure }, 'a model is omitted');
  if (config.models.default !== undefined) models.get(config.models.default);
  const memory = MemoryBudget.of(config.memory.maxBytes);
  const cache = await openCache(config, memory, cacheRole, logger);
  const embedder = createEmbedder({
    models,
    providers: embedding.providers,
    threads: threadsOf(embedding.threads),
    ...(metrics && { onStage: metrics.stage.bind(metrics) }),
  });
  const decoder = createFrameDecoder({ threads: threadsOf(embedding.decodeThreads) });
  const matcher = createMatcher();
  const registrar = createRegistrar();
  const readers = openReaders();
  const modules = assembleModules(decoder, { matcher, registrar }, readers);
  return {
    models,
    embedder,
    decoder,
    cache: metrics === undefined ? cache : measuredCache(cache, metrics),
    storeProblem: () => cache.problem(),
    dropOf: (series) => cache.dropOf(series),
    memory,
    matcher,
    modules: metrics === undefined ? modules : measuredModules(modules, metrics),
    async close() {
      const threads = [decoder.close(), matcher.close(), registrar.close(), closeReaders(readers)];
      await Promise.all([embedder.close(), ...threads, cache.close()]);
    },
  };
}
