/**
 * From the matches of a grid of points of a pair to a smooth map of every point.
 * @module
 */
export {
  draftFrom,
  draftOf,
  fieldOf,
  globalMatches,
  inverseFieldOf,
  localMatches,
  localNodesOf,
  neighbourMapFrom,
} from './neighbourMap.ts';
export type { Draft, NeighbourMap } from './neighbourMap.ts';
export { NODE_NUMBERS } from './layout.ts';
export { cycleWeight } from './pairs.ts';
export type { WeighedPair } from './pairs.ts';
export { packedPairs, SmoothField } from './smoothField.ts';
export type { Prediction } from './smoothField.ts';
