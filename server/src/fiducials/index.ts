/**
 * DICOM Spatial Fiducials objects of named points, written and read.
 * @module
 */
export { buildFiducials } from './buildFiducials.ts';
export { readFiducials } from './readFiducials.ts';
