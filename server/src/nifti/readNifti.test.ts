import { gzipSync } from 'node:zlib';
import { toLps, voxelIndex } from '../geometry/index.ts';
import { readNifti } from './readNifti.ts';
import { errorLike } from '../errors/testing/like.ts';

/** Fields of a NIfTI-1 header that the tests set. */
interface Header {
  readonly dim: readonly number[];
  readonly datatype: number;
  readonly units: number;
  readonly slope: number;
  readonly intercept: number;
  /** Empty: sform_code 0. */
  readonly sform: readonly number[];
  /** Empty: qform_code 0. */
  readonly qform: readonly number[];
  readonly pixdim: readonly number[];
  readonly magic: string;
  readonly littleEndian: boolean;
}

const VOXELS = [-1000, -500, 0, 1, 2, 3, 40, 60, 100, 500, 1000, 3000];
/** RAS: 2 mm to the left, 3 mm to the front, 4 mm up; first voxel 10 mm right, 20 mm behind, 30 mm above the origin. */
const SFORM = [-2, 0, 0, 10, 0, 3, 0, -20, 0, 0, 4, 30];

const DEFAULTS: Header = {
  dim: [3, 3, 2, 2, 1, 1, 1, 1],
  datatype: 4,
  units: 2,
  slope: 0,
  intercept: 0,
  sform: SFORM,
  qform: [],
  pixdim: [1, 2, 3, 4],
  magic: 'n+1',
  littleEndian: true,
};

type Write = (at: number, value: number) => void;

function writers(
  view: DataView,
  littleEndian: boolean,
): Readonly<Record<'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'float' | 'double', Write>> {
  return {
    uint8: (at, value) => {
      view.setUint8(at, value);
    },
    int8: (at, value) => {
      view.setInt8(at, value);
    },
    uint16: (at, value) => {
      view.setUint16(at, value, littleEndian);
    },
    double: (at, value) => {
      view.setFloat64(at, value, littleEndian);
    },
    int16: (at, value) => {
      view.setInt16(at, value, littleEndian);
    },
    int32: (at, value) => {
      view.setInt32(at, value, littleEndian);
    },
    float: (at, value) => {
      view.setFloat32(at, value, littleEndian);
    },
  };
}

/** A NIfTI-1 file; offsets from nifti1.h. */
function nifti(changes: Partial<Header> = {}, values: readonly number[] = VOXELS): Uint8Array {
  const header = { ...DEFAULTS, ...changes };
  const file = Buffer.alloc(
    352 + values.length * ({ 2: 1, 4: 2, 64: 8, 256: 1, 512: 2 }[header.datatype] ?? 4),
  );
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const { uint8, int8, int16, uint16, int32, float, double } = writers(view, header.littleEndian);
  const row = (write: Write, at: number, step: number, numbers: readonly number[]): void => {
    numbers.forEach((value, index) => {
      write(at + step * index, value);
    });
  };
  int32(0, 348);
  row(int16, 40, 2, header.dim);
  int16(70, header.datatype);
  row(float, 76, 4, header.pixdim);
  row(float, 108, 4, [352, header.slope, header.intercept]);
  uint8(123, header.units);
  row(int16, 252, 2, [header.qform.length > 0 ? 1 : 0, header.sform.length > 0 ? 1 : 0]);
  row(float, 256, 4, header.qform);
  row(float, 280, 4, header.sform);
  file.write(header.magic, 344, 'latin1');
  if (header.datatype === 2) row(uint8, 352, 1, values);
  else if (header.datatype === 4) row(int16, 352, 2, values);
  else if (header.datatype === 64) row(double, 352, 8, values);
  else if (header.datatype === 256) row(int8, 352, 1, values);
  else if (header.datatype === 512) row(uint16, 352, 2, values);
  else row(header.datatype === 8 ? int32 : float, 352, 4, values);
  return file;
}

describe('readNifti', () => {
  it('reads voxels and turns RAS into LPS', () => {
    const volume = readNifti(nifti());
    expect(volume.dims).toEqual([3, 2, 2]);
    expect(volume.data).toEqual(Int16Array.from(VOXELS));
    expect(toLps(volume.voxelToLps, voxelIndex(0, 0, 0))).toEqual([-10, 20, 30]);
    expect(toLps(volume.voxelToLps, voxelIndex(2, 1, 1))).toEqual([-6, 17, 34]);
    expect(volume.modality).toBe('CT');
    expect(readNifti(nifti(), { modality: 'MR' }).modality).toBe('MR');
  });

  it.each([
    ['gzip', gzipSync(nifti())],
    ['big endian', nifti({ littleEndian: false })],
    ['int32', nifti({ datatype: 8 })],
    ['a trailing dimension of 1', nifti({ dim: [4, 3, 2, 2, 1, 1, 1, 1] })],
  ])('reads %s', (_, bytes) => {
    const volume = readNifti(bytes);
    expect(volume.data).toEqual(Int16Array.from(VOXELS));
    expect(toLps(volume.voxelToLps, voxelIndex(2, 1, 1))).toEqual([-6, 17, 34]);
  });

  it('reads numbers of other sizes, and scales', () => {
    const bytes = VOXELS.map((_, index) => index * 20);
    expect([...readNifti(nifti({ datatype: 2 }, bytes)).data]).toEqual(bytes);
    const halves = VOXELS.map((value) => value + 0.5);
    expect(readNifti(nifti({ datatype: 16 }, halves)).data).toEqual(Float32Array.from(halves));
    const fine = VOXELS.map((value) => value / 4);
    expect(readNifti(nifti({ datatype: 64 }, fine)).data).toEqual(Float32Array.from(fine));
    expect(readNifti(nifti({ datatype: 64 })).data).toEqual(Int16Array.from(VOXELS));
    const small = VOXELS.map((_, index) => index - 6);
    expect(readNifti(nifti({ datatype: 256 }, small)).data).toEqual(Int16Array.from(small));
    const large = VOXELS.map((_, index) => 65_535 - index);
    expect(readNifti(nifti({ datatype: 512 }, large)).data).toEqual(Float32Array.from(large));
    expect([...readNifti(nifti({ slope: 2, intercept: -1024 })).data]).toEqual(
      VOXELS.map((v) => 2 * v - 1024),
    );
    // A slope of 0 says that the values are not scaled, and the intercept nothing.
    expect([...readNifti(nifti({ slope: 0, intercept: 7 })).data]).toEqual(VOXELS);
  });

  it('reads the qform where there is no sform', () => {
    // Quaternion (0, 0, 0, 1): half a turn about z, so that i runs to the left and j to the back (RAS: -x, -y).
    const turned = readNifti(nifti({ sform: [], qform: [0, 0, 1, 10, 20, 30] }));
    expect(toLps(turned.voxelToLps, voxelIndex(1, 1, 1))).toEqual([-8, -17, 34]);
    // pixdim[0] = -1 reverses k.
    const flipped = readNifti(nifti({ sform: [], qform: [0, 0, 0, 0, 0, 0], pixdim: [-1, 2, 3, 4] }));
    const [x, y, z] = toLps(flipped.voxelToLps, voxelIndex(1, 1, 1));
    expect([x, y, z]).toEqual([-2, -3, -4]);
  });

  it('derives UIDs from the content: valid, the same for the same file, others for another', () => {
    const [first, again, other] = [readNifti(nifti()), readNifti(nifti()), readNifti(nifti({ slope: 3 }))];
    const uids = [first.studyInstanceUid, first.seriesInstanceUid, first.frameOfReferenceUid];
    expect(new Set([...uids, other.seriesInstanceUid]).size).toBe(4);
    expect(again).toEqual(first);
    for (const uid of uids) {
      expect(uid).toMatch(/^2\.25\.[1-9]\d*$/);
      expect(BigInt(uid.slice(5)) < 2n ** 128n).toBe(true);
    }
    expect(first.slices).toEqual([
      { sopClassUid: '', sopInstanceUid: '' },
      { sopClassUid: '', sopInstanceUid: '' },
    ]);
  });

  it.each([
    ['a short file', nifti().subarray(0, 100), 'too short'],
    ['a file of something else', Buffer.alloc(400), 'no NIfTI-1 header'],
    ['a cut file', nifti().subarray(0, 370), 'it ends after 370 of 376 bytes'],
    ['a cut gzip file', gzipSync(nifti()).subarray(0, 60), 'gzip'],
    ['the two-file form', nifti({ magic: 'ni1' }), 'not in one file'],
    ['complex values', nifti({ datatype: 32 }), 'data type 32'],
    ['a time series', nifti({ dim: [4, 3, 2, 1, 2, 1, 1, 1] }), 'not a single three-dimensional volume'],
    ['an image', nifti({ dim: [2, 3, 4, 1, 1, 1, 1, 1] }), 'not a single three-dimensional volume'],
    ['no size', nifti({ dim: [3, 3, 0, 2, 1, 1, 1, 1] }), '3 x 0 x 2'],
    ['metres', nifti({ units: 1 }), 'not in mm'],
    ['no orientation', nifti({ sform: [] }), 'neither an sform nor a qform'],
    ['a singular orientation', nifti({ sform: new Array<number>(12).fill(0) }), 'singular'],
    ['a broken orientation', nifti({ sform: new Array<number>(12).fill(NaN) }), 'not finite'],
  ])('refuses %s', (_, bytes, reason) => {
    expect(() => readNifti(bytes)).toThrow(errorLike({ code: 'volume/invalid-nifti' }));
    expect(() => readNifti(bytes)).toThrow(reason);
  });
});
