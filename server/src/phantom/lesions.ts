import { ellipsoid } from './shapes.ts';
import type { Part, Point, Tissue } from './shapes.ts';

/** The two scans of the phantom, by the role they play in a follow-up reading. */
export type TimePointName = 'current' | 'prior';

/** A lesion of the phantom, in its anatomical frame (shapes.ts). */
export interface LesionSpec {
  readonly label: string;
  readonly centre: Point;
  readonly tissue: Tissue;
  /** Radius at each time point, mm; undefined where the lesion is absent. */
  readonly radiusMm: { readonly [name in TimePointName]: number | undefined };
}

const NODULE: Tissue = { hu: 42, grainHu: 5, wobbleMm: 0.4 };
const METASTASIS: Tissue = { hu: 52, grainHu: 5, wobbleMm: 0.6 };
const NODE: Tissue = { hu: 92, grainHu: 4, wobbleMm: 0.3 };
const CYST: Tissue = { hu: 6, grainHu: 2 };
const SCLEROSIS: Tissue = { hu: 620, grainHu: 30, wobbleMm: 0.4 };

/**
 * The lesions: most are in both scans, one has grown, one has come and two are gone. Every one lies well inside its organ, so that the
 * voxel at its centre shows it.
 */
export const LESIONS: readonly LesionSpec[] = [
  {
    label: 'Nodule, right upper lobe',
    centre: [-66, -22, 112],
    tissue: NODULE,
    radiusMm: { current: 5.5, prior: 5.5 },
  },
  {
    label: 'Nodule, left lower lobe (grown)',
    centre: [78, 44, 46],
    tissue: NODULE,
    radiusMm: { current: 8, prior: 5 },
  },
  {
    label: 'Nodule, right lower lobe (gone)',
    centre: [-44, 52, 34],
    tissue: NODULE,
    radiusMm: { current: undefined, prior: 6 },
  },
  {
    label: 'Metastasis, liver segment 7',
    centre: [-58, 40, 2],
    tissue: METASTASIS,
    radiusMm: { current: 11, prior: 9.5 },
  },
  {
    label: 'Metastasis, liver segment 4 (new)',
    centre: [-34, -36, -14],
    tissue: METASTASIS,
    radiusMm: { current: 6.5, prior: undefined },
  },
  {
    label: 'Lymph node, right paratracheal',
    centre: [-20, 8, 122],
    tissue: NODE,
    radiusMm: { current: 7, prior: 6.5 },
  },
  {
    label: 'Lymph node, retroperitoneal (gone)',
    centre: [30, 26, -112],
    tissue: NODE,
    radiusMm: { current: undefined, prior: 5.5 },
  },
  {
    label: 'Cyst, left kidney',
    centre: [72, 38, -102],
    tissue: CYST,
    radiusMm: { current: 10, prior: 10 },
  },
  {
    label: 'Sclerotic lesion, left iliac bone',
    centre: [102, 10, -160],
    tissue: SCLEROSIS,
    radiusMm: { current: 6, prior: 6 },
  },
];

/** The lesions of one time point as shapes. */
export function lesionParts(name: TimePointName): Part[] {
  return LESIONS.flatMap(({ centre, tissue, radiusMm }) => {
    const r = radiusMm[name];
    return r === undefined ? [] : [ellipsoid(centre, [r, r, r], tissue)];
  });
}
