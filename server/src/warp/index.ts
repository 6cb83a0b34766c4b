/**
 * Whole series registered with each other: fields, their files, warped series and differences.
 * @module
 */
export { registerPair } from './register.ts';
export type { RegisterRequest, Registration } from './register.ts';
export { STAGES } from './types.ts';
export type { StageName } from './types.ts';
export { warpedImage } from './files/images.ts';
export { itkTransform, matrixOf } from './files/itkTransform.ts';
export { fieldFile } from './files/nifti.ts';
export { reportOf } from './report.ts';
