/** Points moved by a lattice. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Lps } from '../wire.ts';
import { mapPoint } from './mapPoint.ts';
import { sampleLattice } from './testing/encodeField.ts';

const MIN: Lps = [-100, -80, -1000];
const MAX: Lps = [100, 80, -800];
/** A rotation, a stretch and a shift of the table: trilinear interpolation is exact for it. */
const affine = ([x, y, z]: Lps): Lps => [0.98 * x - 0.1 * y + 4, 0.1 * x + 1.02 * y - 7, 1.01 * z + 1600];
const LATTICE = sampleLattice({ min: MIN, max: MAX, spacingMm: 8, map: affine, radius: ([x]) => 5 + x / 50 });

const within = (axis: 0 | 1 | 2) => fc.double({ min: MIN[axis], max: MAX[axis], noNaN: true });
const place = fc.tuple(within(0), within(1), within(2));

function distance(a: Lps, b: Lps): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

describe('mapPoint', () => {
  test('an affine map is met everywhere, to the rounding of the format', () => {
    fc.assert(
      fc.property(place, (lps) => {
        const mapped = mapPoint(LATTICE, lps);
        expect(mapped.isInside).toBe(true);
        expect(distance(mapped.lps, affine(lps))).toBeLessThan(0.06);
        expect(mapped.errorRadiusMm).toBeCloseTo(5 + lps[0] / 50, 0);
      }),
      { seed: 1 },
    );
  });

  test('a small step moves the place by a small step, also across the faces of cells and the border', () => {
    const bent = sampleLattice({
      min: MIN,
      max: MAX,
      spacingMm: 8,
      map: ([x, y, z]) => [x + 9 * Math.sin(y / 20), y + 9 * Math.cos(z / 20), z],
    });
    const around = fc.double({ min: -140, max: 140, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(around, around, around), ([x, y, z]) => {
        const at = mapPoint(bent, [x, y, z - 900]).lps;
        expect(distance(at, mapPoint(bent, [x + 0.01, y - 0.01, z - 900.01]).lps)).toBeLessThan(0.05);
      }),
      { seed: 1 },
    );
  });

  test('a point beyond the lattice moves as its border does, and is not inside', () => {
    const beyond = mapPoint(LATTICE, [100, 0, -700]);
    const border = mapPoint(LATTICE, [100, 0, -800]);
    expect(beyond.isInside).toBe(false);
    expect(beyond.lps[2] - border.lps[2]).toBeCloseTo(100, 6);
    expect(mapPoint(LATTICE, [100, 0, -797]).isInside).toBe(true);
  });

  test('the error radius is unknown where most of the weight is at nodes that do not know it', () => {
    const half = sampleLattice({
      min: MIN,
      max: MAX,
      spacingMm: 10,
      map: affine,
      radius: ([x]) => (x < 0 ? undefined : 4),
    });
    expect(mapPoint(half, [-6, 0, -900]).errorRadiusMm).toBeUndefined();
    expect(mapPoint(half, [-4, 0, -900]).errorRadiusMm).toBeCloseTo(4, 6);
    expect(mapPoint(half, [50, 0, -900]).errorRadiusMm).toBeCloseTo(4, 6);
  });

  test('a lattice of one node is a shift', () => {
    const one = sampleLattice({ min: [0, 0, 0], max: [0, 0, 0], spacingMm: 5, map: () => [1, 2, 3] });
    expect(distance(mapPoint(one, [1, 1, 1]).lps, [2, 3, 4])).toBeLessThan(1e-3);
  });

  test('needs far less than 0.05 ms', () => {
    const points = 500;
    const batches = Array.from({ length: 40 }, () => {
      const start = performance.now();
      for (let k = 0; k < points; k += 1) mapPoint(LATTICE, [k % 90, k % 70, -900]);
      return (performance.now() - start) / points;
    });
    // The quickest: the others waited for other programs of the machine.
    expect(Math.min(...batches)).toBeLessThan(0.02);
  });
});
