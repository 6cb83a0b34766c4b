/**
 * The instances of a series to a volume in patient LPS mm, or an error that says why not.
 * @module
 */
export { readInstance } from './compareInstance.ts';
export type { SingleInstance } from './compareInstance.ts';
export { requireHounsfield } from './hounsfield.ts';
export { readVolume } from './readVolume.ts';
export type { ReadVolumeOptions } from './readVolume.ts';
