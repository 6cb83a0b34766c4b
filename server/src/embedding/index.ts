/** Volume to embedding: models, the inference process and the cache. @module */
export { createEmbeddingCache } from './cache.ts';
export type { CacheLogger, EmbeddingCache, EmbeddingCacheOptions, PutOutcome } from './cache.ts';
export { createEmbedder } from './embedder.ts';
export type { Embedder, EmbedderOptions, EmbedOptions } from './embedder.ts';
export type { ExecutionProviderReport } from './inferenceProcess.ts';
export { embeddingKey } from './key.ts';
export type { EmbeddingKey, KeyedSeries } from './key.ts';
export { importModel, PUBLISHED_KINDS } from './import/index.ts';
export type { ImportReport, ImportRequest, PublishedKind } from './import/index.ts';
export type { ErrorCalibration, Manifest, RoleWeights } from './manifest.ts';
export { EXECUTION_PROVIDERS } from './protocol.ts';
export type { ExecutionProvider } from './protocol.ts';
export { createRegistry, loadModels } from './registry.ts';
export type { Model, ModelRegistry } from './registry.ts';
export { thumbnailOf, thumbnailOfEmbedding } from './thumbnail.ts';
export type {
  Embedding,
  EmbeddingMap,
  EmbedProgress,
  ImageMap,
  MapRole,
  SeriesOrigin,
  Thumbnail,
} from './types.ts';
