/**
 * NIfTI-1 files: images, and displacement fields as ITK reads and writes them.
 * @module
 */
import { spacingOf } from '../../geometry/index.ts';
import type { Affine } from '../../geometry/index.ts';
import type { Grid } from '../../volume/types.ts';
import { displacementsOf } from '../field/displacementField.ts';
import type { DisplacementField } from '../types.ts';

/** The header and four bytes that say that no extension follows (nifti1.h). */
const HEADER_BYTES = 352;
const [INT16, FLOAT32] = [4, 16] as const;
/** NIFTI_INTENT_VECTOR: ITK reads the vectors unchanged, in its own LPS; those of NIFTI_INTENT_DISPVECT (1006) it would turn. */
const INTENT_VECTOR = 1007;
/** mm and seconds. */
const XYZT_UNITS = 2 | 8;
/** NIFTI_XFORM_SCANNER_ANAT. */
const SCANNER_ANAT = 1;
/** Axes more skewed than this (cosine) have no qform. */
const SKEW = 1e-4;

/** What stands before the voxels. */
export interface NiftiLayout extends Grid {
  readonly type: 'int16' | 'float32';
  /** Three for a vector image; its components lie one after the other, each a whole volume. */
  readonly components?: 3;
  /** At most 79 characters. */
  readonly description?: string;
}

/** The header of a file .nii; the voxels follow, little-endian, i fastest. */
export function niftiHeader({ dims, voxelToLps, type, components, description = '' }: NiftiLayout): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(348, 0);
  const extents = components === undefined ? [3, ...dims, 1, 1, 1, 1] : [5, ...dims, 1, components, 1, 1];
  for (const [n, extent] of extents.entries()) header.writeInt16LE(extent, 40 + 2 * n);
  if (components !== undefined) header.writeInt16LE(INTENT_VECTOR, 68);
  header.writeInt16LE(type === 'int16' ? INT16 : FLOAT32, 70);
  header.writeInt16LE(type === 'int16' ? 16 : 32, 72);
  header.writeFloatLE(HEADER_BYTES, 108);
  header.writeFloatLE(1, 112);
  header.writeUInt8(XYZT_UNITS, 123);
  header.write(description.slice(0, 79), 148, 'latin1');
  writePlace(header, voxelToLps);
  header.write('n+1\0', 344, 'latin1');
  return header;
}

/** Both transforms, the qform only where the axes are at right angles. NIfTI's world is RAS: x and y change their sign. */
function writePlace(header: Buffer, m: Affine): void {
  const ras = m.map((value, n) => (n < 8 ? 0 - value : value));
  const spacing = spacingOf(m);
  header.writeInt16LE(SCANNER_ANAT, 254);
  for (const [n, value] of ras.entries()) header.writeFloatLE(value, 280 + 4 * n);
  const rows = ras.map((value, n) => (n % 4 === 3 ? value : value / (spacing[n % 4] ?? NaN)));
  const { quaternion, handedness, isOrthogonal } = quaternionOf(rows);
  header.writeFloatLE(handedness, 76);
  for (const [n, mm] of spacing.entries()) header.writeFloatLE(mm, 80 + 4 * n);
  for (const n of [3, 4, 5, 6]) header.writeFloatLE(1, 80 + 4 * n);
  if (!isOrthogonal) return;
  header.writeInt16LE(SCANNER_ANAT, 252);
  for (const [n, value] of quaternion.entries()) header.writeFloatLE(value, 256 + 4 * n);
  for (const n of [0, 1, 2]) header.writeFloatLE(ras[4 * n + 3] ?? NaN, 268 + 4 * n);
}

/** The rotation of unit axes (rows of four) as the quaternion b, c, d of nifti1.h; `handedness` -1: the third axis is turned round. */
function quaternionOf(rows: readonly number[]): {
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

/** Little-endian bytes of values, whatever the machine's order: all that Node runs on is little-endian. */
export function bytesOf(values: Int16Array | Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/**
 * A displacement field as ITK and SimpleITK read it (`sitk.ReadImage` as vectors of float64, `DisplacementFieldTransform`): for every
 * point of the fixed series the vector to its place in the moving one, LPS mm.
 */
export function fieldFile(field: DisplacementField, description: string): Buffer[] {
  const interleaved = displacementsOf(field);
  const count = interleaved.length / 3;
  const planes = new Float32Array(interleaved.length);
  for (let node = 0; node < count; node++)
    for (let axis = 0; axis < 3; axis++) planes[axis * count + node] = interleaved[3 * node + axis] ?? NaN;
  const { grid } = field;
  return [niftiHeader({ ...grid, type: 'float32', components: 3, description }), bytesOf(planes)];
}
