/**
 * Rotations as NIfTI-1 writes them.
 * @module
 */

/** Axes more skewed than this (cosine) have no qform. */
const SKEW = 1e-4;

/** The rotation of unit axes (rows of four) as the quaternion b, c, d of nifti1.h; `handedness` -1: the third axis is turned round. */
export function quaternionOf(rows: readonly number[]): {
  readonly quaternion: readonly [number, number, number];
  readonly handedness: 1 | -1;
  readonly isOrthogonal: boolean;
} {
  const at = (r: number, c: number): number => rows[4 * r + c] ?? NaN;
  const product = (a: number, b: number): number =>
    at(0, a) * at(0, b) + at(1, a) * at(1, b) + at(2, a) * at(2, b);
  const volume =
    at(0, 0) * (at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)) -
    at(0, 1) * (at(1, 0) * at(2, 2) - at(1, 2) * at(2, 0)) +
    at(0, 2) * (at(1, 0) * at(2, 1) - at(1, 1) * at(2, 0));
  const handedness = volume < 0 ? -1 : 1;
  const r = (row: number, column: number): number => at(row, column) * (column === 2 ? handedness : 1);
  return {
    quaternion: rotationToQuaternion(r),
    handedness,
    isOrthogonal: [product(0, 1), product(0, 2), product(1, 2)].every((cosine) => Math.abs(cosine) < SKEW),
  };
}

/** Four times the products of all pairs of components are sums of the matrix' elements; the row of the largest one is divided by it. */
function rotationToQuaternion(r: (row: number, column: number) => number): [number, number, number] {
  const [x, y, z] = [r(2, 1) - r(1, 2), r(0, 2) - r(2, 0), r(1, 0) - r(0, 1)];
  const [xy, xz, yz] = [r(0, 1) + r(1, 0), r(0, 2) + r(2, 0), r(1, 2) + r(2, 1)];
  const products = [
    [1 + r(0, 0) + r(1, 1) + r(2, 2), x, y, z],
    [x, 1 + r(0, 0) - r(1, 1) - r(2, 2), xy, xz],
    [y, xy, 1 - r(0, 0) + r(1, 1) - r(2, 2), yz],
    [z, xz, yz, 1 - r(0, 0) - r(1, 1) + r(2, 2)],
  ] as const;
  const squares = products.map((row, n) => row[n] ?? NaN);
  const largest = Math.max(...squares);
  const [a, b, c, d] = products[squares.indexOf(largest)] ?? [NaN, NaN, NaN, NaN];
  // In nifti1.h the real part, which is not stored, is not negative.
  const scale = (a < 0 ? -1 : 1) / (2 * Math.sqrt(largest));
  return [b * scale, c * scale, d * scale];
}
