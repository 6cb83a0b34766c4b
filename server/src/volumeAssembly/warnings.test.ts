/**
 * Every warning of the module at least once, with what was compensated; the last tests keep the codes, these cases and
 * docs/volumes.md equal.
 */
import { readFileSync } from 'node:fs';
import { axisStep, toLps, voxelIndex } from '../geometry/index.ts';
import { volumeErrors } from '../errors/volume.ts';
import { readVolume } from './readVolume.ts';
import {
  ctSeries,
  ctSlice,
  enhancedAttributes,
  part10,
  storedValues,
  streamOf,
} from '../volume/testing/syntheticSeries.ts';
import { inlineDecoder } from '../volume/testing/inlineDecoder.ts';
import type { Volume } from '../volume/types.ts';
import { volumeWarnings } from './warnings.ts';

const decoder = inlineDecoder();
const seen = new Set<string>();

/** Reads a series that gives exactly one warning. */
async function readWithWarning(files: Iterable<Uint8Array>, code: string, words: string): Promise<Volume> {
  const volume = await readVolume(streamOf(files), { decoder });
  expect(volume.warnings.map((warning) => warning.code)).toEqual([code]);
  expect(volume.warnings[0]?.message).toContain(words);
  seen.add(code);
  return volume;
}

function stack(heights: readonly number[]): Uint8Array[] {
  return ctSeries(heights.length, (slice) => ({ ImagePositionPatient: [0, 0, heights[slice] ?? 0] }));
}

/** The k-th slice of a volume. */
function sliceOf(volume: Volume, k: number): number[] {
  const cells = volume.dims[0] * volume.dims[1];
  return [...volume.data.subarray(k * cells, (k + 1) * cells)];
}

function houndsfield(slice: number): number[] {
  return [...storedValues(slice)].map((value) => value - 1024);
}

describe('a series is accepted with a warning when', () => {
  it('localizers are among the slices', async () => {
    const localizer = ctSlice(9, {
      ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'],
      ImageOrientationPatient: [1, 0, 0, 0, 0, -1],
      Rows: 4,
    });
    const files = [localizer, ...ctSeries(3)];
    const volume = await readWithWarning(files, 'volume/localizers-left-out', '1 localizer');
    expect(volume.dims).toEqual([12, 10, 3]);
  });

  it('a frame of an Enhanced CT is a localizer', async () => {
    const frames = [0, 1, 2, 3].map((slice) => ({
      position: [0, 0, slice],
      frameType: ['ORIGINAL', 'PRIMARY', slice === 0 ? 'LOCALIZER' : 'VOLUME', 'NONE'],
    }));
    const pixels = new Uint16Array([0, 1, 2, 3].flatMap((slice) => [...storedValues(slice)]));
    const files = [part10(enhancedAttributes('CT', frames), { pixels })];
    const volume = await readWithWarning(files, 'volume/localizers-left-out', '1 localizer');
    expect(volume.slices.map(({ frameNumber }) => frameNumber)).toEqual([2, 3, 4]);
  });

  it('reports and screenshots are among the slices', async () => {
    const sr = part10({
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.33',
      SOPInstanceUID: '2.25.9',
      Modality: 'SR',
    });
    const pr = part10({
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.11.1',
      SOPInstanceUID: '2.25.8',
      Modality: 'PR',
    });
    const screenshot = ctSlice(8, { SOPClassUID: '1.2.840.10008.5.1.4.1.1.7', SamplesPerPixel: 3 });
    const files = [sr, ...ctSeries(3), pr, screenshot];
    const words = '3 other instances were omitted: presentation state, secondary capture, structured report';
    await readWithWarning(files, 'volume/objects-left-out', words);
  });

  it('a slice came twice', async () => {
    const copy = ctSlice(1, { SOPInstanceUID: '2.25.99999' });
    const files = [copy, ...ctSeries(4), ctSlice(3)];
    const volume = await readWithWarning(files, 'volume/duplicates-dropped', '2 duplicate slices');
    expect(volume.dims[2]).toBe(4);
    expect(volume.slices[1]?.sopInstanceUid).toBe('2.25.10001');
  });

  it('the gantry was tilted, and keeps the shear', async () => {
    // 15 degrees: y moves by tan(15) * cos(15) mm per mm along the normal; here slices stacked along z, tilted about x.
    const tilt = Math.PI / 12;
    const files = ctSeries(4, (slice) => ({
      ImagePositionPatient: [0, 0, 5 * slice],
      ImageOrientationPatient: [1, 0, 0, 0, Math.cos(tilt), Math.sin(tilt)],
    }));
    const volume = await readWithWarning(files, 'volume/gantry-tilt', '15.0 degrees');
    const step = axisStep(volume.voxelToLps, 2);
    [0, 0, 5].forEach((expected, axis) => {
      expect(step[axis]).toBeCloseTo(expected, 8);
    });
  });

  it('one slice is missing: the mean of its neighbours', async () => {
    const volume = await readWithWarning(
      stack([0, 2.5, 5, 10, 12.5]),
      'volume/missing-slices-filled',
      '1 missing slices were interpolated, first at 7.50 mm',
    );
    expect(volume.dims[2]).toBe(6);
    expect(toLps(volume.voxelToLps, voxelIndex(0, 0, 5))).toEqual([0, 0, 12.5]);
    const [below, above] = [houndsfield(2), houndsfield(3)];
    expect(sliceOf(volume, 3)).toEqual(
      below.map((value, index) => Math.round((value + (above[index] ?? 0)) / 2)),
    );
    expect(sliceOf(volume, 4)).toEqual(above);
    expect(volume.slices[3]).toMatchObject({ sopInstanceUid: '2.25.10003', planeOffsetMm: 2.5 });
    expect(volume.slices[4]).not.toHaveProperty('planeOffsetMm');
  });

  it('the spacing changes: slices at the median distance', async () => {
    const volume = await readWithWarning(
      stack([0, 2, 4, 6, 9, 12]),
      'volume/irregular-spacing-resampled',
      'from 2.00 to 3.00 mm; interpolated to 2.00 mm',
    );
    expect(volume.dims[2]).toBe(7);
    expect(sliceOf(volume, 3)).toEqual(houndsfield(3));
    // 8 mm lies two thirds of the way from the slice at 6 mm to the one at 9 mm.
    const expected = houndsfield(3).map((value, index) =>
      Math.round(value / 3 + (2 * (houndsfield(4)[index] ?? 0)) / 3),
    );
    expect(sliceOf(volume, 4)).toEqual(expected);
    expect(volume.slices[4]).toMatchObject({ sopInstanceUid: '2.25.10004', planeOffsetMm: 1 });
  });

  it('is of a kind that hospitalSeries.test.ts and compressedSeries.test.ts have the cases of', () => {
    for (const code of ['odd-images-left-out', 'no-frame-of-reference', 'no-end-marker', 'stream-differs'])
      seen.add(`volume/${code}`);
  });

  it('has a case for every warning code', () => {
    expect([...seen].sort()).toEqual(Object.keys(volumeWarnings).sort());
  });
});

describe('docs/volumes.md', () => {
  const text = readFileSync(new URL('../../../docs/volumes.md', import.meta.url), 'utf8');
  const rows = text
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([, code]) => code?.startsWith('`volume/'))
    .map(([, code = '', summary]) => [code.replaceAll('`', ''), summary] as const);

  it('lists every warning and every error once, with its summary', () => {
    const catalogue = Object.entries({ ...volumeWarnings, ...volumeErrors });
    const expected = catalogue.map(([code, { summary }]) => [code, summary] as const);
    const byCode = (a: readonly [string, unknown], b: readonly [string, unknown]): number =>
      a[0] < b[0] ? -1 : 1;
    expect([...rows].sort(byCode)).toEqual(expected.sort(byCode));
  });
});
