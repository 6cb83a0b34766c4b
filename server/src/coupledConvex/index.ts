/**
 * Dense maps of a pair from its embeddings only: coupled convex optimisation, and its results made inverse consistent.
 * @module
 */
export { coupledConvex, displacementAt, moved } from './coupledConvex.ts';
export type { ConvexSettings, DenseMap, Displacements } from './coupledConvex.ts';
export { inverseConsistent } from './inverseConsistent.ts';
