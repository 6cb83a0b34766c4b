/**
 * Series of thin slices, as a trauma scanner makes them: 512 x 512 pixels of 0.7 mm, slices of 0.5 mm. The anatomy is the phantom's,
 * magnified, and mirrored along the body until there are enough slices.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { createPhantom, writeSeries } from '../../server/src/phantom/index.ts';
import type { Volume } from '../../server/src/volume/types.ts';
import type { SeriesRef } from '../support/api.ts';
import type { Dicomweb } from '../support/dicomweb.ts';

const PIXELS = 512;
const PIXEL_MM = 0.7;
const SLICE_MM = 0.5;
/** Voxels of the phantom that is magnified, relative to the full one: it is drawn in a second. */
const COARSENESS = 3;
/** Slices that are made at a time: 32 MiB. */
const CHUNK = 64;
const PATIENT = {
  patientId: 'bench',
  patientName: 'Bench^Samepoint',
  studyDate: '20260101',
  studyTime: '120000',
};

function newUid(): string {
  return `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;
}

/** Index within n of a place beyond it, mirrored at the ends. */
function mirrored(index: number, n: number): number {
  const at = index % (2 * n);
  return at < n ? at : 2 * n - 1 - at;
}

/** Slices [first, first + count) of the magnified phantom. */
function chunkOf(source: Volume, uids: SeriesUids, first: number, count: number): Volume {
  const [columns, rows, slices] = source.dims;
  const [x, y, z] = [source.voxelToLps[0], source.voxelToLps[5], source.voxelToLps[10]];
  const data = new Int16Array(PIXELS * PIXELS * count);
  let at = 0;
  for (let k = 0; k < count; k++) {
    const from = columns * rows * mirrored(Math.floor(((first + k) * SLICE_MM) / z), slices);
    for (let j = 0; j < PIXELS; j++) {
      const row = from + columns * Math.min(rows - 1, Math.floor((j * PIXEL_MM) / y));
      for (let i = 0; i < PIXELS; i++)
        data[at++] = source.data[row + Math.min(columns - 1, Math.floor((i * PIXEL_MM) / x))] ?? 0;
    }
  }
  return {
    ...source,
    ...uids,
    dims: [PIXELS, PIXELS, count],
    data,
    voxelToLps: [PIXEL_MM, 0, 0, -180, 0, PIXEL_MM, 0, -180, 0, 0, SLICE_MM, first * SLICE_MM],
    slices: Array.from({ length: count }, () => ({
      sopClassUid: source.slices[0]?.sopClassUid ?? '',
      sopInstanceUid: newUid(),
    })),
  };
}

type SeriesUids = Pick<Volume, 'studyInstanceUid' | 'seriesInstanceUid' | 'frameOfReferenceUid'>;

/** Stores a series of so many slices. @returns it, and a point inside the body, LPS mm. */
export async function storeLongSeries(
  dicomweb: Dicomweb,
  slices: number,
): Promise<{ readonly series: SeriesRef; readonly point: readonly [number, number, number] }> {
  const source = createPhantom({ seed: 1, coarseness: COARSENESS }).timePoints[0].volume;
  const uids = { studyInstanceUid: newUid(), seriesInstanceUid: newUid(), frameOfReferenceUid: newUid() };
  for (let first = 0; first < slices; first += CHUNK) {
    const chunk = chunkOf(source, uids, first, Math.min(CHUNK, slices - first));
    await dicomweb.store(
      writeSeries(chunk, { ...PATIENT, studyDescription: 'Bench', seriesDescription: `${slices} slices` }),
    );
  }
  const { studyInstanceUid, seriesInstanceUid } = uids;
  return { series: { studyInstanceUid, seriesInstanceUid }, point: [0, 0, (slices * SLICE_MM) / 2] };
}
