import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Lps } from '../wire.ts';
import type { Slice } from './slices.ts';
import { halfVoxelMm, isOnImage, nearestSlice, readSlices } from './slices.ts';

const COLUMN_MM = 0.7;
const ROW_MM = 0.9;
const SLICE_MM = 2.5;

/** Slices of a rotated series: cosines from three angles, the first slice at `origin`. */
function series(origin: Lps, [a, b, c]: Lps, count = 12): Slice[] {
  const [ca, sa, cb, sb, cc, sc] = [a, b, c].flatMap((angle) => [Math.cos(angle), Math.sin(angle)]) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const alongRow: Lps = [ca * cb, sa * cb, -sb];
  const alongColumn: Lps = [ca * sb * sc - sa * cc, sa * sb * sc + ca * cc, cb * sc];
  const normal: Lps = [ca * sb * cc + sa * sc, sa * sb * cc - ca * sc, cb * cc];
  return Array.from({ length: count }, (_, k) => ({
    imageId: `image ${k}`,
    sopClassUid: '1.2',
    sopInstanceUid: `1.2.${k}`,
    frameNumber: undefined,
    origin: origin.map((value, axis) => value + k * SLICE_MM * (normal[axis] ?? 0)) as unknown as Lps,
    alongRow,
    alongColumn,
    columnSpacingMm: COLUMN_MM,
    rowSpacingMm: ROW_MM,
    columns: 64,
    rows: 48,
  }));
}

const angle = fc.double({ min: -1.5, max: 1.5, noNaN: true });
const angles = fc.tuple(angle, angle, angle);
const coordinate = fc.double({ min: -300, max: 300, noNaN: true });
const point = fc.tuple(coordinate, coordinate, coordinate);

describe('nearestSlice', () => {
  test('finds slice, pixel and distance of a point that was made from them', () => {
    fc.assert(
      fc.property(
        point,
        angles,
        fc.integer({ min: 0, max: 11 }),
        fc.double({ min: 0, max: 63, noNaN: true }),
        fc.double({ min: 0, max: 47, noNaN: true }),
        fc.double({ min: -1.2, max: 1.2, noNaN: true }),
        (origin, rotation, k, column, row, off) => {
          const slices = series(origin, rotation);
          const slice = slices[k]!;
          // Column index times column spacing runs along the row (PS3.3 C.7.6.2.1.1), the rest along the normal.
          const normal = series([0, 0, 0], rotation, 2)[1]!.origin.map((value) => value / SLICE_MM);
          const world = slice.origin.map(
            (value, axis) =>
              value +
              column * COLUMN_MM * slice.alongRow[axis as 0] +
              row * ROW_MM * slice.alongColumn[axis as 0] +
              off * normal[axis]!,
          ) as unknown as Lps;
          const found = nearestSlice(slices, world);
          expect(found?.pixel.sopInstanceUid).toBe(`1.2.${k}`);
          expect(found?.pixel.column).toBeCloseTo(column, 6);
          expect(found?.pixel.row).toBeCloseTo(row, 6);
          expect(found?.pixel.offPlaneMm).toBeCloseTo(Math.abs(off), 6);
          expect(found !== undefined && isOnImage(found)).toBe(true);
        },
      ),
    );
  });

  test('says when a point is beside the image', () => {
    const slices = series([0, 0, 0], [0, 0, 0]);
    expect(isOnImage(nearestSlice(slices, [-0.5 * COLUMN_MM + 0.01, 0, 0])!)).toBe(true);
    expect(isOnImage(nearestSlice(slices, [-0.5 * COLUMN_MM - 0.01, 0, 0])!)).toBe(false);
    expect(isOnImage(nearestSlice(slices, [63.6 * COLUMN_MM, 0, 0])!)).toBe(false);
    expect(isOnImage(nearestSlice(slices, [0, 47.6 * ROW_MM, 0])!)).toBe(false);
  });

  test('a frame number is given for multi-frame objects only', () => {
    const [first, second] = series([0, 0, 0], [0, 0, 0]);
    const frames = [
      { ...first!, sopInstanceUid: '1.2.3', frameNumber: 1 },
      { ...second!, sopInstanceUid: '1.2.3', frameNumber: 2 },
    ];
    expect(nearestSlice(frames, [0, 0, SLICE_MM])?.pixel.frameNumber).toBe(2);
    expect(nearestSlice([{ ...first!, frameNumber: 1 }], [0, 0, 0])?.pixel).not.toHaveProperty('frameNumber');
  });

  test('no slices, no answer', () => {
    expect(nearestSlice([], [0, 0, 0])).toBeUndefined();
  });
});

describe('halfVoxelMm', () => {
  const slices = series([5, 6, 7], [0, 0, 0]);

  test.each<[string, Lps, number]>([
    ['through the slices', [0, 0, 1], SLICE_MM / 2],
    ['along the rows', [1, 0, 0], COLUMN_MM / 2],
    ['along the columns, any length', [0, -7, 0], ROW_MM / 2],
    ['oblique: half the width of the voxel box', [1, 0, 1], (COLUMN_MM + SLICE_MM) / Math.SQRT2 / 2],
  ])('%s', (_name, direction, expected) => {
    expect(halfVoxelMm(slices, direction)).toBeCloseTo(expected, 9);
  });

  test('a missing slice and the order of the slices change nothing', () => {
    const shuffled = [...slices.slice(5), ...slices.slice(0, 3)].reverse();
    expect(halfVoxelMm(shuffled, [0, 0, 1])).toBeCloseTo(SLICE_MM / 2, 9);
  });
});

describe('readSlices', () => {
  const plane = { imagePositionPatient: [1, 2, 3], rowCosines: [1, 0, 0], columnCosines: [0, 1, 0] };

  test('reads the frame number from the image id', () => {
    const metaData = {
      get: (type: string) => (type === 'instance' ? { SOPInstanceUID: '1.2.3', SOPClassUID: '1.2' } : plane),
    };
    expect(readSlices(metaData, ['wadors:/studies/1/instances/1.2.3/frames/7'])).toMatchObject([
      { sopInstanceUid: '1.2.3', frameNumber: 7, origin: [1, 2, 3], alongRow: [1, 0, 0] },
    ]);
  });

  test.each([
    ['no plane', undefined],
    ['no position', { ...plane, imagePositionPatient: undefined }],
    ['a broken direction', { ...plane, rowCosines: [1, Number.NaN, 0] }],
  ])('omits an image with %s', (_name, given) => {
    const metaData = { get: (type: string) => (type === 'instance' ? { SOPInstanceUID: '1.2.3' } : given) };
    expect(readSlices(metaData, ['a'])).toEqual([]);
  });
});
