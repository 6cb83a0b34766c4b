/**
 * Temporal subtraction: the current series less the prior one on its grid, blank where the map of the two is not to be trusted.
 * @module
 */
import { invert, lpsPoint } from '../../geometry/index.ts';
import type { Grid } from '../../volume/types.ts';
import type { DisplacementField, ScalarField, Voxels } from '../types.ts';
import { latticeAround, placeOfNode, placing, sizeOf } from '../field/displacementField.ts';
import { jacobiansOf } from '../field/jacobian.ts';
import { isInBody } from '../field/quality.ts';
import type { Body } from '../field/quality.ts';
import { valueAt } from './warpSlices.ts';

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
  readonly errorRadiusAt?: ((lps: ReturnType<typeof lpsPoint>) => number | undefined) | undefined;
  /** Voxels with a larger radius are blank, mm. */
  readonly limitMm: number;
}

/** One slice of the difference. */
export interface DifferenceSlice {
  readonly values: Int16Array;
  /** Voxels of the body in this slice, and those of them that are blank. */
  readonly inBody: number;
  readonly blank: number;
}

/** Slices of fixed - warped moving on the grid of the fixed series, rounded to modality units, {@link BLANK} where there is none. */
export function* differenceSlices(request: DifferenceRequest): Generator<DifferenceSlice, void> {
  const { fixed, moving, field } = request;
  const [ni, nj, nk] = fixed.dims;
  const [g, n] = [fixed.voxelToLps, invert(moving.voxelToLps)];
  const [place, into, isBody, isTrusted] = [
    placing(field),
    new Float64Array(3),
    isInBody(request.body),
    trustOf(request),
  ];
  for (let k = 0; k < nk; k++) {
    const values = new Int16Array(ni * nj).fill(BLANK);
    let [inBody, blank] = [0, 0];
    for (let at = 0; at < values.length; at++) {
      const [i, j] = [at % ni, Math.floor(at / ni)];
      const x = g[0] * i + g[1] * j + g[2] * k + g[3];
      const y = g[4] * i + g[5] * j + g[6] * k + g[7];
      const z = g[8] * i + g[9] * j + g[10] * k + g[11];
      if (!isBody(lpsPoint(x, y, z))) continue;
      inBody++;
      place(x, y, z, into);
      const [px = NaN, py = NaN, pz = NaN] = [into[0], into[1], into[2]];
      const prior = valueAt(
        moving,
        n[0] * px + n[1] * py + n[2] * pz + n[3],
        n[4] * px + n[5] * py + n[6] * pz + n[7],
        n[8] * px + n[9] * py + n[10] * pz + n[11],
        NaN,
      );
      if (Number.isNaN(prior) || !isTrusted(x, y, z)) blank++;
      else values[at] = limited((fixed.data[k * values.length + at] ?? NaN) - prior);
    }
    yield { values, inBody, blank };
  }
}

function limited(difference: number): number {
  return Math.min(Math.max(Math.round(difference), LEAST), LARGEST);
}

/** Whether the map is trusted at a point: it does not fold, and its error radius is within the limit. */
function trustOf({
  field,
  body,
  errorRadiusAt,
  limitMm,
}: DifferenceRequest): (x: number, y: number, z: number) => boolean {
  const folds = nearestValue(jacobiansOf(field));
  if (errorRadiusAt === undefined) return (x, y, z) => folds(x, y, z) > 0;
  const radii = nearestValue(radiiOf(body, errorRadiusAt));
  return (x, y, z) => folds(x, y, z) > 0 && radii(x, y, z) <= limitMm;
}

/** Error radii on a lattice over the body; Infinity where nothing is known. */
function radiiOf(body: Body, errorRadiusAt: NonNullable<DifferenceRequest['errorRadiusAt']>): ScalarField {
  const grid = latticeAround(body.grid, RADIUS_LATTICE_MM);
  const isNear = isNearBody(body);
  const values = new Float32Array(sizeOf(grid)).fill(Infinity);
  for (let node = 0; node < values.length; node++) {
    const place = placeOfNode(grid, node);
    if (isNear(place)) values[node] = errorRadiusAt(place) ?? Infinity;
  }
  return { grid, values };
}

/** True for a point that lies in the body, or within half a cell of it along an axis. */
function isNearBody(body: Body): (lps: ReturnType<typeof lpsPoint>) => boolean {
  const isBody = isInBody(body);
  const reach = RADIUS_LATTICE_MM / 2;
  return ([x, y, z]) =>
    [-reach, 0, reach].some((d) =>
      [lpsPoint(x + d, y, z), lpsPoint(x, y + d, z), lpsPoint(x, y, z + d)].some(isBody),
    );
}

/** The value of the nearest node. */
function nearestValue({ grid, values }: ScalarField): (x: number, y: number, z: number) => number {
  const n = invert(grid.voxelToLps);
  const [ni, nj, nk] = grid.dims;
  return (x, y, z) => {
    const i = nearest(n[0] * x + n[3], ni);
    const j = nearest(n[5] * y + n[7], nj);
    const k = nearest(n[10] * z + n[11], nk);
    return values[(k * nj + j) * ni + i] ?? NaN;
  };
}

function nearest(index: number, count: Grid['dims'][number]): number {
  return Math.min(Math.max(Math.round(index), 0), count - 1);
}
