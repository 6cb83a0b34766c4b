/**
 * Whole series registered with each other: fields, their files, warped series and differences.
 * @module
 */
export { registerPair } from './register.ts';
export type { Registration } from './register.ts';
export { STAGES } from './types.ts';
export type { StageName } from './types.ts';
export { derivedInstances } from './dicom/derivedSeries.ts';
export type { DerivedSeries } from './dicom/derivedSeries.ts';
export { sourceSlices } from './dicom/sources.ts';
export { differenceFile, warpedImage, warpedIntegers } from './files/images.ts';
export { BLANK, differenceSlices } from './image/difference.ts';
export { bodyOf } from './register.ts';
export { itkTransform, matrixOf } from './files/itkTransform.ts';
export { fieldFile } from './files/fieldFile.ts';
export { reportOf } from './report.ts';
