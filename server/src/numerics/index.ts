/**
 * Small linear systems, and the median.
 * @module
 */
export { median } from './median.ts';
export { factor, solveFactored, solveLeastNorm } from './solvers.ts';
export type { Symmetric3 } from './solvers.ts';
