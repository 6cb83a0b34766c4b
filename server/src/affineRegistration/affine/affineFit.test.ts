import fc from 'fast-check';
import {
  voxelIndex,
  affineFromColumns,
  compose,
  distanceMm,
  lpsPoint,
  seededNumbers,
  toLps,
} from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { applyTo, leastSquaresAffine, reweightedAffine, robustAffine } from './affineFit.ts';
import type { PointPair } from './affineFit.ts';
import { evenly } from '../../geometry/testing/evenly.ts';

/** What two scans of a patient differ by: a turn about z, a stretch of some percent, a shift. */
const bodyMaps = fc
  .tuple(
    evenly(-0.4, 0.4),
    fc.tuple(evenly(0.85, 1.15), evenly(0.85, 1.15), evenly(0.85, 1.15)),
    fc.tuple(evenly(-200, 200), evenly(-200, 200), evenly(-900, 900)),
  )
  .map(([turn, [x, y, z], shift]): Affine => {
    const [c, s] = [Math.cos(turn), Math.sin(turn)];
    return affineFromColumns([x * c, x * s, 0], [-y * s, y * c, 0], [0, 0, z], shift);
  });

/** Points of a trunk, the same for every seed. */
function trunk(count: number, seed: number): readonly LpsPoint[] {
  const random = seededNumbers(seed);
  return Array.from({ length: count }, () =>
    lpsPoint(300 * random() - 150, 200 * random() - 100, 400 * random() - 600),
  );
}

function pairsOf(map: Affine, points: readonly LpsPoint[], weight = 1): PointPair[] {
  return points.map((from) => ({ from, to: applyTo(map, from), weight, similarity: 0.9 }));
}

/** How far the two maps are apart on the points at most, mm. */
function farthest(a: Affine | undefined, b: Affine, points: readonly LpsPoint[]): number {
  return Math.max(...points.map((p) => (a === undefined ? NaN : distanceMm(applyTo(a, p), applyTo(b, p)))));
}

const MIRROR = affineFromColumns([-1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]);

describe('applyTo', () => {
  it('is what maps voxels to the world, applied from world to world', () => {
    fc.assert(
      fc.property(bodyMaps, evenly(-500, 500), evenly(-500, 500), (map, x, y) => {
        const there = applyTo(map, lpsPoint(x, y, x - y));
        const asIndex = toLps(map, voxelIndex(x, y, x - y));
        expect(distanceMm(there, asIndex)).toBe(0);
      }),
    );
  });
});

describe('robustAffine', () => {
  const points = trunk(60, 3);

  it('finds the map of pairs that all agree, and says that it explains all of them', () => {
    fc.assert(
      fc.property(bodyMaps, (map) => {
        const fit = robustAffine(pairsOf(map, points));
        // The ridge of a thousandth draws the linear part towards the identity.
        expect(farthest(fit?.map, map, points)).toBeLessThan(0.5);
        expect(fit?.support).toBeGreaterThan(0.999);
      }),
      { numRuns: 15 },
    );
  });

  it('is not moved by a third of pairs that go anywhere', () => {
    fc.assert(
      fc.property(bodyMaps, fc.integer({ min: 1, max: 1e6 }), (map, seed) => {
        const wrong = trunk(30, seed).map((to, n) => ({ from: points[n]!, to, weight: 1, similarity: 0.9 }));
        const fit = robustAffine([...pairsOf(map, points), ...wrong]);
        expect(farthest(fit?.map, map, points)).toBeLessThan(4);
        expect(fit?.support).toBeGreaterThan(0.6);
        expect(fit?.support).toBeLessThan(0.8);
      }),
      { numRuns: 10 },
    );
  });

  it('answers the same pairs with the same map', () => {
    const map = affineFromColumns([1.05, 0, 0], [0.1, 1, 0], [0, 0, 0.95], [10, 20, 30]);
    const pairs = pairsOf(map, points).map((pair, n) =>
      n % 4 === 0 ? { ...pair, to: points[(n * 7) % 60]! } : pair,
    );
    expect(robustAffine(pairs)).toEqual(robustAffine(pairs));
  });

  it('moves with the target: a shift of all targets shifts the map', () => {
    const shift = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [100, -50, 700]);
    const map = affineFromColumns([0.9, 0.1, 0], [-0.1, 0.9, 0], [0, 0, 1.1], [0, 0, 0]);
    const plain = robustAffine(pairsOf(map, points));
    const moved = robustAffine(pairsOf(compose(shift, map), points));
    expect(farthest(moved?.map, compose(shift, plain!.map), points)).toBeLessThan(1e-6);
  });

  it('gives the pairs that are trusted more the last word', () => {
    const near = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]);
    const far = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 120]);
    const half = points.slice(0, 30);
    const fit = robustAffine([...pairsOf(near, half, 0.2), ...pairsOf(far, points.slice(30), 1)]);
    expect(farthest(fit?.map, far, points)).toBeLessThan(4);
    // 30 of 30 + 6.
    expect(fit?.support).toBeCloseTo(30 / 36, 1);
  });

  it('says nothing about fewer than eight pairs', () => {
    const map = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 10]);
    expect(robustAffine(pairsOf(map, points.slice(0, 7)))).toBeUndefined();
    expect(robustAffine(pairsOf(map, points.slice(0, 8)))?.support).toBeGreaterThan(0.999);
    expect(robustAffine([])).toBeUndefined();
  });

  it.each([
    ['a mirror image', MIRROR],
    [
      'a body of a tenth of the volume',
      affineFromColumns([0.46, 0, 0], [0, 0.46, 0], [0, 0, 0.46], [0, 0, 0]),
    ],
    ['a body of eight times the volume', affineFromColumns([2, 0, 0], [0, 2, 0], [0, 0, 2], [0, 0, 0])],
  ])('does not answer with %s', (_name, map) => {
    const fit = robustAffine(pairsOf(map, points));
    expect(fit === undefined || farthest(fit.map, map, points) > 25).toBe(true);
    expect(fit?.support ?? 0).toBeLessThan(0.8);
  });

  it('has an answer for points of one slice, which say nothing about the others', () => {
    const map = affineFromColumns([1.05, 0.02, 0], [0, 0.95, 0], [0, 0, 1], [5, -3, 40]);
    const flat = points.map(([x, y]) => lpsPoint(x, y, -400));
    const fit = robustAffine(pairsOf(map, flat));
    expect(farthest(fit?.map, map, flat)).toBeLessThan(0.5);
    // Across the slice millimetres stay millimetres.
    expect(fit?.map[10]).toBeCloseTo(1, 2);
  });

  it('has no answer where all pairs have weight 0', () => {
    const map = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 10]);
    expect(robustAffine(pairsOf(map, points, 0))?.support ?? 0).toBe(0);
  });
});

describe('reweightedAffine', () => {
  const points = trunk(60, 4);

  it('is not moved by a fifth of pairs that go elsewhere, as least squares are', () => {
    fc.assert(
      fc.property(bodyMaps, fc.integer({ min: 1, max: 1e6 }), (map, seed) => {
        const offsets = trunk(12, seed);
        const pairs = pairsOf(map, points).map((pair, n) => {
          const [x, y, z] = offsets[n] ?? [0, 0, -400];
          const to = lpsPoint(pair.to[0] + 50 + x / 3, pair.to[1] + y / 3, pair.to[2] + (z + 400) / 3);
          return n < 12 ? { ...pair, to } : pair;
        });
        // The ridge of a thousandth draws the linear part towards the identity.
        expect(farthest(reweightedAffine(pairs), map, points)).toBeLessThan(3);
        expect(farthest(leastSquaresAffine(pairs), map, points)).toBeGreaterThan(5);
      }),
      { numRuns: 15 },
    );
  });

  it('weighs pairs by what they are trusted, and says nothing without one', () => {
    const map = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 10]);
    const untrusted = pairsOf(MIRROR, points.slice(0, 40), 0);
    expect(farthest(reweightedAffine([...untrusted, ...pairsOf(map, points)]), map, points)).toBeLessThan(
      0.5,
    );
    expect(reweightedAffine([])).toBeUndefined();
  });
});
