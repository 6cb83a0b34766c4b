import { constants, gunzipSync } from 'node:zlib';
import { determinant } from '../geometry/index.ts';
import { errorFrom, SamepointError } from '../errors/index.ts';
import { derivedUid, MAX_VOXELS } from '../volume/index.ts';
import type { Volume, VolumeModality } from '../volume/types.ts';
import { readNiftiHeader, refuse } from './header.ts';
import type { NiftiHeader } from './header.ts';

/** Compressed bytes that hold the header, and what they may become: deflate expands at most 1,032 times. */
const HEAD_BYTES = 4096;
const MAX_HEAD_BYTES = 1032 * HEAD_BYTES;
/** What may stand behind the voxels of a gzip file, bytes; more of it is not what the header describes. */
const MAX_TRAILER_BYTES = 2 ** 20;

/**
 * Reads a NIfTI-1 file (.nii, .nii.gz; 8 to 32 bits and float64; sform before qform), for the command line and the
 * benchmark. NIfTI carries no identity: the study, series and frame-of-reference UIDs are derived from the content, the
 * same for the same file, so that caches work; slices have empty SOP UIDs, because no instance exists.
 * @param options.modality default CT; NIfTI does not say.
 * @throws SamepointError volume/invalid-nifti, volume/too-large
 */
export function readNifti(bytes: Uint8Array, options: { readonly modality?: VolumeModality } = {}): Volume {
  const file = inflate(bytes);
  const header = readNiftiHeader(file);
  const [, , slices] = header.dims;
  const voxels = voxelCount(header);
  if (determinant(header.voxelToLps) === 0) refuse('its orientation is singular');
  const end = header.offset + voxels * header.bytesPerVoxel;
  if (!(header.offset >= 0 && end <= file.length))
    refuse(`it ends after ${String(file.length)} of ${String(end)} bytes`);
  const uid = (role: string): string => derivedUid(file, role);
  return {
    dims: header.dims,
    data: readValues(new DataView(file.buffer, file.byteOffset + header.offset), header, voxels),
    voxelToLps: header.voxelToLps,
    slices: Array.from({ length: slices }, () => ({ sopClassUid: '', sopInstanceUid: '' })),
    studyInstanceUid: uid('study'),
    seriesInstanceUid: uid('series'),
    frameOfReferenceUid: uid('frame of reference'),
    modality: options.modality ?? 'CT',
    warnings: [],
  };
}

/** @throws SamepointError volume/too-large */
function voxelCount({ dims: [columns, rows, slices] }: NiftiHeader): number {
  const voxels = columns * rows * slices;
  if (voxels > MAX_VOXELS) throw new SamepointError('volume/too-large', { voxels, limit: MAX_VOXELS });
  return voxels;
}

/** Inflates a gzip file as far as its own header says that it goes. */
function inflate(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const flush = bytes.length <= HEAD_BYTES ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
  const head = gunzip(bytes.subarray(0, HEAD_BYTES), MAX_HEAD_BYTES, flush);
  const header = readNiftiHeader(head);
  const end = header.offset + voxelCount(header) * header.bytesPerVoxel;
  if (!(header.offset >= 0 && end < 2 ** 33)) return refuse('its voxels have no place');
  return gunzip(bytes, end + MAX_TRAILER_BYTES, constants.Z_FINISH);
}

function gunzip(bytes: Uint8Array, maxOutputLength: number, finishFlush: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength, finishFlush });
  } catch (thrown) {
    const reason = `gzip: ${errorFrom(thrown).message}`;
    throw new SamepointError('volume/invalid-nifti', { reason }, { cause: thrown });
  }
}

function readValues(view: DataView, header: NiftiHeader, voxels: number): Int16Array | Float32Array {
  const { datatype, bytesPerVoxel, littleEndian, slope, intercept } = header;
  const readers: Readonly<Record<number, (at: number) => number>> = {
    2: (at) => view.getUint8(at),
    4: (at) => view.getInt16(at, littleEndian),
    8: (at) => view.getInt32(at, littleEndian),
    16: (at) => view.getFloat32(at, littleEndian),
    64: (at) => view.getFloat64(at, littleEndian),
    256: (at) => view.getInt8(at),
    512: (at) => view.getUint16(at, littleEndian),
  };
  const read = readers[datatype] ?? refuse(`data type ${String(datatype)}`);
  const values = new Float32Array(voxels);
  const integers = new Int16Array(voxels);
  let isIntegral = true;
  for (let index = 0; index < voxels; index += 1) {
    const value = read(index * bytesPerVoxel) * slope + intercept;
    values[index] = value;
    integers[index] = value;
    isIntegral &&= integers[index] === value;
  }
  return isIntegral ? integers : values;
}
