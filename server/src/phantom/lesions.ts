import { ellipsoid } from './shapes.ts';
import type { Part, Point, Tissue } from './shapes.ts';

/** The scans of the phantom, by the role they play in a follow-up reading; the newest first. */
export const TIME_POINTS = ['current', 'prior', 'baseline'] as const;
export type TimePointName = (typeof TIME_POINTS)[number];

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
 * The lesions. From prior to current, four stay as they are, one has grown, one has shrunk, one is gone, two have come, and one lies above
 * the current scan's field of view. Every one lies well inside its organ, so that the voxel at its centre shows it.
 */
export const LESIONS: readonly LesionSpec[] = [
  {
    label: 'Nodule, right upper lobe',
    centre: [-66, -22, 112],
    tissue: NODULE,
    radiusMm: { current: 5.5, prior: 5.5, baseline: 5.5 },
  },
  {
    label: 'Nodule, left lower lobe (grown)',
    centre: [78, 44, 46],
    tissue: NODULE,
    radiusMm: { current: 8, prior: 5, baseline: 4.5 },
  },
  {
    label: 'Nodule, right lower lobe (gone)',
    centre: [-44, 52, 34],
    tissue: NODULE,
    radiusMm: { current: undefined, prior: 6, baseline: 7 },
  },
  {
    label: 'Metastasis, liver segment 7',
    centre: [-58, 40, 2],
    tissue: METASTASIS,
    radiusMm: { current: 10, prior: 10, baseline: 11 },
  },
  {
    label: 'Metastasis, liver segment 4 (new)',
    centre: [-34, -36, -14],
    tissue: METASTASIS,
    radiusMm: { current: 6.5, prior: undefined, baseline: undefined },
  },
  {
    label: 'Lymph node, right paratracheal (shrunken)',
    centre: [-20, 8, 122],
    tissue: NODE,
    radiusMm: { current: 5.5, prior: 8, baseline: 8 },
  },
  {
    label: 'Lymph node, retroperitoneal (new)',
    centre: [30, 26, -112],
    tissue: NODE,
    radiusMm: { current: 5.5, prior: undefined, baseline: undefined },
  },
  {
    label: 'Cyst, left kidney',
    centre: [72, 38, -102],
    tissue: CYST,
    radiusMm: { current: 10, prior: 10, baseline: 10 },
  },
  {
    label: 'Sclerotic lesion, left iliac bone',
    centre: [102, 10, -160],
    tissue: SCLEROSIS,
    radiusMm: { current: 6, prior: 6, baseline: 6 },
  },
  {
    label: 'Lymph node, left supraclavicular (out of view)',
    centre: [60, -15, 192],
    tissue: NODE,
    radiusMm: { current: 6, prior: 6, baseline: 6.5 },
  },
];

/** The lesions of one time point as shapes. */
export function lesionParts(name: TimePointName): Part[] {
  return LESIONS.flatMap(({ centre, tissue, radiusMm }) => {
    const r = radiusMm[name];
    return r === undefined ? [] : [ellipsoid(centre, [r, r, r], tissue)];
  });
}
