/**
 * Image pyramids for registration: intensities on coarser and coarser grids, without what was not acquired.
 * @module
 */
export { NOT_ACQUIRED } from './layout.ts';
export { LEVEL_STEP, huOf, mapHu } from './level.ts';
export type { Level } from './level.ts';
export { pyramidOf } from './pyramid.ts';
export type { Pyramid } from './pyramid.ts';
