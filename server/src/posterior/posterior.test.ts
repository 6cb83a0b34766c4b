import fc from 'fast-check';
import type { EmbeddingMap } from '../embedding/index.ts';
import { distanceMm, lpsPoint, perAxis, seededNumbers } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { evenly } from '../geometry/testing/evenly.ts';
import { gridOf, mapOf, planeWaves, syntheticEmbedding } from '../matching/pool/syntheticEmbedding.ts';
import { PLACES, query, target, toTarget } from '../matching/testing/affinePair.ts';
import { directionsAt, pointOfVoxel, similarityAt, withWeights } from '../search/index.ts';
import type { SearchSpace } from '../search/index.ts';
import { searchSpaceOf } from '../search/space.ts';
import { expectedBetweenPatients, posteriorAt } from './index.ts';

/** 20 voxels of 4 mm along each axis. */
const GRID = gridOf([20, 20, 20], [4, 4, 4], [0, 0, 0]);
const WIDE = gridOf([5, 5, 5], [16, 16, 16], [6, 6, 6]);
const IDENTITY = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
const coordinate = evenly(20, 60);
const point = fc.tuple(coordinate, coordinate, coordinate).map(([x, y, z]) => lpsPoint(x, y, z));

function spaceOf(maps: readonly EmbeddingMap[], bodyMask?: Uint8Array): SearchSpace {
  return searchSpaceOf(syntheticEmbedding({ grid: GRID, maps, ...(bodyMask && { bodyMask }) }));
}

const fine = mapOf('fine', GRID, planeWaves(48, 60, 1));
const semantic = mapOf('semantic', GRID, planeWaves(32, 90, 2));
const ofOne = spaceOf([fine]);
const even = spaceOf([mapOf('fine', GRID, () => Float64Array.of(1, 0))]);

/** The mean by its definition. */
function naive(space: SearchSpace, at: LpsPoint, expected: LpsPoint): number[] {
  const directions = directionsAt(space, at);
  let [sum, means] = [0, [0, 0, 0]];
  for (const voxel of space.candidates) {
    const lps = pointOfVoxel(space, voxel);
    const mm = distanceMm(lps, expected);
    if (mm > 30) continue;
    const weight = Math.exp(similarityAt(space, directions, lps) / 0.08 - (mm / 14) ** 2 / 2);
    sum += weight;
    means = means.map((mean, axis) => mean + weight * (lps[axis] ?? NaN));
  }
  return means.map((mean) => mean / sum);
}

describe('posteriorAt', () => {
  it.each<readonly [string, SearchSpace, SearchSpace]>([
    ['of the fine map where there is no other', ofOne, ofOne],
    [
      'of the fine map by 0.4 and of the semantic one by 0.6',
      spaceOf([fine, semantic]),
      withWeights(spaceOf([fine, semantic]), { fine: 0.4, semantic: 0.6 }),
    ],
  ])('is the mean of the places by their prior and their similarity, %s', (_name, space, weighted) => {
    fc.assert(
      fc.property(point, point, (at, expected) => {
        const found = posteriorAt(space, directionsAt(space, at), expected);
        const mean = naive(weighted, at, expected);
        expect(found && Math.hypot(...found.map((mm, axis) => mm - (mean[axis] ?? NaN)))).toBeLessThan(1e-3);
      }),
      { numRuns: 10 },
    );
  });

  it('is the expected place where all places are alike', () => {
    fc.assert(
      fc.property(point, ([x, y, z]) => {
        const expected = lpsPoint(4 * Math.round(x / 4), 4 * Math.round(y / 4), 4 * Math.round(z / 4));
        const centre = perAxis((axis) => Math.min(Math.max(expected[axis], 32), 44));
        const inside = lpsPoint(centre[0], centre[1], centre[2]);
        const found = posteriorAt(even, directionsAt(even, inside), inside);
        expect(found && distanceMm(found, inside)).toBeLessThan(1e-9);
      }),
    );
  });

  it('counts neither a coarse map nor one without weight', () => {
    const random = seededNumbers(1);
    const noise = (role: EmbeddingMap['role'], grid: EmbeddingMap['grid']): EmbeddingMap =>
      mapOf(role, grid, () => Float64Array.from({ length: 8 }, () => random() - 0.5));
    const [at, expected] = [lpsPoint(40, 36, 41), lpsPoint(44, 40, 33)];
    const plain = posteriorAt(ofOne, directionsAt(ofOne, at), expected);
    const noisy = spaceOf([fine, noise('coarse', WIDE)]);
    expect(posteriorAt(noisy, directionsAt(noisy, at), expected)).toEqual(plain);
    const without = withWeights(spaceOf([fine, noise('semantic', GRID)]), { fine: 1 });
    expect(posteriorAt(without, directionsAt(without, at), expected)).toEqual(plain);
  });

  it('counts the body only, and is nothing where there is none', () => {
    const at = lpsPoint(38, 38, 38);
    const left = Uint8Array.from({ length: 8000 }, (_, voxel) => (voxel % 20 >= 10 ? 1 : 0));
    const half = spaceOf([mapOf('fine', GRID, () => Float64Array.of(1, 0))], left);
    expect(posteriorAt(half, directionsAt(even, at), at)?.[0]).toBeGreaterThan(40);
    expect(posteriorAt(half, directionsAt(even, at), lpsPoint(5, 38, 38))).toBeUndefined();
    expect(posteriorAt(half, directionsAt(even, at), lpsPoint(500, 38, 38))).toBeUndefined();
  });
});

describe('expectedBetweenPatients', () => {
  const expectedAt = (lps: LpsPoint, predicted: LpsPoint, of: SearchSpace, linear = IDENTITY): LpsPoint => {
    const prediction = { lps: predicted, linear };
    return expectedBetweenPatients({
      query: of,
      target: of === query ? target : of,
      lps,
      directions: directionsAt(of, lps),
      prediction,
    });
  };

  it('is nearer to the counterpart than a prediction that is off', () => {
    for (const place of PLACES) {
      const counterpart = toTarget(place);
      for (const [dx, dy, dz] of [
        [7, 0, 0],
        [0, -7, 0],
        [4, 4, -4],
      ] as const) {
        const off = lpsPoint(counterpart[0] + dx, counterpart[1] + dy, counterpart[2] + dz);
        const found = expectedAt(place, off, query);
        expect(distanceMm(found, counterpart)).toBeLessThan(0.7 * distanceMm(off, counterpart));
      }
    }
  });

  it('keeps half of the distance from the middle of what is similar, turned as the prediction says', () => {
    const at = lpsPoint(38, 41, 36);
    const own = posteriorAt(ofOne, directionsAt(ofOne, at), at) ?? at;
    const turned = expectedAt(at, at, ofOne, Float64Array.of(0, -1, 0, 1, 0, 0, 0, 0, 2));
    const offset = perAxis((axis) => at[axis] - own[axis]);
    expect(turned[0]).toBeCloseTo(own[0] - 0.5 * offset[1], 9);
    expect(turned[1]).toBeCloseTo(own[1] + 0.5 * offset[0], 9);
    expect(turned[2]).toBeCloseTo(own[2] + offset[2], 9);
  });

  it('is the prediction where nothing of the body is near', () => {
    const away = lpsPoint(900, 0, 0);
    expect(expectedAt(lpsPoint(38, 41, 36), away, ofOne)).toEqual(away);
  });
});
