import { spineY } from './trunk.ts';
import type { Point } from './shapes.ts';

/** Places that every patient has, in the anatomical frame (see shapes.ts), mm; they lie where the anatomy is drawn. */
export const LANDMARKS: readonly { readonly name: string; readonly place: Point }[] = [
  { name: 'carina', place: [-2, 14, 104] },
  { name: 'liver', place: [-95, 10, -40] },
  { name: 'portal vein', place: [-20, 3, -52] },
  { name: 'gallbladder', place: [-52, -34, -72] },
  { name: 'spleen', place: [88, 36, -24] },
  { name: 'right kidney', place: [-74, 44, -88] },
  { name: 'left kidney', place: [74, 44, -78] },
  { name: 'aorta', place: [7, spineY(-82) - 25, -82] },
  { name: 'inferior vena cava', place: [-20, spineY(-86) - 26, -86] },
];
