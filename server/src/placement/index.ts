/**
 * A first guess of how two series lie to each other, from all of their voxels.
 * @module
 */
export { placementByEdges } from './gradients/edges.ts';
export { placementByVectors } from './vectors/placement.ts';
export type { FirstGuess, Placement } from './firstGuess.ts';
