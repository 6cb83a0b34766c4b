/** Files of named points: CSV, 3D Slicer, DICOM. @module */
export { toCsv } from './csv.ts';
export type { Cell } from './csv.ts';
export { readPoints } from './readPoints.ts';
export { writeMarkups } from './slicerMarkups.ts';
export type { NamedPoint } from './types.ts';
