import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ViewerFailure } from '../client/failure.ts';
import type { Lps } from '../wire.ts';
import { CLEAR, SIMILARITY } from './palette.ts';
import { decodeSimilarity, paintSimilarity, similarityAt } from './similarityVolume.ts';
import { encodeSimilarity } from './testing/encodeSimilarity.ts';
import { axialGrid } from './testing/planes.ts';

const linear = ([i, j, k]: Lps): number => 0.25 + 0.03 * i + 0.05 * j + 0.06 * k;
/** A quantum of the bytes, and a bit. */
const QUANTUM = 0.7 / 254;

/** What an administrator reads of bytes that are refused. */
function detailOf(bytes: Uint8Array): string | undefined {
  try {
    decodeSimilarity(bytes);
  } catch (error) {
    return (error as ViewerFailure).detail;
  }
  return undefined;
}

describe('a similarity map', () => {
  test('is read at any point between its places', () => {
    const volume = decodeSimilarity(encodeSimilarity({ at: linear }));
    const within = (max: number): fc.Arbitrary<number> => fc.double({ min: 0, max, noNaN: true });
    fc.assert(
      fc.property(within(5), within(4), within(3), (i, j, k) => {
        const value = similarityAt(volume, [8 * i - 20, 8 * j - 20, 8 * k]);
        expect(Math.abs((value ?? NaN) - linear([i, j, k]))).toBeLessThan(QUANTUM);
      }),
    );
  });

  test('of a patient who lay turned is read where the series has the places', () => {
    const turned = [
      [-8, 0, 0, 20],
      [0, -8, 0, 12],
      [0, 0, 8, 0],
      [0, 0, 0, 1],
    ];
    const volume = decodeSimilarity(encodeSimilarity({ at: linear, voxelToLps: turned }));
    expect(
      Math.abs((similarityAt(volume, [20 - 8 * 2.5, 12 - 8 * 1.5, 8]) ?? NaN) - linear([2.5, 1.5, 1])),
    ).toBeLessThan(QUANTUM);
  });

  test.each<[string, Lps]>([
    ['outside of the lattice', [-25, 0, 8]],
    ['above it', [0, 0, 40]],
    ['where there is no body', [20, 0, 8]],
  ])('is not known %s', (_, lps) => {
    const volume = decodeSimilarity(
      encodeSimilarity({ at: (place) => (place[0] >= 4 ? undefined : linear(place)) }),
    );
    expect(similarityAt(volume, lps)).toBeUndefined();
    expect(similarityAt(volume, [-10, 0, 8])).toBeDefined();
  });

  test('is painted where it is known, and brighter where it is more similar', () => {
    const volume = decodeSimilarity(
      encodeSimilarity({ at: (place) => (place[0] >= 4 ? undefined : linear(place)), low: 0.25, high: 0.6 }),
    );
    const grid = axialGrid(8);
    const pixels = new Uint32Array(grid.columns * grid.rows);
    paintSimilarity(volume, SIMILARITY.colours, grid, pixels);
    const at = (x: number, y: number): number => pixels[(y + 30) * 60 + x + 30] ?? NaN;
    const opacity = (pixel: number): number => pixel >>> 24;
    expect([at(-29, 0), at(25, 0), at(0, -28)]).toEqual([CLEAR, CLEAR, CLEAR]);
    expect(opacity(at(2, 10))).toBeGreaterThan(opacity(at(-15, -15)));
    expect(opacity(at(-15, -15))).toBeGreaterThan(0);
  });

  test.each<[string, () => Uint8Array, string]>([
    ['too short', () => new Uint8Array(5), 'of 5 bytes'],
    ['another format', () => encodeSimilarity().fill(0x41, 0, 4), 'SPSM'],
    ['a later version', () => encodeSimilarity().fill(2, 4, 5), 'version 2'],
    ['a header that is cut off', () => encodeSimilarity().slice(0, 60), 'cut off'],
    ['a header that is no JSON', () => encodeSimilarity().fill(0x41, 12, 20), 'no JSON'],
    ['data that are cut off', () => encodeSimilarity().slice(0, -1), 'places instead of 120'],
    ['no target', () => encodeSimilarity({}, (header) => ({ ...header, target: null })), 'without target'],
    ['no whole dims', () => encodeSimilarity({}, (header) => ({ ...header, dims: [2.5, 1, 1] })), 'dims'],
    [
      'too many places',
      () => encodeSimilarity({}, (header) => ({ ...header, dims: [1e6, 1e6, 1e6] })),
      'places',
    ],
    [
      'an affine without inverse',
      () =>
        encodeSimilarity({
          voxelToLps: [
            [1, 0, 0, 0],
            [2, 0, 0, 0],
            [0, 0, 1, 0],
          ],
        }),
      'has no inverse',
    ],
    ['no affine', () => encodeSimilarity({ voxelToLps: [[8, 0, 0, 0]] }), 'affine is no number'],
    [
      'no range',
      () => encodeSimilarity({}, (header) => ({ ...header, similarity: { low: 1, high: 1 } })),
      'range',
    ],
  ])('is refused for %s', (_, bytes, message) => {
    expect(detailOf(bytes())).toContain(message);
  });
});
