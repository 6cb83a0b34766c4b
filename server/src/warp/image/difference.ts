/**
 * Temporal subtraction: the current series less the prior one on its grid, blank where the map of the two is not to be trusted.
 * @module
 */
import { invert, lpsPoint, perAxis, spacingOf, toLps, voxelIndex } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { latticeAround, placeOfNode, sizeOf } from '../field/displacementField.ts';
import { jacobiansOf } from '../field/jacobian.ts';
import { isInBody } from '../field/quality.ts';
import type { Body } from '../field/quality.ts';
import type { DisplacementField, ScalarField, Voxels } from '../types.ts';
import { rangesAround } from './localRange.ts';
import { sigmaOfCoarser, smoothedSlices } from './smoothSlices.ts';
import { warpedSlices } from './warpSlices.ts';

/** Value of voxels without a difference: no CT or MR value, and the Pixel Padding Value of the DICOM series. */
export const BLANK = -32768;
/** Differences are stored as int16. */
const [LEAST, LARGEST] = [-32767, 32767];
/** Distance of the points at which the error radius is known, mm: it changes slowly, and costs a millisecond each. */
const RADIUS_LATTICE_MM = 16;

/** What is needed to subtract. */
export interface DifferenceRequest {
  readonly fixed: Voxels;
  readonly moving: Voxels;
  readonly field: DisplacementField;
  readonly body: Body;
  /** Radius that holds the true place of a point, mm; undefined where nothing is known. Absent: no limit. */
  readonly errorRadiusAt?: ((lps: LpsPoint) => number | undefined) | undefined;
  /** Voxels with a larger radius are blank, mm. */
  readonly limitMm: number;
  /** A value that the prior has within this distance of the voxel is no difference, mm; 0: plain subtraction of unsmoothed values. */
  readonly toleranceMm: number;
}

/** One slice of the difference. */
export interface DifferenceSlice {
  readonly values: Int16Array;
  /** Voxels of the body in this slice, and those of them that are blank. */
  readonly inBody: number;
  readonly blank: number;
}

/**
 * Slices of the difference on the grid of the fixed series, rounded to modality units; {@link BLANK} outside of the body, where the moving
 * series does not show all within the tolerance, where the field folds, and where its error radius is above the limit. The fixed series is
 * smoothed to the resolution of the coarser one first: what the moving series blurs, a thin bone or vessel, is no difference. Then a voxel
 * is compared with the range of the moving values around its place, which removes edges that an error of the map of less than that causes
 * (voxel matching: Itai et al., Journal of Digital Imaging 2010).
 */
export function* differenceSlices(request: DifferenceRequest): Generator<DifferenceSlice, void> {
  const { fixed, moving, field, toleranceMm } = request;
  const spacing = spacingOf(fixed.voxelToLps);
  const reach = perAxis((axis) => Math.round(toleranceMm / spacing[axis]));
  const isBody = isInBody(request.body);
  const isTrusted = trustOf(request);
  const cells = fixed.dims[0] * fixed.dims[1];
  const warped = warpedSlices(fixed, moving, field, { outside: NaN, borderVoxels: 0 });
  const current =
    toleranceMm === 0 ? plainSlices(fixed) : smoothedSlices(fixed, sigmaOfCoarser(fixed, moving));
  let k = 0;
  for (const { low, high } of rangesAround(warped, fixed.dims, reach)) {
    const { value: own } = current.next();
    const values = new Int16Array(cells).fill(BLANK);
    let [inBody, blank] = [0, 0];
    for (let at = 0; at < cells; at++) {
      const index = voxelIndex(at % fixed.dims[0], Math.floor(at / fixed.dims[0]), k);
      const lps = toLps(fixed.voxelToLps, index);
      if (!isBody(lps)) continue;
      inBody++;
      if (Number.isNaN(low[at]) || !isTrusted(lps)) blank++;
      else values[at] = beyond(own?.[at] ?? NaN, low[at] ?? NaN, high[at] ?? NaN);
    }
    yield { values, inBody, blank };
    k++;
  }
}

/** Slices as they are: plain subtraction is of values, not of resolutions. */
function* plainSlices({ dims: [ni, nj, nk], data }: Voxels): Generator<Int16Array | Float32Array, void> {
  for (let k = 0; k < nk; k++) yield data.subarray(k * ni * nj, (k + 1) * ni * nj);
}

/** How far a value lies outside of a range, as int16. */
function beyond(value: number, low: number, high: number): number {
  const difference = value - Math.min(Math.max(value, low), high);
  return Math.min(Math.max(Math.round(difference), LEAST), LARGEST);
}

/** Whether the map is trusted at a point: it does not fold, and its error radius is within the limit. */
function trustOf({ field, body, errorRadiusAt, limitMm }: DifferenceRequest): (lps: LpsPoint) => boolean {
  const volumeAt = nearestValue(jacobiansOf(field));
  if (errorRadiusAt === undefined) return (lps) => volumeAt(lps) > 0;
  const radiusAt = nearestValue(radiiOf(body, errorRadiusAt));
  return (lps) => volumeAt(lps) > 0 && radiusAt(lps) <= limitMm;
}

/** Error radii on a lattice over the body; Infinity where nothing is known. */
function radiiOf(body: Body, errorRadiusAt: NonNullable<DifferenceRequest['errorRadiusAt']>): ScalarField {
  const grid = latticeAround(body.grid, RADIUS_LATTICE_MM);
  const isBody = isInBody(body);
  const values = new Float32Array(sizeOf(grid)).fill(Infinity);
  for (let node = 0; node < values.length; node++) {
    const near = nearestInBody(placeOfNode(grid, node), isBody);
    if (near !== undefined) values[node] = errorRadiusAt(near) ?? Infinity;
  }
  return { grid, values };
}

/** A node itself, or a place of the body half a cell from it along an axis. */
function nearestInBody([x, y, z]: LpsPoint, isBody: (lps: LpsPoint) => boolean): LpsPoint | undefined {
  const reach = RADIUS_LATTICE_MM / 2;
  return [0, -reach, reach]
    .flatMap((d) => [lpsPoint(x + d, y, z), lpsPoint(x, y + d, z), lpsPoint(x, y, z + d)])
    .find(isBody);
}

/** The value of the nearest node of a lattice along the axes of the patient. */
function nearestValue({ grid, values }: ScalarField): (lps: LpsPoint) => number {
  const n = invert(grid.voxelToLps);
  const [ni, nj, nk] = grid.dims;
  return ([x, y, z]) => {
    const i = nearest(n[0] * x + n[3], ni);
    const j = nearest(n[5] * y + n[7], nj);
    const k = nearest(n[10] * z + n[11], nk);
    return values[(k * nj + j) * ni + i] ?? NaN;
  };
}

function nearest(index: number, count: number): number {
  return Math.min(Math.max(Math.round(index), 0), count - 1);
}
