/**
 * Where a world point lies in a stack of slices: which slice a viewer must show, which pixel of it, and how far off.
 * Pure geometry; no voxel values.
 * @module
 */
import { axisStep, invert, toLps, toVoxel } from './affine.ts';
import type { Affine } from './affine.ts';
import { distanceMm, lpsPoint, voxelIndex } from './points.ts';
import type { LpsPoint, VoxelIndex } from './points.ts';

/** The shape and place of a stack of slices: columns, rows, slices, and voxel index to LPS mm. */
export interface StackGeometry {
  readonly dims: readonly [number, number, number];
  readonly voxelToLps: Affine;
}

/** A world point seen from a stack of slices. */
export interface StackPosition {
  /** Continuous voxel index of the point itself. */
  readonly index: VoxelIndex;
  /** Nearest slice, 0-based, always one of the stack. */
  readonly slice: number;
  /** Foot of the perpendicular on that slice, continuous pixel index, 0 = centre of the first pixel. */
  readonly column: number;
  readonly row: number;
  /** Distance of the point from the plane of that slice, mm, not negative. */
  readonly offPlaneMm: number;
  /** Distance from the box of the stack (outer voxel faces), mm; 0 inside. */
  readonly outsideMm: number;
}

/**
 * Locates a world point (LPS, mm) in a stack of slices. On a sheared stack (gantry tilt) the pixel is the foot of the
 * perpendicular on the slice, not the point moved along the oblique slice axis.
 */
export function locateInStack(stack: StackGeometry, point: LpsPoint): StackPosition {
  const lpsToVoxel = invert(stack.voxelToLps);
  const index = toVoxel(lpsToVoxel, point);
  const slice = Math.min(Math.max(Math.round(index[2]), 0), stack.dims[2] - 1);
  const normal = planeNormal(stack.voxelToLps);
  const onSlice = toLps(stack.voxelToLps, voxelIndex(index[0], index[1], slice));
  const height =
    normal[0] * (point[0] - onSlice[0]) +
    normal[1] * (point[1] - onSlice[1]) +
    normal[2] * (point[2] - onSlice[2]);
  const foot = lpsPoint(
    point[0] - height * normal[0],
    point[1] - height * normal[1],
    point[2] - height * normal[2],
  );
  const [column, row] = toVoxel(lpsToVoxel, foot);
  const outsideMm = inside(stack, index)
    ? 0
    : distanceMm(point, toLps(stack.voxelToLps, clampToStack(stack, index)));
  return { index, slice, column, row, offPlaneMm: Math.abs(height), outsideMm };
}

/** The nearest index within the outer voxel faces, [-0.5, n - 0.5] along each axis. */
export function clampToStack({ dims }: StackGeometry, index: VoxelIndex): VoxelIndex {
  const [i, j, k] = index;
  const clamp = (x: number, n: number): number => Math.min(Math.max(x, -0.5), n - 0.5);
  return voxelIndex(clamp(i, dims[0]), clamp(j, dims[1]), clamp(k, dims[2]));
}

function inside({ dims }: StackGeometry, index: VoxelIndex): boolean {
  return index.every((x, axis) => x >= -0.5 && x <= (dims[axis] ?? 0) - 0.5);
}

/** Unit normal of the slices: direction of increasing columns cross direction of increasing rows. */
function planeNormal(voxelToLps: Affine): readonly [number, number, number] {
  const [a, b] = [axisStep(voxelToLps, 0), axisStep(voxelToLps, 1)];
  const cross = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]] as const;
  const length = Math.hypot(...cross);
  return [cross[0] / length, cross[1] / length, cross[2] / length];
}
