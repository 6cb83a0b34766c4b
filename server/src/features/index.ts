/** What series and embeddings are like around points: vectors and statistics. @module */
export { toNpy } from './npy.ts';
export { patchStatistics, STATISTICS, statisticsRow } from './patchStatistics.ts';
export type { PatchStatistics } from './patchStatistics.ts';
export { vectorsAt } from './vectorsAt.ts';
