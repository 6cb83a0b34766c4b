/**
 * Embeddings and the fields of pairs, kept in memory and in a store.
 * @module
 */
export { createEmbeddingCache, NEVER_PUT } from './cache.ts';
export type {
  CacheLogger,
  EmbeddingCache,
  EmbeddingCacheOptions,
  PutOutcome,
  StoreSettings,
} from './cache.ts';
export type { FieldKey } from './fieldFile.ts';
export type { DroppedSeries } from './seriesFiles.ts';
export { embeddingKey, turnedEmbeddingKey } from './key.ts';
export type { EmbeddingKey, KeyedSeries } from './key.ts';
