import { distanceMm, lpsPoint } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { dot } from '../search/sampling.ts';
import { directionsAt } from '../search/search.ts';
import { PLACES, query, target, toTarget } from '../matching/testing/affinePair.ts';
import { coupledConvex, displacementAt, moved } from './coupledConvex.ts';

describe('coupledConvex', () => {
  const identity = (lps: LpsPoint): LpsPoint => lps;

  it('finds a smooth map that the guess knows nothing of', () => {
    const by = coupledConvex(query, target, identity).displacements;
    for (const place of PLACES) {
      expect(distanceMm(place, toTarget(place))).toBeGreaterThan(8);
      expect(distanceMm(moved(by, place, place), toTarget(place))).toBeLessThan(2);
    }
  });

  it('keeps a right guess, to half a voxel', () => {
    const by = coupledConvex(query, target, toTarget).displacements;
    for (const place of PLACES) expect(Math.hypot(...displacementAt(by, place))).toBeLessThan(2);
  });

  it('knows nothing where every guess lies outside the target', () => {
    const by = coupledConvex(query, target, ([x, y, z]) => lpsPoint(x + 500, y, z)).displacements;
    expect(displacementAt(by, lpsPoint(40, 50, 45))).toEqual([0, 0, 0]);
  });
});

describe('displacementAt', () => {
  /** Linear in each coordinate: interpolated exactly. */
  const dims = [3, 4, 2] as const;
  const values = Float32Array.from({ length: 72 }, (_, n) => {
    const node = Math.floor(n / 3);
    return [node % 3, Math.floor(node / 3) % 4, Math.floor(node / 12)][n % 3] ?? NaN;
  });
  const by = { dims, origin: [10, 20, 30] as const, step: [2, 4, 8] as const, values };

  it('interpolates between the nodes and continues the edge', () => {
    expect(displacementAt(by, lpsPoint(11, 26, 34))).toEqual([0.5, 1.5, 0.5]);
    expect(displacementAt(by, lpsPoint(-50, 26, 99))).toEqual([0, 1.5, 1]);
  });
});

describe('the cosines of a box', () => {
  it('are those of the vectors, i fastest', () => {
    const direction = directionsAt(query, lpsPoint(41, 50, 45))[0]!;
    const { map } = target.maps[0];
    const into = new Float32Array(3 * 2 * 2);
    target.kernel.cosines(direction, { i: [5, 7], j: [10, 11], k: [8, 9] }, into);
    const expected = [8, 9].flatMap((k) =>
      [10, 11].flatMap((j) =>
        [5, 6, 7].map((i) => {
          const voxel = (k * 24 + j) * 24 + i;
          const vector = map.vectors.subarray(voxel * map.channels, (voxel + 1) * map.channels);
          return dot(direction, Float64Array.from(vector)) * (map.inverseNorms[voxel] ?? NaN);
        }),
      ),
    );
    for (const [n, value] of expected.entries()) expect(into[n]).toBeCloseTo(value, 3);
  });
});
