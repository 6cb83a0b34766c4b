/**
 * The three frames of the project, one branded type each, so that a point of one frame cannot be passed for another.
 * On the wire there is a single frame: patient LPS in mm plus a Frame of Reference UID.
 * @module
 */
declare const frame: unique symbol;
type Triple = readonly [number, number, number];
type Framed<Name extends string> = Triple & { readonly [frame]: Name };

/** World point in the patient coordinate system: x to the patient's Left, y to Posterior, z to Superior; mm (PS3.3 C.7.6.2.1.1). */
export type LpsPoint = Framed<'lps'>;

/**
 * Continuous index (i, j, k) into a voxel grid: column, row, slice. Integers are voxel centres; (0, 0, 0) is the
 * centre of the first voxel, so the grid covers [-0.5, n - 0.5] along each axis.
 */
export type VoxelIndex = Framed<'voxel'>;

/** Brands three numbers as a world point (LPS, mm). */
export function lpsPoint(x: number, y: number, z: number): LpsPoint {
  const point: Triple = [x, y, z];
  return point as LpsPoint;
}

/** Brands three numbers as a continuous voxel index (column, row, slice; integers are centres). */
export function voxelIndex(i: number, j: number, k: number): VoxelIndex {
  const index: Triple = [i, j, k];
  return index as VoxelIndex;
}

/** Euclidean distance between two world points, mm. */
export function distanceMm(a: LpsPoint, b: LpsPoint): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}
