/**
 * NIfTI-1 header (348 bytes), as far as a single volume in mm needs it. Field offsets from nifti1.h of the NIfTI group.
 * @module
 */
import { SamepointError } from '../errors/index.ts';
import { affineFromColumns } from '../geometry/index.ts';
import type { Affine } from '../geometry/index.ts';

const HEADER_BYTES = 348;
/** Data types that are read: NIfTI code to bytes per voxel. */
const BYTES_PER_VOXEL: Readonly<Record<number, number>> = { 2: 1, 4: 2, 8: 4, 16: 4, 64: 8, 256: 1, 512: 2 };
/** Low three bits of xyzt_units: 0 is "unknown", which everybody means as mm. */
const UNIT_MM = 2;

/** What the voxels and their place look like. */
export interface NiftiHeader {
  readonly littleEndian: boolean;
  readonly dims: readonly [number, number, number];
  /** 2 uint8, 4 int16, 8 int32, 16 float32, 64 float64, 256 int8, 512 uint16. */
  readonly datatype: number;
  readonly bytesPerVoxel: number;
  /** First byte of the voxels. */
  readonly offset: number;
  readonly slope: number;
  readonly intercept: number;
  /** Voxel index to patient LPS mm. */
  readonly voxelToLps: Affine;
}

/** Refuses a file with the reason. */
export function refuse(reason: string): never {
  throw new SamepointError('volume/invalid-nifti', { reason });
}

/** @throws SamepointError volume/invalid-nifti */
export function readNiftiHeader(bytes: Uint8Array): NiftiHeader {
  if (bytes.length < HEADER_BYTES) refuse(`${String(bytes.length)} bytes are too short for a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const littleEndian = view.getInt32(0, true) === HEADER_BYTES;
  if (!littleEndian && view.getInt32(0, false) !== HEADER_BYTES) refuse('it has no NIfTI-1 header');
  const magic = Buffer.from(bytes.subarray(344, 347)).toString('latin1');
  if (magic !== 'n+1') refuse('header and voxels are not in one file (magic is not "n+1")');
  const datatype = view.getInt16(70, littleEndian);
  const bytesPerVoxel = BYTES_PER_VOXEL[datatype];
  if (bytesPerVoxel === undefined) {
    return refuse(
      `data type ${String(datatype)} is not one of int8, uint8, int16, uint16, int32, float32, float64`,
    );
  }
  const slope = view.getFloat32(112, littleEndian);
  const isScaled = Number.isFinite(slope) && slope !== 0;
  return {
    littleEndian,
    dims: readDims(view, littleEndian),
    datatype,
    bytesPerVoxel,
    offset: view.getFloat32(108, littleEndian),
    // A slope of 0 means that the values are not scaled.
    slope: isScaled ? slope : 1,
    intercept: isScaled ? view.getFloat32(116, littleEndian) : 0,
    voxelToLps: readAffine(view, littleEndian),
  };
}

function readDims(view: DataView, littleEndian: boolean): readonly [number, number, number] {
  const dim = (index: number): number => view.getInt16(40 + 2 * index, littleEndian);
  const rank = dim(0);
  const extra = [4, 5, 6, 7].filter((index) => index <= rank).map(dim);
  if (rank < 3 || rank > 7 || extra.some((size) => size !== 1))
    refuse('it is not a single three-dimensional volume');
  const dims = [dim(1), dim(2), dim(3)] as const;
  if (dims.some((size) => size < 1)) refuse(`its dimensions are ${dims.join(' x ')}`);
  return dims;
}

/** The sform where there is one, else the qform; NIfTI's world is RAS, so that x and y change their sign. */
function readAffine(view: DataView, littleEndian: boolean): Affine {
  const unit = view.getUint8(123) & 7;
  if (unit !== 0 && unit !== UNIT_MM) refuse('its lengths are not in mm');
  const ras =
    view.getInt16(254, littleEndian) > 0 ? readSform(view, littleEndian) : readQform(view, littleEndian);
  const at = (index: number): number => ras[index] ?? NaN;
  const lps: Affine = [
    0 - at(0), 0 - at(1), 0 - at(2), 0 - at(3),
    0 - at(4), 0 - at(5), 0 - at(6), 0 - at(7),
    at(8), at(9), at(10), at(11),
  ]; // prettier-ignore
  if (!lps.every(Number.isFinite)) refuse('its orientation is not finite');
  return lps;
}

function readSform(view: DataView, littleEndian: boolean): readonly number[] {
  return Array.from({ length: 12 }, (_, index) => view.getFloat32(280 + 4 * index, littleEndian));
}

/** Rotation from the quaternion (b, c, d; a follows from unit length) times pixdim; pixdim[0] = -1 flips k. */
function readQform(view: DataView, littleEndian: boolean): readonly number[] {
  if (view.getInt16(252, littleEndian) <= 0) refuse('it has neither an sform nor a qform');
  const float = (at: number): number => view.getFloat32(at, littleEndian);
  const [b, c, d] = [float(256), float(260), float(264)];
  const a = Math.sqrt(Math.max(0, 1 - (b * b + c * c + d * d)));
  const [si, sj] = [float(80), float(84)];
  const sk = float(88) * (float(76) < 0 ? -1 : 1);
  return affineFromColumns(
    [si * (a * a + b * b - c * c - d * d), si * 2 * (b * c + a * d), si * 2 * (b * d - a * c)],
    [sj * 2 * (b * c - a * d), sj * (a * a + c * c - b * b - d * d), sj * 2 * (c * d + a * b)],
    [sk * 2 * (b * d + a * c), sk * 2 * (c * d - a * b), sk * (a * a + d * d - c * c - b * b)],
    [float(268), float(272), float(276)],
  );
}
