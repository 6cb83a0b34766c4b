/**
 * Raw voxels without a header, as DIR-Lab distributes them: 16-bit signed integers, little endian, columns first, then rows, then
 * slices from the apex of the lungs to the base. Their place in the patient is not published: the first voxel lies at (0, 0, 0).
 * @module
 */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { affineFromColumns } from '../../../server/src/geometry/index.ts';
import type { Grid, Volume } from '../../../server/src/volume/index.ts';
import { InputError } from '../files.ts';
import type { Subject } from '../files.ts';

/** Columns, rows, slices, and their distances in mm. */
export interface RawShape {
  readonly dims: readonly [number, number, number];
  readonly spacing: readonly [number, number, number];
}

const VOXEL_BYTES = 2;
/** Stored value of 0 HU. */
const STORED_ZERO = 1024;
/** The least value of a CT, HU; some scanners store less outside the circle of reconstruction. */
const LOWEST_HU = -1024;
const AIR_HU = -700;
const TISSUE_HU: readonly [number, number] = [-200, 300];
/** A chest has several times as much of each; bytes in the wrong order give less of one. */
const LEAST_SHARE = 0.05;

/** Where the voxels lie: columns run to the patient's left, rows to posterior, slices to inferior. */
export function rawGrid({ dims, spacing: [x, y, z] }: RawShape): Grid {
  return { dims, voxelToLps: affineFromColumns([x, 0, 0], [0, y, 0], [0, 0, -z], [0, 0, 0]) };
}

/**
 * A raw CT.
 * @throws InputError for a file of another size; when loaded, for values that are no stored CT.
 */
export async function rawSubject(path: string, shape: RawShape): Promise<Subject> {
  const { size, mtimeMs } = await stat(path);
  const [columns, rows, slices] = shape.dims;
  const expected = columns * rows * slices * VOXEL_BYTES;
  if (size !== expected)
    throw new InputError(
      `${path} has ${size} bytes, but ${shape.dims.join(' x ')} voxels of 16 bits are ${expected}: ` +
        'it is cut, still packed, or of another case; unpack it again',
    );
  const identity = createHash('sha256')
    .update(JSON.stringify([path, size, mtimeMs, shape]))
    .digest('hex');
  return { identity, load: async () => volumeOf(await readFile(path), path, shape, identity) };
}

function volumeOf(bytes: Buffer, path: string, shape: RawShape, identity: string): Volume {
  const data = hounsfield(bytes);
  assertChest(data, path);
  const uid = (role: string): string => {
    const digest = createHash('sha256').update(role).update(identity).digest('hex').slice(0, 30);
    return `2.25.${BigInt(`0x${digest}`).toString()}`;
  };
  return {
    ...rawGrid(shape),
    data,
    slices: Array.from({ length: shape.dims[2] }, () => ({ sopClassUid: '', sopInstanceUid: '' })),
    studyInstanceUid: uid('study'),
    seriesInstanceUid: uid('series'),
    frameOfReferenceUid: uid('frame of reference'),
    modality: 'CT',
    warnings: [],
  };
}

function hounsfield(bytes: Buffer): Int16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Int16Array(bytes.byteLength / VOXEL_BYTES);
  for (let n = 0; n < values.length; n += 1)
    values[n] = Math.max(LOWEST_HU, view.getInt16(VOXEL_BYTES * n, true) - STORED_ZERO);
  return values;
}

/** Bytes in another order, or values that are HU already, show no air or no tissue. */
function assertChest(values: Int16Array, path: string): void {
  const least = LEAST_SHARE * values.length;
  let [air, tissue] = [0, 0];
  for (const value of values) {
    if (value <= AIR_HU) air += 1;
    else if (value >= TISSUE_HU[0] && value <= TISSUE_HU[1]) tissue += 1;
  }
  if (air < least || tissue < least)
    throw new InputError(
      `${path} shows no ${air < least ? 'air' : 'soft tissue'} when ${STORED_ZERO} is subtracted from its values: ` +
        'it is not as DIR-Lab distributes it (signed 16 bits, little endian, HU + 1024)',
    );
}
