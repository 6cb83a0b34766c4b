/**
 * How much each place of a series looks like one point of another, as bytes (docs/fields.md).
 * @module
 */
export { encodeSimilarity, SIMILARITY_MEDIA_TYPE } from './encoding.ts';
export type { PointSimilarity } from './types.ts';
