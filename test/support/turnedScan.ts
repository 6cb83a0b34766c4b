/**
 * Scans of a patient who lies turned, and scans whose orientation labels are wrong: rigid maps of a volume, exact.
 * @module
 */
import {
  affineFromColumns,
  axisStep,
  invert,
  lpsPoint,
  perAxis,
  spacingOf,
  toLps,
  voxelIndex,
} from '../../server/src/geometry/index.ts';
import type { Affine, LpsPoint } from '../../server/src/geometry/index.ts';
import type { Volume } from '../../server/src/volume/types.ts';

type Triple = readonly [number, number, number];
type Rows = readonly [Triple, Triple, Triple];

/** What was done to a patient, or to the labels of a scan. */
export interface Turn {
  readonly name: string;
  /** Turns about the patient's left, posterior and superior axis, in this order, degrees. */
  readonly deg?: Triple;
  /** The axis along which the labels are exchanged: the scan is the mirror image of the patient. */
  readonly mirrored?: 'x' | 'y' | 'z';
}

/** A scan made from another one by a rigid map, perhaps with a reflection. */
export interface TurnedScan {
  readonly scan: Volume;
  /** Where a point of the original lies in the turned scan; LPS, mm. */
  readonly toTurned: (point: LpsPoint) => LpsPoint;
}

/** HU outside the original. */
const OUTSIDE_HU = -1024;
/** Edge of a scanner's largest field of view, and the longest scan that is made, mm. */
const LARGEST_FIELD_MM = 500;
const LONGEST_MM = 700;
const { cos, floor, max, min, PI, round, sin } = Math;

const dot = (a: Triple, b: Triple): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const column = (m: Rows, axis: 0 | 1 | 2): Triple => [m[0][axis], m[1][axis], m[2][axis]];

function product(a: Rows, b: Rows): Rows {
  const row = (r: Triple): Triple => [dot(r, column(b, 0)), dot(r, column(b, 1)), dot(r, column(b, 2))];
  return [row(a[0]), row(a[1]), row(a[2])];
}

/** The matrix of a turn: orthogonal; determinant -1 where the scan is a mirror image. */
export function matrixOf({ deg = [0, 0, 0], mirrored }: Turn): Rows {
  const [x, y, z] = perAxis((axis) => (deg[axis] * PI) / 180);
  const sign = (axis: string): number => (axis === mirrored ? -1 : 1);
  const aboutX: Rows = [
    [1, 0, 0],
    [0, cos(x), -sin(x)],
    [0, sin(x), cos(x)],
  ];
  const aboutY: Rows = [
    [cos(y), 0, sin(y)],
    [0, 1, 0],
    [-sin(y), 0, cos(y)],
  ];
  const aboutZ: Rows = [
    [cos(z), -sin(z), 0],
    [sin(z), cos(z), 0],
    [0, 0, 1],
  ];
  const flip: Rows = [
    [sign('x'), 0, 0],
    [0, sign('y'), 0],
    [0, 0, sign('z')],
  ];
  return product(aboutZ, product(aboutY, product(aboutX, flip)));
}

/** The middle of a volume's box, LPS mm. */
function middleOf({ dims, voxelToLps }: Pick<Volume, 'dims' | 'voxelToLps'>): LpsPoint {
  return toLps(voxelToLps, voxelIndex((dims[0] - 1) / 2, (dims[1] - 1) / 2, (dims[2] - 1) / 2));
}

function mapAround(m: Rows, middle: LpsPoint): (point: LpsPoint) => LpsPoint {
  return (p) => {
    const from: Triple = [p[0] - middle[0], p[1] - middle[1], p[2] - middle[2]];
    return lpsPoint(dot(m[0], from) + middle[0], dot(m[1], from) + middle[1], dot(m[2], from) + middle[2]);
  };
}

/** The same voxels under other labels: what a wrong Patient Position or a wrong Image Orientation makes of a scan. */
export function relabelled(volume: Volume, turn: Turn): TurnedScan {
  const m = matrixOf(turn);
  const toTurned = mapAround(m, middleOf(volume));
  const step = (axis: 0 | 1 | 2): Triple => {
    const along = axisStep(volume.voxelToLps, axis);
    return [dot(m[0], along), dot(m[1], along), dot(m[2], along)];
  };
  const origin = toTurned(toLps(volume.voxelToLps, voxelIndex(0, 0, 0)));
  return { scan: { ...volume, voxelToLps: affineFromColumns(step(0), step(1), step(2), origin) }, toTurned };
}

/** Axial slices that hold the turned box of a volume, as far as a scanner's field of view does. */
function scannerGrid(volume: Volume, m: Rows): Pick<Volume, 'dims' | 'voxelToLps'> {
  const [sx, sy, sz] = spacingOf(volume.voxelToLps);
  const inPlane = max(sx, sy);
  const edges = perAxis((axis): Triple => {
    const [x, y, z] = axisStep(volume.voxelToLps, axis);
    return [x * volume.dims[axis], y * volume.dims[axis], z * volume.dims[axis]];
  });
  const spacing: Triple = [inPlane, inPlane, sz];
  const limits: Triple = [LARGEST_FIELD_MM, LARGEST_FIELD_MM, LONGEST_MM];
  const dims = perAxis((axis) => {
    const extent = edges.reduce((sum, edge) => sum + Math.abs(dot(m[axis], edge)), 0);
    return max(2, round(min(extent, limits[axis]) / spacing[axis]));
  });
  const middle = middleOf(volume);
  const origin = perAxis((axis) => middle[axis] - ((dims[axis] - 1) / 2) * spacing[axis]);
  return { dims, voxelToLps: affineFromColumns([inPlane, 0, 0], [0, inPlane, 0], [0, 0, sz], origin) };
}

/** The patient of a volume, turned on the table and scanned again in axial slices. */
export function scannedTurned(volume: Volume, turn: Turn): TurnedScan {
  const m = matrixOf(turn);
  const middle = middleOf(volume);
  const grid = scannerGrid(volume, m);
  const slices = Array.from({ length: grid.dims[2] }, (_, k) => ({
    sopClassUid: volume.slices[0]?.sopClassUid ?? '',
    sopInstanceUid: `${volume.seriesInstanceUid}.${k + 1}`,
  }));
  const back = mapAround([column(m, 0), column(m, 1), column(m, 2)], middle);
  return {
    scan: { ...volume, ...grid, slices, data: rendered(volume, grid, back) },
    toTurned: mapAround(m, middle),
  };
}

/** The volume seen at the places of a grid, trilinear. */
function rendered(
  volume: Volume,
  { dims: [nx, ny, nz], voxelToLps }: Pick<Volume, 'dims' | 'voxelToLps'>,
  back: (point: LpsPoint) => LpsPoint,
): Int16Array {
  const data = new Int16Array(nx * ny * nz);
  const inverse = invert(volume.voxelToLps);
  const indexOf = (i: number, j: number, k: number): Triple =>
    apply(inverse, back(toLps(voxelToLps, voxelIndex(i, j, k))));
  for (let k = 0, at = 0; k < nz; k++)
    for (let j = 0; j < ny; j++) {
      const [first, next] = [indexOf(0, j, k), indexOf(1, j, k)];
      const step = [next[0] - first[0], next[1] - first[1], next[2] - first[2]] as const;
      for (let i = 0; i < nx; i++, at++)
        data[at] = round(
          valueAt(volume, first[0] + i * step[0], first[1] + i * step[1], first[2] + i * step[2]),
        );
    }
  return data;
}

function apply(m: Affine, [x, y, z]: Triple): Triple {
  return [
    m[0] * x + m[1] * y + m[2] * z + m[3],
    m[4] * x + m[5] * y + m[6] * z + m[7],
    m[8] * x + m[9] * y + m[10] * z + m[11],
  ];
}

function valueAt({ dims: [nx, ny, nz], data }: Volume, x: number, y: number, z: number): number {
  if (!(x >= 0 && y >= 0 && z >= 0 && x <= nx - 1 && y <= ny - 1 && z <= nz - 1)) return OUTSIDE_HU;
  const [i, j, k] = [min(floor(x), nx - 2), min(floor(y), ny - 2), min(floor(z), nz - 2)];
  const [u, v, w] = [x - i, y - j, z - k];
  const at = i + nx * (j + ny * k);
  const along = (from: number): number => (data[from] ?? NaN) * (1 - u) + (data[from + 1] ?? NaN) * u;
  const plane = (from: number): number => along(from) * (1 - v) + along(from + nx) * v;
  return plane(at) * (1 - w) + plane(at + nx * ny) * w;
}
