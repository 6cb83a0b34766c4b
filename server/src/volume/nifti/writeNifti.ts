import { spacingOf } from '../../geometry/index.ts';
import type { Volume } from '../types.ts';

const HEADER_BYTES = 348;
/** Four bytes that say that nothing extends the header stand before the voxels. */
const VOXELS_AT = 352;
const INT16 = 4;
const FLOAT32 = 16;
/** "Aligned coordinates" in place of "scanner": the origin is that of the images, but no scanner wrote this file. */
const ALIGNED = 2;
const UNIT_MM = 2;

/**
 * A NIfTI-1 file (.nii, little-endian, int16 or float32) of a volume, with its place as sform in RAS. The same volume gives the same
 * bytes. NIfTI has neither UIDs nor modality. Offsets from nifti1.h of the NIfTI group.
 */
export function writeNifti({ dims, data, voxelToLps }: Pick<Volume, 'dims' | 'data' | 'voxelToLps'>): Buffer {
  const file = Buffer.alloc(VOXELS_AT + data.byteLength);
  const isInteger = data instanceof Int16Array;
  file.writeInt32LE(HEADER_BYTES, 0);
  for (const [index, size] of [3, ...dims, 1, 1, 1, 1].entries()) file.writeInt16LE(size, 40 + 2 * index);
  file.writeInt16LE(isInteger ? INT16 : FLOAT32, 70);
  file.writeInt16LE(8 * data.BYTES_PER_ELEMENT, 72);
  for (const [index, mm] of [1, ...spacingOf(voxelToLps)].entries()) file.writeFloatLE(mm, 76 + 4 * index);
  file.writeFloatLE(VOXELS_AT, 108);
  file.writeFloatLE(1, 112);
  file.writeUInt8(UNIT_MM, 123);
  file.writeInt16LE(ALIGNED, 254);
  for (const [index, value] of voxelToLps.entries())
    file.writeFloatLE(index < 8 ? 0 - value : value, 280 + 4 * index);
  file.write('n+1\0', 344, 'latin1');
  for (let n = 0; n < data.length; n++) {
    const value = data[n] ?? NaN;
    const at = VOXELS_AT + n * data.BYTES_PER_ELEMENT;
    if (isInteger) file.writeInt16LE(value, at);
    else file.writeFloatLE(value, at);
  }
  return file;
}
