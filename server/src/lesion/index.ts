/**
 * What images show of a lesion: its diameters, and what became of it between two scans.
 * @module
 */
export { proposeAxes } from './axes/proposeAxes.ts';
export type { Axes, ProposedAxes } from './axes/types.ts';
export { aroundPoint, aroundRegistered } from './change/image.ts';
export { LESION_CHANGES, lesionChange } from './change/lesionChange.ts';
export type { LesionChange } from './change/lesionChange.ts';
