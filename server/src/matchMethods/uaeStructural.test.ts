import fc from 'fast-check';
import { distanceMm, lpsPoint, toLps, voxelIndex } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { searchSpaceOf } from '../search/space.ts';
import type { SearchSpace } from '../search/space.ts';
import { gridOf, syntheticEmbedding } from '../matching/pool/syntheticEmbedding.ts';
import type { ToAnatomy } from '../matching/pool/syntheticEmbedding.ts';
import { matchUaeStructural } from './uaeStructural.ts';
import { transport } from '../uaeStructural/transport.ts';

/** Upper bound for a property test on a machine that is busy with other things, ms. */
const SLOW_MS = 60_000;
const GRID = gridOf([16, 15, 14], [4, 4, 4], [-30, 10, 100]);
/** The bound for a known affine; the voxels are 4 mm wide. One point of some hundreds is a little farther off. */
const [AFFINE_MM, FARTHEST_MM] = [0.6, 0.7];
const POINTS = 40;

function spaceOf(toAnatomy: ToAnatomy, bodyMask?: Uint8Array): SearchSpace {
  const grid = gridOf([17, 17, 15], [4, 4, 4], [-33, 8, 97]);
  return searchSpaceOf(
    syntheticEmbedding({ grid, toAnatomy, name: '2', ...(bodyMask === undefined ? {} : { bodyMask }) }),
  );
}

const QUERY = searchSpaceOf(syntheticEmbedding({ grid: GRID }));
const coordinate = fc.double({ min: 0.35, max: 0.65, noNaN: true });
const innerPoint = fc
  .tuple(coordinate, coordinate, coordinate)
  .map(([u, v, w]) => toLps(GRID.voxelToLps, voxelIndex(15 * u, 14 * v, 13 * w)));

describe('structural inference', () => {
  it(
    'recovers a known affine, though it knows voxels of 4 mm only',
    () => {
      // Stretched and squeezed by a fifth: the roundings of the five voxels along an axis cancel.
      const centre = lpsPoint(0, 38, 126);
      const toAnatomy: ToAnatomy = (at) => {
        const [x, y, z] = [at[0] - centre[0], at[1] - centre[1], at[2] - centre[2]];
        return lpsPoint(1.2 * x + 0.2 * y + centre[0], 0.8 * y + centre[1], 1.2 * z + centre[2]);
      };
      // Solved by hand, from the last line of the triangle up.
      const counterpart = (at: LpsPoint): LpsPoint => {
        const y = (at[1] - centre[1]) / 0.8;
        const x = (at[0] - centre[0] - 0.2 * y) / 1.2;
        return lpsPoint(x + centre[0], y + centre[1], (at[2] - centre[2]) / 1.2 + centre[2]);
      };
      const target = spaceOf(toAnatomy);
      const errors = fc.sample(innerPoint, POINTS).map((lps) => {
        const found = matchUaeStructural(QUERY, target, lps);
        expect(found?.step).toBe('structural');
        expect(found!.similarity).toBeGreaterThan(0.8);
        expect(found!.evidence!.survivors).toBeGreaterThanOrEqual(4);
        return distanceMm(found!.lps, counterpart(lps));
      });
      expect(Math.max(...errors)).toBeLessThan(FARTHEST_MM);
      expect(errors.filter((mm) => mm < AFFINE_MM).length).toBeGreaterThanOrEqual(0.9 * POINTS);
    },
    SLOW_MS,
  );

  it('answers with the nearest neighbour when too few pairs survive', () => {
    // Three voxels of body in the target: at most three distinct partners.
    const bodyMask = new Uint8Array(17 * 17 * 15);
    for (const voxel of [7 + 17 * (8 + 17 * 7), 8 + 17 * (8 + 17 * 7), 7 + 17 * (9 + 17 * 7)])
      bodyMask[voxel] = 1;
    const found = matchUaeStructural(
      QUERY,
      spaceOf((lps) => lps, bodyMask),
      lpsPoint(-2, 42, 126),
    );
    expect(found?.step).toBe('nearest');
    expect(found?.evidence?.survivors).toBeLessThan(4);
  });

  it('gives nothing where the query has no body', () => {
    const empty = new Uint8Array(16 * 15 * 14);
    empty[0] = 1;
    const embedding = syntheticEmbedding({ grid: GRID, bodyMask: empty });
    const fine = embedding.maps[0]!;
    fine.inverseNorms.fill(0, 1);
    expect(matchUaeStructural(searchSpaceOf(embedding), QUERY, lpsPoint(0, 40, 126))).toBeUndefined();
  });

  it('says what each pair counted: an outlier less than the others', () => {
    const exact = Array.from(
      { length: 27 },
      (_, n) => [n % 3, Math.floor(n / 3) % 3, Math.floor(n / 9)] as const,
    );
    const pairs = exact.map(([x, y, z], n) => ({
      query: lpsPoint(4 * x, 4 * y, 4 * z),
      // Some noise, and one partner that is 80 mm off along x.
      target: lpsPoint(4 * x + 0.1 * ((n * 7) % 5) + (n === 13 ? 80 : 0), 4 * y, 4 * z + 0.1 * ((n * 3) % 4)),
      similarity: 1,
    }));
    const { weights } = transport(pairs, lpsPoint(4, 4, 4));
    expect(weights[13]![0]).toBeLessThan(0.05);
    expect(weights.filter(([x]) => x > 0.5)).toHaveLength(26);
    // Along y everything fits exactly.
    expect(weights.every(([, y]) => y === 1)).toBe(true);
  });

  it('gives its fixed points: their similarity is that of the answer', () => {
    const found = matchUaeStructural(
      QUERY,
      spaceOf((lps) => lps),
      lpsPoint(-2, 42, 126),
    );
    const pairs = found?.fixedPoints ?? [];
    expect(pairs).toHaveLength(found!.evidence!.survivors!);
    for (const { query, target, weights, similarity } of pairs) {
      // Centres of voxels of two grids that are 3, 2 and 3 mm apart.
      expect(distanceMm(query, target)).toBeLessThan(5);
      expect(similarity).toBeGreaterThan(0.8);
      expect(weights.every((weight) => weight > 0 && weight <= 1)).toBe(true);
    }
  });

  it('keeps millimetres along z where all partners lie in one slice', () => {
    const pairs = [
      [0, 0],
      [8, 0],
      [0, 8],
      [8, 8],
    ].map(([x = 0, y = 0], n) => ({
      query: lpsPoint(x, y, n),
      target: lpsPoint(2 * x + 1, y - x, 50),
      similarity: 1,
    }));
    const { votes } = transport(pairs, lpsPoint(4, 4, 3));
    for (const [n, vote] of votes.entries()) {
      expect(vote[0]).toBeCloseTo(9, 9);
      expect(vote[1]).toBeCloseTo(0, 9);
      expect(vote[2]).toBeCloseTo(50 + 3 - n, 9);
    }
  });
});
