/**
 * Embeddings of series of the PACS, on request: read and embedded, or of the cache and checked against the PACS; and the gross pose of pairs.
 * @module
 */
export { createEmbeddings } from './embeddings.ts';
export type { Candidate, EmbeddingLimits, EmbeddingPlan, Embeddings } from './embeddings.ts';
export { createPoses } from './poses.ts';
export type { AlignedTarget, Poses } from './poses.ts';
export { combineProgress } from './progress.ts';
export type { Load, Progress, RunOptions, Stage } from './types.ts';
