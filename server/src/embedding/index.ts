/** Volume to embedding: models, the inference process and the cache. @module */
export { createEmbeddingCache, NEVER_PUT } from './cache/cache.ts';
export type {
  CacheLogger,
  EmbeddingCache,
  EmbeddingCacheOptions,
  PutOutcome,
  StoreSettings,
} from './cache/cache.ts';
export type { FieldKey } from './cache/fieldFile.ts';
export { createEmbedder } from './embedder.ts';
export type { Embedder, EmbedderOptions, EmbedOptions } from './embedder.ts';
export type { ExecutionProviderReport } from './process/inferenceProcess.ts';
export { hasLibrary, thisGraphicsMachine, webgpuLacks } from './inference/vulkan.ts';
export type { GraphicsMachine } from './inference/vulkan.ts';
export { embeddingKey, turnedEmbeddingKey } from './cache/key.ts';
export type { EmbeddingKey, KeyedSeries } from './cache/key.ts';
export { previewImageOf, previewImageOfEmbedding } from './input/previewImage.ts';
export type {
  Embedding,
  EmbeddingMap,
  EmbedProgress,
  ImageMap,
  MapRole,
  SeriesOrigin,
  PreviewImage,
} from './types.ts';
