import { lpsPoint, voxelIndex } from './points.ts';
import type { LpsPoint, VoxelIndex } from './points.ts';

type Triple = readonly [number, number, number];

/**
 * Affine map from voxel index to world: three rows of [a, b, c, t] in row-major order, Float64 (12 numbers).
 * Columns 0..2 are the steps in mm along i, j, k; column 3 is the LPS position of the first voxel's centre.
 */
export type Affine = readonly [
  number, number, number, number,
  number, number, number, number,
  number, number, number, number,
]; // prettier-ignore

/** Builds an affine from the steps along i, j, k (mm, LPS) and the centre of the first voxel (LPS, mm). */
export function affineFromColumns(i: Triple, j: Triple, k: Triple, origin: Triple): Affine {
  return [i[0], j[0], k[0], origin[0], i[1], j[1], k[1], origin[1], i[2], j[2], k[2], origin[2]];
}

/** The step along one voxel axis (0 = i, 1 = j, 2 = k): direction times spacing, LPS, mm. */
export function axisStep(affine: Affine, axis: 0 | 1 | 2): Triple {
  if (axis === 0) return [affine[0], affine[4], affine[8]];
  return axis === 1 ? [affine[1], affine[5], affine[9]] : [affine[2], affine[6], affine[10]];
}

/** Distance between neighbouring voxel centres along i, j, k, mm. */
export function spacingOf(affine: Affine): Triple {
  return [
    Math.hypot(...axisStep(affine, 0)),
    Math.hypot(...axisStep(affine, 1)),
    Math.hypot(...axisStep(affine, 2)),
  ];
}

function transform(m: Affine, [x, y, z]: Triple): Triple {
  return [
    m[0] * x + m[1] * y + m[2] * z + m[3],
    m[4] * x + m[5] * y + m[6] * z + m[7],
    m[8] * x + m[9] * y + m[10] * z + m[11],
  ];
}

/** Voxel index to world point. */
export function toLps(voxelToLps: Affine, index: VoxelIndex): LpsPoint {
  return lpsPoint(...transform(voxelToLps, index));
}

/** World point to continuous voxel index, given the inverse map (see {@link invert}). */
export function toVoxel(lpsToVoxel: Affine, point: LpsPoint): VoxelIndex {
  return voxelIndex(...transform(lpsToVoxel, point));
}

/** Determinant of the 3 x 3 part: signed voxel volume in mm3. Zero means that the grid is degenerate. */
export function determinant(m: Affine): number {
  return (
    m[0] * (m[5] * m[10] - m[6] * m[9]) -
    m[1] * (m[4] * m[10] - m[6] * m[8]) +
    m[2] * (m[4] * m[9] - m[5] * m[8])
  );
}

/**
 * Inverse map, world to voxel index.
 * @throws RangeError when the axes are linearly dependent (a constructed Volume never is).
 */
export function invert(m: Affine): Affine {
  const det = determinant(m);
  if (!Number.isFinite(det) || det === 0) throw new RangeError(`affine is singular: determinant ${det}`);
  const linear = [
    (m[5] * m[10] - m[6] * m[9]) / det, (m[2] * m[9] - m[1] * m[10]) / det, (m[1] * m[6] - m[2] * m[5]) / det,
    (m[6] * m[8] - m[4] * m[10]) / det, (m[0] * m[10] - m[2] * m[8]) / det, (m[2] * m[4] - m[0] * m[6]) / det,
    (m[4] * m[9] - m[5] * m[8]) / det, (m[1] * m[8] - m[0] * m[9]) / det, (m[0] * m[5] - m[1] * m[4]) / det,
  ] as const; // prettier-ignore
  const [a, b, c, d, e, f, g, h, i] = linear;
  const [x, y, z] = [m[3], m[7], m[11]];
  return [
    a,
    b,
    c,
    -(a * x + b * y + c * z),
    d,
    e,
    f,
    -(d * x + e * y + f * z),
    g,
    h,
    i,
    -(g * x + h * y + i * z),
  ];
}

/** The map "first, then second". */
export function compose(second: Affine, first: Affine): Affine {
  const linear = (p: Triple): Triple => {
    const [x, y, z] = transform(second, p);
    return [x - second[3], y - second[7], z - second[11]];
  };
  return affineFromColumns(
    linear(axisStep(first, 0)),
    linear(axisStep(first, 1)),
    linear(axisStep(first, 2)),
    transform(second, [first[3], first[7], first[11]]),
  );
}

/** Shifts of a grid: the same axes, first voxel at the given continuous index of the old grid. */
export function withOriginAt(affine: Affine, index: VoxelIndex): Affine {
  return affineFromColumns(
    axisStep(affine, 0),
    axisStep(affine, 1),
    axisStep(affine, 2),
    transform(affine, index),
  );
}
