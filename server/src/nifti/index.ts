/**
 * Volumes and vector images in NIfTI-1 files.
 * @module
 */
export { readNifti } from './readNifti.ts';
export { bytesOf, niftiHeader } from './writeHeader.ts';
export { writeNifti } from './writeNifti.ts';
