import fc from 'fast-check';
import { lpsPoint, seededNumbers, toLps, voxelIndex } from '../geometry/index.ts';
import { gridOf, mapOf, syntheticEmbedding } from '../matching/pool/syntheticEmbedding.ts';
import { alignedTo, Kernel } from './kernel.ts';
import { dot, indexOf } from './sampling.ts';
import { bestCandidates, directionsAt, similarityAt } from './search.ts';
import { shareEmbedding } from './sharedEmbedding.ts';
import { openSpace, searchSpaceOf } from './space.ts';
import { evenly } from '../geometry/testing/evenly.ts';

const GRID = gridOf([9, 7, 6], [4, 4, 4], [0, 0, 0]);
const random = seededNumbers(11);
const field = (): Float64Array => Float64Array.from({ length: 21 }, () => random() - 0.5);
const COARSE = gridOf([3, 2, 2], [14, 17, 15], [3, 2, 1]);
const EMBEDDING = syntheticEmbedding({
  grid: GRID,
  maps: [mapOf('fine', GRID, field), mapOf('coarse', COARSE, field)],
});
const SPACE = searchSpaceOf(EMBEDDING);

describe('alignedTo', () => {
  it('is the first multiple from an index on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 99 }), (step, index) => {
        const found = alignedTo(step, index);
        expect(found % step).toBe(0);
        expect(found - index).toBeGreaterThanOrEqual(0);
        expect(found - index).toBeLessThan(step);
      }),
    );
  });
});

describe('a direction', () => {
  const coordinate = evenly(-20, 60);

  it('has length 1 wherever it is read, beyond the grid too', () => {
    fc.assert(
      fc.property(coordinate, coordinate, coordinate, (x, y, z) => {
        for (const unit of directionsAt(SPACE, lpsPoint(x, y, z)))
          expect(Math.sqrt(dot(unit, unit))).toBeCloseTo(1, 9);
      }),
    );
  });

  it('is most like itself at its own place', () => {
    fc.assert(
      fc.property(coordinate, coordinate, coordinate, (x, y, z) => {
        const lps = lpsPoint(x, y, z);
        expect(similarityAt(SPACE, directionsAt(SPACE, lps), lps)).toBeCloseTo(1, 6);
      }),
    );
  });

  it('is the vector of a voxel at its centre', () => {
    const { map } = SPACE.maps[0];
    for (const voxel of [0, 100, 377]) {
      const [unit] = directionsAt(SPACE, toLps(GRID.voxelToLps, indexOf(GRID.dims, voxel)));
      const raw = Array.from(map.vectors.subarray(voxel * 21, (voxel + 1) * 21));
      unit!.forEach((x, c) => {
        expect(x).toBeCloseTo(raw[c]! * map.inverseNorms[voxel]!, 6);
      });
    }
  });

  it('is zero where no voxel around has one, and like nothing', () => {
    const fine = mapOf('fine', GRID, field);
    fine.inverseNorms.fill(0, 0, 300);
    const space = searchSpaceOf(syntheticEmbedding({ grid: GRID, maps: [fine] }));
    const query = directionsAt(space, lpsPoint(4, 4, 4));
    expect([...query[0]!]).toEqual(new Array(21).fill(0));
    expect(similarityAt(space, query, lpsPoint(30, 20, 20))).toBe(0);
    expect(bestCandidates(space, [query])[0]?.similarity).toBe(0);
  });

  it('is zero between two opposite vectors', () => {
    const grid = gridOf([2, 1, 1], [4, 4, 4], [0, 0, 0]);
    const opposite = mapOf('fine', grid, ([x]) => Float64Array.of(x < 2 ? 5 : -5, 0, 0));
    const space = searchSpaceOf(syntheticEmbedding({ grid, maps: [opposite] }));
    expect([...directionsAt(space, lpsPoint(2, 0, 0))[0]!]).toEqual([0, 0, 0]);
    expect([...directionsAt(space, lpsPoint(1.9, 0, 0))[0]!]).toEqual([1, 0, 0]);
  });
});

describe('searches', () => {
  const queries = Array.from({ length: 9 }, (_, n) => directionsAt(SPACE, lpsPoint(3 * n, 2 * n + 1, n)));

  it('answer a query the same by itself, in a group of four, and in another place of the group', () => {
    const separate = queries.map((query) => bestCandidates(SPACE, [query])[0]);
    expect(bestCandidates(SPACE, queries).map((hit) => hit?.voxel)).toEqual(
      separate.map((hit) => hit?.voxel),
    );
    const reversed = [...bestCandidates(SPACE, [...queries].reverse())].reverse();
    expect(reversed.map((hit) => hit?.voxel)).toEqual(separate.map((hit) => hit?.voxel));
    for (const [n, hit] of reversed.entries())
      expect(hit?.similarity).toBeCloseTo(separate[n]!.similarity, 6);
  });

  it('have no answer for no question', () => {
    expect(bestCandidates(SPACE, [])).toEqual([]);
  });

  it('give their place back, also where they fail', () => {
    const shared = shareEmbedding(EMBEDDING);
    const kernel = new Kernel(shared);
    const weighted = SPACE.maps.map(({ weight }, m) => ({ weight, direction: queries[0]![m]! }));
    for (let n = 0; n < 3 * shared.index.inUse.length; n++)
      expect(() =>
        kernel.search([weighted], () => {
          throw new Error('in the middle');
        }),
      ).toThrow('in the middle');
    expect([...shared.index.inUse]).toEqual(new Array(shared.index.inUse.length).fill(0));
  });

  it('have places of their own while one searches within another', () => {
    const shared = shareEmbedding(EMBEDDING);
    const kernel = new Kernel(shared);
    const weighted = SPACE.maps.map(({ weight }, m) => ({ weight, direction: queries[0]![m]! }));
    const inner = kernel.search([weighted], (outer) =>
      kernel.search([weighted], ({ floors }) => {
        floors[0] = 0.5;
        return outer.floors[0];
      }),
    );
    expect(inner).toBe(-Infinity);
  });

  it('answer from the memory that another thread has shared as from the embedding', () => {
    const reopened = openSpace(shareEmbedding(EMBEDDING));
    expect(reopened.maps.map(({ map }) => map.role)).toEqual(['fine', 'coarse']);
    expect(bestCandidates(reopened, queries)).toEqual(bestCandidates(SPACE, queries));
  });
});

describe('the cosines of a box', () => {
  it('are those of a query and the stored vectors, 0 where there is none', () => {
    const fine = mapOf('fine', GRID, field);
    fine.inverseNorms[(2 * 7 + 3) * 9 + 4] = 0;
    const space = searchSpaceOf(syntheticEmbedding({ grid: GRID, maps: [fine] }));
    const direction = directionsAt(space, toLps(GRID.voxelToLps, voxelIndex(6, 1, 5)))[0]!;
    const into = new Float32Array(9 * 2 * 2);
    space.kernel.cosines(direction, { i: [0, 8], j: [3, 4], k: [2, 3] }, into);
    into.forEach((cosine, n) => {
      const [i, j, k] = [n % 9, 3 + (Math.floor(n / 9) % 2), 2 + Math.floor(n / 18)];
      const voxel = (k * 7 + j) * 9 + i;
      const vector = Float64Array.from(space.maps[0].map.vectors.subarray(voxel * 21, (voxel + 1) * 21));
      expect(cosine).toBeCloseTo(dot(direction, vector) * space.maps[0].map.inverseNorms[voxel]!, 4);
    });
    expect(into[4]).toBeCloseTo(0, 12);
  });
});
