/**
 * What stands before the voxels of a NIfTI-1 file that is written. Offsets from nifti1.h of the NIfTI group.
 * @module
 */
import { spacingOf } from '../geometry/index.ts';
import type { Affine } from '../geometry/index.ts';
import type { Grid } from '../volume/types.ts';
import { quaternionOf } from './quaternion.ts';

/** The header and four bytes that say that no extension follows (nifti1.h). */
const HEADER_BYTES = 352;
const [INT16, FLOAT32] = [4, 16] as const;
/** NIFTI_INTENT_VECTOR: ITK reads the vectors unchanged, in its own LPS; those of NIFTI_INTENT_DISPVECT (1006) it would turn. */
const INTENT_VECTOR = 1007;
const [UNIT_MM, UNIT_SECONDS] = [2, 8] as const;
/** NIFTI_XFORM_SCANNER_ANAT and NIFTI_XFORM_ALIGNED_ANAT. */
const TRANSFORM_CODES = { scanner: 1, aligned: 2 } as const;

/** What stands before the voxels. */
export interface NiftiLayout extends Grid {
  readonly type: 'int16' | 'float32';
  /** Three for a vector image; its components lie one after the other, each a whole volume. */
  readonly components?: 3;
  /**
   * The world in which the voxels lie: `scanner`, the default, as sform and qform; `aligned` for a file that no scanner wrote and whose
   * origin is that of the images, as sform only, and without a step of time.
   */
  readonly world?: keyof typeof TRANSFORM_CODES;
  /** At most 79 characters. */
  readonly description?: string;
}

/** The header of a file .nii; the voxels follow, little-endian, i fastest. */
export function niftiHeader(layout: NiftiLayout): Buffer {
  const { dims, voxelToLps, type, components, world = 'scanner', description = '' } = layout;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(348, 0);
  const extents = components === undefined ? [3, ...dims, 1, 1, 1, 1] : [5, ...dims, 1, components, 1, 1];
  for (const [n, extent] of extents.entries()) header.writeInt16LE(extent, 40 + 2 * n);
  if (components !== undefined) header.writeInt16LE(INTENT_VECTOR, 68);
  header.writeInt16LE(type === 'int16' ? INT16 : FLOAT32, 70);
  header.writeInt16LE(type === 'int16' ? 16 : 32, 72);
  header.writeFloatLE(HEADER_BYTES, 108);
  header.writeFloatLE(1, 112);
  header.writeUInt8(world === 'scanner' ? UNIT_MM | UNIT_SECONDS : UNIT_MM, 123);
  header.write(description.slice(0, 79), 148, 'latin1');
  writeSform(header, voxelToLps, TRANSFORM_CODES[world]);
  if (world === 'scanner') writeQform(header, voxelToLps);
  header.write('n+1\0', 344, 'latin1');
  return header;
}

/** Patient LPS as the world of NIfTI, RAS: x and y change their sign. */
function rasOf(voxelToLps: Affine): readonly number[] {
  return voxelToLps.map((value, n) => (n < 8 ? 0 - value : value));
}

/** The place as rows of a matrix, and the sizes of a voxel, mm. */
function writeSform(header: Buffer, voxelToLps: Affine, code: number): void {
  header.writeFloatLE(1, 76);
  for (const [n, mm] of spacingOf(voxelToLps).entries()) header.writeFloatLE(mm, 80 + 4 * n);
  header.writeInt16LE(code, 254);
  for (const [n, value] of rasOf(voxelToLps).entries()) header.writeFloatLE(value, 280 + 4 * n);
}

/** The place as a rotation, only where the axes are at right angles. */
function writeQform(header: Buffer, voxelToLps: Affine): void {
  const [ras, spacing] = [rasOf(voxelToLps), spacingOf(voxelToLps)];
  const rows = ras.map((value, n) => (n % 4 === 3 ? value : value / (spacing[n % 4] ?? NaN)));
  const { quaternion, handedness, isOrthogonal } = quaternionOf(rows);
  header.writeFloatLE(handedness, 76);
  for (const n of [3, 4, 5, 6]) header.writeFloatLE(1, 80 + 4 * n);
  if (!isOrthogonal) return;
  header.writeInt16LE(TRANSFORM_CODES.scanner, 252);
  for (const [n, value] of quaternion.entries()) header.writeFloatLE(value, 256 + 4 * n);
  for (const n of [0, 1, 2]) header.writeFloatLE(ras[4 * n + 3] ?? NaN, 268 + 4 * n);
}

/** Little-endian bytes of values, whatever the machine's order: all that Node runs on is little-endian. */
export function bytesOf(values: Int16Array | Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}
