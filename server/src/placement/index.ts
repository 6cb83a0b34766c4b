/**
 * A first guess of how two series lie to each other, from all of their voxels.
 * @module
 */
export { edgeComparison } from './gradients/edges.ts';
export { placementByEdges, placementByVectors } from './placements.ts';
export type { FirstGuess, KnownMap, Placement } from './firstGuess.ts';
