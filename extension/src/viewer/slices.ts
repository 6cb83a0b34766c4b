/**
 * Where the slices of a series lie: from a world point to the nearest slice and pixel, and how thick a slice is along
 * a direction of view. World points are patient LPS in mm; pixel indices count from the centre of the first pixel.
 * @module
 */
import type { Cornerstone, ImagePlane, Instance } from '../ohif.d.ts';
import type { Lps, NearestPixel } from '../wire.ts';
import { cross, dot, subtract, toLps, unit } from './vector.ts';

export interface Slice {
  readonly imageId: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly frameNumber: number | undefined;
  /** Centre of the first pixel (ImagePositionPatient), LPS mm. */
  readonly origin: Lps;
  /** Direction of growing column index: the row's cosines (PS3.3 C.7.6.2.1.1). */
  readonly alongRow: Lps;
  /** Direction of growing row index: the column's cosines. */
  readonly alongColumn: Lps;
  /** Distance between neighbouring columns and rows, mm. */
  readonly columnSpacingMm: number;
  readonly rowSpacingMm: number;
  /** Number of columns and rows; undefined where the host does not know. */
  readonly columns: number | undefined;
  readonly rows: number | undefined;
}

/** A slice and the continuous pixel index of a point on it. */
export interface NearestSlice {
  readonly slice: Slice;
  readonly pixel: NearestPixel;
}

/** Reads the geometry of images from the host; images without one (localizers of old scanners, SR) are omitted. */
export function readSlices(metaData: Cornerstone['metaData'], imageIds: readonly string[]): readonly Slice[] {
  return imageIds.flatMap((imageId) => readSlice(metaData, imageId) ?? []);
}

function readSlice(metaData: Cornerstone['metaData'], imageId: string): Slice | undefined {
  const plane = metaData.get('imagePlaneModule', imageId) as ImagePlane | undefined;
  const instance = metaData.get('instance', imageId) as Instance | undefined;
  const directions = directionsOf(plane);
  if (plane === undefined || directions === undefined || instance?.SOPInstanceUID === undefined)
    return undefined;
  const frame = /\/frames\/(\d+)/.exec(imageId)?.[1];
  return {
    imageId,
    sopClassUid: instance.SOPClassUID ?? '',
    sopInstanceUid: instance.SOPInstanceUID,
    frameNumber: frame === undefined ? undefined : Number(frame),
    ...directions,
    columnSpacingMm: plane.columnPixelSpacing ?? 1,
    rowSpacingMm: plane.rowPixelSpacing ?? 1,
    columns: plane.columns,
    rows: plane.rows,
  };
}

function directionsOf(
  plane: ImagePlane | undefined,
): Pick<Slice, 'origin' | 'alongRow' | 'alongColumn'> | undefined {
  const origin = toLps(plane?.imagePositionPatient);
  const alongRow = toLps(plane?.rowCosines);
  const alongColumn = toLps(plane?.columnCosines);
  if (origin === undefined || alongRow === undefined || alongColumn === undefined) return undefined;
  return { origin, alongRow, alongColumn };
}

/** The slice whose plane is nearest to a world point (LPS, mm); undefined for a series without geometry. */
export function nearestSlice(slices: readonly Slice[], world: Lps): NearestSlice | undefined {
  let best: { slice: Slice; offPlaneMm: number } | undefined;
  for (const slice of slices) {
    const offPlaneMm = Math.abs(dot(subtract(world, slice.origin), normalOf(slice)));
    if (best === undefined || offPlaneMm < best.offPlaneMm) best = { slice, offPlaneMm };
  }
  if (best === undefined) return undefined;
  const { slice, offPlaneMm } = best;
  const onSlice = subtract(world, slice.origin);
  const several = slices.filter((other) => other.sopInstanceUid === slice.sopInstanceUid).length > 1;
  return {
    slice,
    pixel: {
      sopClassUid: slice.sopClassUid,
      sopInstanceUid: slice.sopInstanceUid,
      ...(several && slice.frameNumber !== undefined ? { frameNumber: slice.frameNumber } : {}),
      column: dot(onSlice, slice.alongRow) / slice.columnSpacingMm,
      row: dot(onSlice, slice.alongColumn) / slice.rowSpacingMm,
      offPlaneMm,
    },
  };
}

/** True when the pixel lies on the image; its outer border is half a pixel beyond the outer centres. */
export function isOnImage({ slice, pixel }: NearestSlice): boolean {
  const within = (index: number, count: number | undefined): boolean =>
    index >= -0.5 && (count === undefined || index <= count - 0.5);
  return within(pixel.column, slice.columns) && within(pixel.row, slice.rows);
}

/**
 * Half the extent of one voxel along a direction, mm: a point that is not farther than this from a plane with that
 * normal belongs to the slice shown there, in the acquired planes as well as in reformatted ones.
 */
export function halfVoxelMm(slices: readonly Slice[], direction: Lps): number {
  const [first] = slices;
  if (first === undefined) return 0;
  const normal = unit(direction);
  const extent =
    Math.abs(dot(normal, first.alongRow)) * first.columnSpacingMm +
    Math.abs(dot(normal, first.alongColumn)) * first.rowSpacingMm +
    Math.abs(dot(normal, normalOf(first))) * sliceSpacingMm(slices);
  return extent / 2;
}

function normalOf(slice: Slice): Lps {
  return cross(slice.alongRow, slice.alongColumn);
}

/** Median distance between neighbouring slices, mm: a missing slice does not change it. */
function sliceSpacingMm(slices: readonly Slice[]): number {
  const [first] = slices;
  if (first === undefined) return 0;
  const normal = normalOf(first);
  const positions = slices.map((slice) => dot(slice.origin, normal)).sort((a, b) => a - b);
  const gaps = positions
    .slice(1)
    .map((position, index) => position - (positions[index] ?? position))
    .filter((gap) => gap > 0)
    .sort((a, b) => a - b);
  // A single image has no neighbour; its in-plane spacing is the best guess of how far it speaks for its surroundings.
  return gaps[Math.floor(gaps.length / 2)] ?? first.columnSpacingMm;
}
