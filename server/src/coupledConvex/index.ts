/**
 * Dense maps of a pair from its embeddings only: coupled convex optimisation, and its results made inverse consistent.
 * @module
 */
export { bothWays, denseShare } from './bothWays.ts';
export type { DenseShare } from './bothWays.ts';
export { coupledConvex, displacementAt, moved, OF_FIELD } from './coupledConvex.ts';
export type { ConvexSettings, DenseMap, Displacements } from './coupledConvex.ts';
export { inverseConsistent } from './inverseConsistent.ts';
