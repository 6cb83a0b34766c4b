export { isCandidate } from './candidates.ts';
export { refine } from './refinement.ts';
export type { RefinedHit } from './refinement.ts';
export { CORNERS, dot, indexOf, latticeOf, locate } from './sampling.ts';
export type { Grid } from './sampling.ts';
export {
  RUNNER_UP_MM,
  bestBeyond,
  bestCandidate,
  bestCandidates,
  bestWithin,
  directionsAt,
  pointOfVoxel,
  similarityAt,
  topCandidates,
} from './search.ts';
export type { Hit, QueryDirections, TopCandidates } from './search.ts';
export { adoptEmbedding, shareEmbedding, sharedBytes } from './sharedEmbedding.ts';
export type { SharedEmbedding } from './sharedEmbedding.ts';
export { openSpace, withOwnWeights, withWeights } from './space.ts';
export type { SearchSpace } from './space.ts';
