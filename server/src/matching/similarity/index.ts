/** Where a series looks like one point of another. @module */
export { encodeSimilarity, SIMILARITY_MEDIA_TYPE } from './encoding.ts';
export { similarityWith } from './similarityWith.ts';
export type { PointSimilarity, SimilarityRequest } from './types.ts';
