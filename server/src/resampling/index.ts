/**
 * Volumes and slices to working grids.
 * @module
 */
export { reducedVoxels, voxelsOf } from './reduction/source.ts';
export type { Sampling } from './reduction/types.ts';
export { averages, resample, resampleCooperatively } from './resample.ts';
