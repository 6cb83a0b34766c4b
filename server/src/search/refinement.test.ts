import fc from 'fast-check';
import { perAxis, distanceMm, lpsPoint, seededNumbers, toLps, toVoxel } from '../geometry/index.ts';
import { gridOf, mapOf, planeWaves, syntheticEmbedding } from '../matching/pool/syntheticEmbedding.ts';
import { refine } from './refinement.ts';
import { indexOf } from './sampling.ts';
import { bestCandidate, directionsAt, pointOfVoxel, similarityAt } from './search.ts';
import type { QueryDirections } from './search.ts';
import { searchSpaceOf } from './space.ts';
import type { SearchSpace } from './space.ts';
import { evenly } from '../geometry/testing/evenly.ts';

const GRID = gridOf([12, 11, 10], [4, 4, 4], [-20, 5, 60]);
/** The first and the last voxel centre along x, y, z. */
const [LOW, HIGH] = [
  [-20, 5, 60],
  [24, 45, 96],
] as const;
/** Half of the last step of the climb, in voxels of 4 mm, and what is quantised. */
const RESOLVED_MM = 0.35;

const smooth = searchSpaceOf(syntheticEmbedding({ grid: GRID }));
const random = seededNumbers(5);
const rough = searchSpaceOf(
  syntheticEmbedding({
    grid: GRID,
    maps: [mapOf('fine', GRID, () => Float64Array.from({ length: 9 }, () => random() - 0.5))],
  }),
);

const inside = (axis: 0 | 1 | 2): fc.Arbitrary<number> => evenly(LOW[axis], HIGH[axis]);
const points = fc.tuple(inside(0), inside(1), inside(2)).map(([x, y, z]) => lpsPoint(x, y, z));

function expectLocalAnswer(space: SearchSpace, query: QueryDirections): void {
  const hit = bestCandidate(space, query);
  const found = refine(space, query, hit);
  const voxel = pointOfVoxel(space, hit.voxel);
  // Never less than the voxel's own similarity, which it is compared with by the same reading.
  expect(found.similarity).toBeGreaterThanOrEqual(similarityAt(space, query, voxel));
  expect(found.similarity).toBe(similarityAt(space, query, found.lps));
  const index = toVoxel(space.maps[0].lattice.lpsToVoxel, found.lps);
  indexOf(GRID.dims, hit.voxel).forEach((centre, axis) => {
    expect(Math.abs(index[axis]! - centre)).toBeLessThanOrEqual(1 + 1e-9);
    expect(index[axis]).toBeGreaterThanOrEqual(-1e-9);
    expect(index[axis]).toBeLessThanOrEqual(GRID.dims[axis]! - 1 + 1e-9);
  });
}

describe('refine', () => {
  it('brings a point back to its own place between the voxels', () => {
    fc.assert(
      fc.property(points, (lps) => {
        const query = directionsAt(smooth, lps);
        const found = refine(smooth, query, bestCandidate(smooth, query));
        expect(distanceMm(found.lps, lps)).toBeLessThan(RESOLVED_MM);
        expect(found.similarity).toBeGreaterThan(0.9999);
      }),
      { numRuns: 40 },
    );
  });

  it('is never less similar than the voxel that it began at, and stays within a voxel of it, in the grid', () => {
    fc.assert(
      fc.property(points, fc.integer({ min: 1, max: 1e6 }), (lps, seed) => {
        const numbers = seededNumbers(seed);
        expectLocalAnswer(rough, directionsAt(rough, lps));
        const raw = Float64Array.from({ length: 9 }, () => numbers() - 0.5);
        expectLocalAnswer(rough, [raw.map((x) => x / Math.hypot(...raw))]);
      }),
      { numRuns: 25 },
    );
  });

  it('climbs the similarity less the cost of a place, and gives the similarity without it', () => {
    const query = directionsAt(smooth, lpsPoint(1, 26, 78));
    const hit = bestCandidate(smooth, query);
    const free = refine(smooth, query, hit);
    const wanted = pointOfVoxel(smooth, hit.voxel);
    const [slight, strict] = [0.02, 10].map((perMm2) =>
      refine(smooth, query, hit, (place) => perMm2 * distanceMm(place, wanted) ** 2),
    );
    for (const found of [slight!, strict!])
      expect(found.similarity).toBe(similarityAt(smooth, query, found.lps));
    expect(distanceMm(strict!.lps, wanted)).toBeLessThan(RESOLVED_MM);
    expect(distanceMm(slight!.lps, wanted)).toBeLessThan(distanceMm(free.lps, wanted) - RESOLVED_MM);
    expect(slight!.similarity).toBeLessThan(free.similarity);
  });

  it('climbs to a place where no small step along an axis is better', () => {
    fc.assert(
      fc.property(points, (lps) => {
        const query = directionsAt(smooth, lps);
        const { lps: best, similarity } = refine(smooth, query, bestCandidate(smooth, query));
        for (const axis of [0, 1, 2] as const)
          for (const mm of [-4 / 64, 4 / 64]) {
            const beside = perAxis((other) => best[other] + (other === axis ? mm : 0));
            expect(similarityAt(smooth, query, lpsPoint(...beside))).toBeLessThanOrEqual(similarity + 1e-6);
          }
      }),
      { numRuns: 15 },
    );
  });

  it('answers a voxel without a better place around it with its centre', () => {
    const peak = planeWaves(24, 20, 3);
    const grid = gridOf([5, 5, 5], [4, 4, 4], [0, 0, 0]);
    const space = searchSpaceOf(syntheticEmbedding({ grid, maps: [mapOf('fine', grid, peak)] }));
    const centre = toLps(grid.voxelToLps, indexOf(grid.dims, 62));
    const query = directionsAt(space, centre);
    const found = refine(space, query, bestCandidate(space, query));
    expect(distanceMm(found.lps, centre)).toBeLessThan(1e-9);
  });
});
