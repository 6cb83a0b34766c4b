/** Where a series looks like one point of another. @module */
export { encodeSimilarity, SIMILARITY_MEDIA_TYPE } from './encoding.ts';
export { similarityOver } from './similarity.ts';
export { similarityWith } from './similarityWith.ts';
export type { PointSimilarity, SimilarityMap, SimilarityRequest } from './types.ts';
