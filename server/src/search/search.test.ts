import fc from 'fast-check';
import type { Embedding, EmbeddingMap, MapRole } from '../embedding/types.ts';
import { distanceMm, lpsPoint, toLps } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { dot, indexOf } from './sampling.ts';
import type { Grid } from './sampling.ts';
import {
  bestBeyond,
  bestCandidate,
  bestCandidates,
  bestWithin,
  directionsAt,
  pointOfVoxel,
  RUNNER_UP_MM,
  similarityAt,
  topCandidates,
} from './search.ts';
import type { Hit, QueryDirections } from './search.ts';
import { searchSpaceOf, withWeights } from './space.ts';
import { seededNumbers } from '../geometry/seededNumbers.ts';
import { gridOf, mapOf, syntheticEmbedding } from '../matching/pool/syntheticEmbedding.ts';

/** Upper bound for a property test on a machine that is busy with other things, ms. */
const SLOW_MS = 60_000;
/** Sums of Float32 norms and Float64 products. */
const TOLERANCE = 1e-5;
/** What the search loses by quantising a direction to int16; kernel.ts derives it. */
const QUANTISATION = 2e-5;

/** Unrelated random vectors, some voxels without one: nothing smooth that could hide an error of interpolation. */
function randomMap(
  role: MapRole,
  grid: Grid,
  channels: number,
  random: () => number,
  holes: number,
): EmbeddingMap {
  const map = mapOf(role, grid, () => Float64Array.from({ length: channels }, () => random() - 0.4));
  map.inverseNorms.forEach((_, voxel) => {
    if (random() < holes) map.inverseNorms[voxel] = 0;
  });
  return map;
}

/** 7 x 6 x 5 fine voxels, a shifted coarse grid that neither starts nor ends with it, a semantic map, a ragged body. */
function randomEmbedding(seed: number): Embedding {
  const random = seededNumbers(seed);
  const grid = gridOf([7, 6, 5], [4, 4, 4], [10, -20, 30]);
  const coarse = gridOf([2, 3, 1], [13, 9, 20], [14, -19, 36]);
  return syntheticEmbedding({
    grid,
    bodyMask: Uint8Array.from({ length: 210 }, () => (random() < 0.8 ? 1 : 0)),
    maps: [
      randomMap('coarse', coarse, 5, random, 0.1),
      randomMap('fine', grid, 7, random, 0.1),
      randomMap('semantic', grid, 6, random, 0.1),
    ],
  });
}

/** 13 x 12 x 11 fine voxels, wide enough for a runner-up on every side; channels that fill no block of 16. */
function largerEmbedding(seed: number): Embedding {
  const random = seededNumbers(seed);
  const grid = gridOf([13, 12, 11], [4, 4, 4], [0, 0, 0]);
  const coarse = gridOf([3, 2, 4], [20, 30, 13], [4, 8, 2]);
  return syntheticEmbedding({
    grid,
    bodyMask: Uint8Array.from({ length: 13 * 12 * 11 }, () => (random() < 0.8 ? 1 : 0)),
    maps: [randomMap('fine', grid, 19, random, 0.1), randomMap('coarse', coarse, 5, random, 0.1)],
  });
}

function randomUnit(channels: number, random: () => number): Float64Array {
  const raw = Float64Array.from({ length: channels }, () => random() - 0.4);
  return raw.map((x) => x / Math.hypot(...raw));
}

/** Unit vector of a voxel, or zeros. */
function unit({ channels, vectors, inverseNorms }: EmbeddingMap, voxel: number): number[] {
  const raw = [...vectors.subarray(voxel * channels, (voxel + 1) * channels)];
  const length = Math.hypot(...raw);
  return inverseNorms[voxel] === 0 ? raw.map(() => 0) : raw.map((x) => x / length);
}

/** The direction at a voxel index of a map's grid, written out: clamp, eight corners, sum, normalise. */
function naiveDirection(map: EmbeddingMap, index: readonly number[]): number[] {
  const dims = map.grid.dims;
  const clamped = index.map((x, axis) => Math.min(Math.max(x, 0), dims[axis]! - 1));
  const sum = new Array<number>(map.channels).fill(0);
  for (const di of [0, 1])
    for (const dj of [0, 1])
      for (const dk of [0, 1]) {
        const base = clamped.map(Math.floor);
        const corner = [di, dj, dk].map((d, axis) => base[axis]! + d);
        const weight = corner.reduce((w, x, axis) => w * (1 - Math.abs(clamped[axis]! - x)), 1);
        if (weight === 0) continue;
        unit(map, (corner[2]! * dims[1] + corner[1]!) * dims[0] + corner[0]!).forEach((x, c) => {
          sum[c] = sum[c]! + weight * x;
        });
      }
  const length = Math.hypot(...sum);
  return length < 1e-6 ? sum.map(() => 0) : sum.map((x) => x / length);
}

/** Mean cosine at a world point of these axis-aligned grids, from first principles. */
function naiveSimilarity(
  embedding: Embedding,
  query: ReadonlyMap<MapRole, readonly number[]>,
  lps: readonly number[],
): number {
  const cosines = embedding.maps.map((map) => {
    const m = map.grid.voxelToLps;
    const index = [(lps[0]! - m[3]) / m[0], (lps[1]! - m[7]) / m[5], (lps[2]! - m[11]) / m[10]];
    return naiveDirection(map, index).reduce((sum, x, c) => sum + x * query.get(map.role)![c]!, 0);
  });
  return cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length;
}

describe('search', () => {
  it(
    'equals brute force over every voxel of the body, the coarse term included',
    () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
          const embedding = randomEmbedding(seed);
          const space = searchSpaceOf(embedding);
          const random = seededNumbers(seed + 1);
          const query = space.maps.map(({ map }) => randomUnit(map.channels, random));
          const byRole = new Map(space.maps.map(({ map }, m) => [map.role, [...query[m]!]]));
          const fine = embedding.maps[1]!;
          let [best, highest, worst] = [-1, -Infinity, 0];
          for (let voxel = 0; voxel < 210; voxel++) {
            if (embedding.bodyMask[voxel] === 0 || fine.inverseNorms[voxel] === 0) continue;
            const lps = toLps(fine.grid.voxelToLps, indexOf(fine.grid.dims, voxel));
            const similarity = naiveSimilarity(embedding, byRole, lps);
            if (similarity > highest) [best, highest] = [voxel, similarity];
            worst = Math.max(worst, Math.abs(similarityAt(space, query, lps) - similarity));
          }
          expect(worst).toBeLessThan(TOLERANCE);
          const hit = bestCandidate(space, query);
          expect(Math.abs(hit.similarity - highest)).toBeLessThan(TOLERANCE);
          expect(hit.voxel).toBe(best);
        }),
        { numRuns: 25 },
      );
    },
    SLOW_MS,
  );

  it(
    'answers every kind of search as a look at every candidate does',
    () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
          const space = searchSpaceOf(largerEmbedding(seed));
          const { dims } = space.maps[0].map.grid;
          const random = seededNumbers(seed + 1);
          const queries = Array.from({ length: 6 }, () =>
            space.maps.map(({ map }) => randomUnit(map.channels, random)),
          );
          const at = (voxel: number): LpsPoint => pointOfVoxel(space, voxel);
          const check = (
            hit: Hit | undefined,
            query: QueryDirections,
            accepts: (voxel: number) => boolean,
          ): void => {
            const similarities = [...space.candidates]
              .filter(accepts)
              .map((voxel) => similarityAt(space, query, at(voxel)));
            const best = similarities.reduce((most, similarity) => Math.max(most, similarity), -Infinity);
            if (hit === undefined) {
              expect(best).toBe(-Infinity);
              return;
            }
            expect(accepts(hit.voxel)).toBe(true);
            expect(Math.abs(hit.similarity - best)).toBeLessThan(QUANTISATION);
            expect(best - similarityAt(space, query, at(hit.voxel))).toBeLessThan(2 * QUANTISATION);
          };
          const even = (voxel: number): boolean => indexOf(dims, voxel).every((x) => x % 2 === 0);
          for (const [q, hit] of bestCandidates(space, queries).entries())
            check(hit, queries[q]!, () => true);
          for (const [q, hit] of bestCandidates(space, queries, 2).entries()) check(hit, queries[q]!, even);
          const query = queries[0]!;
          // Also beside the grid, which ends at 48, 44 and 40 mm.
          const coordinate = (): number => 90 * random() - 20;
          const centre = lpsPoint(coordinate(), coordinate(), coordinate());
          const radius = 16 * random();
          const inside = (voxel: number): boolean => distanceMm(at(voxel), centre) <= radius;
          check(bestWithin(space, query, centre, radius), query, inside);
          for (const nowhere of [NaN, 1e300, -1e300])
            expect(bestWithin(space, query, lpsPoint(nowhere, 20, 20), radius)).toBeUndefined();
          const { best, runnerUp } = topCandidates(space, query);
          check(best, query, () => true);
          check(runnerUp, query, (voxel) => distanceMm(at(voxel), at(best.voxel)) > RUNNER_UP_MM);
          const beyond = (voxel: number): boolean =>
            at(voxel).some((x, axis) => Math.abs(x - (centre[axis] ?? NaN)) > radius);
          check(bestBeyond(space, query, centre, { reachMm: radius })?.first, query, beyond);
          const strided = bestBeyond(space, query, centre, { reachMm: radius, stride: 2, peakMm: 9 });
          check(strided?.first, query, (voxel) => beyond(voxel) && even(voxel));
          const around = strided && pointOfVoxel(space, strided.first.voxel);
          check(
            strided?.peak,
            query,
            (voxel) => around !== undefined && distanceMm(around, pointOfVoxel(space, voxel)) <= 9,
          );
        }),
        { numRuns: 5 },
      );
    },
    SLOW_MS,
  );

  it('finds the rival of an answer that lies beyond the volume, and none where nothing lies outside', () => {
    const space = searchSpaceOf(randomEmbedding(3));
    const query = directionsAt(space, lpsPoint(22, -8, 38));
    expect(bestBeyond(space, query, lpsPoint(500, 0, 0), { reachMm: 20 })?.first).toEqual(
      bestCandidate(space, query),
    );
    expect(bestBeyond(space, query, lpsPoint(-500, 0, 0), { reachMm: 20 })?.first).toEqual(
      bestCandidate(space, query),
    );
    expect(bestBeyond(space, query, lpsPoint(22, -8, 38), { reachMm: 100 })).toBeUndefined();
  });

  it('weighs the maps as requested', () => {
    const space = searchSpaceOf(randomEmbedding(5));
    const query = directionsAt(space, lpsPoint(20, -10, 40));
    const semantic = withWeights(space, { fine: 0, coarse: 0, semantic: 1 });
    const direction = query[1]!;
    const expected = semantic.candidates.reduce(
      (most, voxel) => Math.max(most, dot(direction, Float64Array.from(unit(space.maps[1]!.map, voxel)))),
      -1,
    );
    expect(space.maps[1]!.map.role).toBe('semantic');
    expect(bestCandidate(semantic, query).similarity).toBeCloseTo(expected, 4);
    expect(similarityAt(semantic, query, lpsPoint(20, -10, 40))).toBeCloseTo(1, 6);
    expect(withWeights(space, undefined)).toBe(space);
  });

  it('reads directions between voxels as brute force does, beyond the outer voxels too', () => {
    const embedding = randomEmbedding(7);
    const space = searchSpaceOf(embedding);
    const lps = lpsPoint(37.3, -21, 33.1);
    const fine = embedding.maps[1]!;
    const expected = naiveDirection(fine, [(37.3 - 10) / 4, (-21 + 20) / 4, (33.1 - 30) / 4]);
    directionsAt(space, lps)[0]!.forEach((x, c) => {
      expect(x).toBeCloseTo(expected[c]!, 6);
    });
  });

  it('chooses the first of equal candidates in scan order, whatever lies outside the body', () => {
    const grid = gridOf([5, 4, 3], [4, 4, 4], [0, 0, 0]);
    const flat = (): Float64Array => Float64Array.of(1, 2, 3);
    const bodyMask = new Uint8Array(60).fill(1, 23);
    const coarse = gridOf([2, 2, 2], [10, 10, 8], [0, 0, 0]);
    const embedding = syntheticEmbedding({
      grid,
      bodyMask,
      maps: [mapOf('fine', grid, flat), mapOf('coarse', coarse, flat)],
    });
    const space = searchSpaceOf(embedding);
    const hit = bestCandidate(space, directionsAt(space, lpsPoint(8, 8, 8)));
    expect(hit.voxel).toBe(23);
    expect(Math.abs(hit.similarity - 1)).toBeLessThan(QUANTISATION);
  });

  it('shares an embedding once', () => {
    const embedding = randomEmbedding(3);
    expect(searchSpaceOf(embedding)).toBe(searchSpaceOf(embedding));
  });
});
