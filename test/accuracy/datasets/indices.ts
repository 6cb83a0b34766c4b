/**
 * Annotations in voxel indices, and the patient space that they are turned into.
 * @module
 */
import {
  AXES,
  affineFromColumns,
  axisStep,
  invert,
  perAxis,
  spacingOf,
  toLps,
  toVoxel,
  voxelIndex,
} from '../../../server/src/geometry/index.ts';
import type { LpsPoint, VoxelIndex } from '../../../server/src/geometry/index.ts';
import type { Grid } from '../../../server/src/volume/index.ts';
import { InputError } from '../files.ts';

type Triple = readonly [number, number, number];

/** Cosine above which an axis of a grid counts as an axis of the patient. */
const ALIGNED = 1 - 1e-4;

/**
 * Lines of three numbers, separated by blanks, tabs or commas; empty lines are ignored.
 * @param source names the file in the message.
 * @throws InputError with the number of the first line that is something else.
 */
export function readRows(text: string, source: string): Triple[] {
  return text.split('\n').flatMap((line, number) => {
    if (line.trim() === '') return [];
    const values = line.trim().split(/[\s,]+/);
    const [x = NaN, y = NaN, z = NaN] = values.map(Number);
    if (values.length !== 3 || ![x, y, z].every(Number.isFinite))
      throw new InputError(
        `${source}, line ${number + 1}: expected three numbers, found "${line.trim().slice(0, 60)}"`,
      );
    return [[x, y, z] as const];
  });
}

/**
 * The place of a voxel index (0-based, integers are voxel centres).
 * @param what names the point and its file in the message.
 * @throws InputError when the index lies outside the grid.
 */
export function placeOf({ dims, voxelToLps }: Grid, index: Triple, what: string): LpsPoint {
  const isInside = index.every((at, axis) => at >= -0.5 && at <= (dims[axis] ?? 0) - 0.5);
  if (!isInside)
    throw new InputError(
      `${what}: the index (${index.join(', ')}) lies outside the volume of ${dims.join(' x ')} voxels; ` +
        'the annotations and the volume do not belong together',
    );
  return toLps(voxelToLps, voxelIndex(...index));
}

/** The continuous voxel index of a point (LPS mm). */
export function indexOf({ voxelToLps }: Grid, point: LpsPoint): VoxelIndex {
  return toVoxel(invert(voxelToLps), point);
}

/** The centre of the voxel that holds a point, LPS mm. */
export function snapped(grid: Grid, point: LpsPoint): LpsPoint {
  const [i, j, k] = indexOf(grid, point);
  return toLps(grid.voxelToLps, voxelIndex(Math.round(i), Math.round(j), Math.round(k)));
}

/** Which axis of a grid runs along an axis of the patient, and whether against it. */
interface Course {
  readonly axis: 0 | 1 | 2;
  readonly isReversed: boolean;
}

/** Undefined where no axis of the grid runs along that axis of the patient. `sign`: in which direction it should. */
function courseAlong({ voxelToLps }: Grid, world: 0 | 1 | 2, sign: number): Course | undefined {
  const axis = AXES.find((candidate) => {
    const step = axisStep(voxelToLps, candidate);
    return Math.abs(step[world]) / Math.hypot(...step) > ALIGNED;
  });
  if (axis === undefined) return undefined;
  return { axis, isReversed: Math.sign(axisStep(voxelToLps, axis)[world]) !== sign };
}

/**
 * A grid as slices are read: columns run to the patient's left, rows to posterior, slices to inferior, whatever the order in
 * which the file stores the axes.
 * @returns undefined for a grid whose axes are not those of the patient.
 */
export function axialGrid(grid: Grid): Grid | undefined {
  const columns = courseAlong(grid, 0, 1);
  const rows = courseAlong(grid, 1, 1);
  const slices = courseAlong(grid, 2, -1);
  if (columns === undefined || rows === undefined || slices === undefined) return undefined;
  const { dims, voxelToLps } = grid;
  const step = ({ axis, isReversed }: Course): Triple => {
    const [x, y, z] = axisStep(voxelToLps, axis);
    return isReversed ? [-x, -y, -z] : [x, y, z];
  };
  const first: [number, number, number] = [0, 0, 0];
  for (const { axis, isReversed } of [columns, rows, slices]) first[axis] = isReversed ? dims[axis] - 1 : 0;
  return {
    dims: [dims[columns.axis], dims[rows.axis], dims[slices.axis]],
    voxelToLps: affineFromColumns(
      step(columns),
      step(rows),
      step(slices),
      toLps(voxelToLps, voxelIndex(...first)),
    ),
  };
}

/** Distances of two points of a grid along its axes, mm. */
export function axisDistancesMm(grid: Grid, a: LpsPoint, b: LpsPoint): Triple {
  const [from, to] = [indexOf(grid, a), indexOf(grid, b)];
  const spacing = spacingOf(grid.voxelToLps);
  return perAxis((axis) => Math.abs(to[axis] - from[axis]) * spacing[axis]);
}

/** No shift: the same voxel index in another grid (LPS mm), which the baselines of registration papers start from. */
export function sameIndex(from: Grid, to: Grid, point: LpsPoint): LpsPoint {
  return toLps(to.voxelToLps, indexOf(from, point));
}
