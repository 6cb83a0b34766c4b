import fc from 'fast-check';
import type { Embedding, EmbeddingMap } from '../embedding/types.ts';
import { isSamepointError } from '../errors/index.ts';
import { voxelIndex, axisStep, affineFromColumns, seededNumbers, toLps } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { gridOf, mapOf, syntheticEmbedding } from '../matching/pool/syntheticEmbedding.ts';
import { Arena, bytesOf } from '../wasm/index.ts';
import { INTERPOLATED, INVERSE_LENGTHS } from './layout.ts';
import { indexOf } from './sampling.ts';
import type { Grid } from './sampling.ts';
import { cornersOf, indexBytes, writeIndex } from './searchIndex.ts';
import type { SearchIndex } from './searchIndex.ts';
import { shareEmbedding } from './sharedEmbedding.ts';
import { queryLength, slotAt, slotBytes, slotCount, writeSlot } from './slots.ts';
import { splitMaps } from './splitMaps.ts';
import { evenly } from '../geometry/testing/evenly.ts';

/** Fractions are Float32; below a length of 1e-6 there is no direction. */
const TOLERANCE = 2e-6;
/** The centre of the first voxel, LPS mm. */
const originOf = ({ voxelToLps }: Grid): LpsPoint => toLps(voxelToLps, voxelIndex(0, 0, 0));
const FINE = gridOf([6, 5, 4], [4, 4, 4], [10, -20, 30]);

function randomMap(
  role: EmbeddingMap['role'],
  grid: Grid,
  channels: number,
  random: () => number,
): EmbeddingMap {
  const map = mapOf(role, grid, () => Float64Array.from({ length: channels }, () => random() - 0.5));
  map.inverseNorms.forEach((_, voxel) => {
    if (random() < 0.15) map.inverseNorms[voxel] = 0;
  });
  return map;
}

/** What a test embedding is made from: of itself it would fill pages where a property fails. */
const scenes = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  dims: fc.tuple(
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 1, max: 4 }),
  ),
  channels: fc.integer({ min: 1, max: 35 }),
  shift: evenly(-9, 9),
});
type Scene = typeof scenes extends fc.Arbitrary<infer T> ? T : never;

/** A fine map, a coarse one on any grid of its own, and a semantic one on the fine grid. */
function embeddingOf({ seed, dims, channels, shift }: Scene): Embedding {
  const random = seededNumbers(seed);
  const coarse = gridOf(dims, [9, 7, 11], [10 + shift, -18, 28 - shift]);
  const bodyMask = Uint8Array.from({ length: 120 }, () => (random() < 0.7 ? 1 : 0)).fill(1, 0, 3);
  const fine = randomMap('fine', FINE, 7, random);
  fine.inverseNorms[0] = 0.01;
  const maps = [randomMap('coarse', coarse, channels, random), fine, randomMap('semantic', FINE, 18, random)];
  return syntheticEmbedding({ grid: FINE, bodyMask, maps });
}

/** |interpolated unit vector| at a world point, written out: clamp, eight corners, sum. */
function lengthAt(map: EmbeddingMap, lps: readonly number[]): number {
  const { dims, voxelToLps: m } = map.grid;
  const index = [(lps[0]! - m[3]) / m[0], (lps[1]! - m[7]) / m[5], (lps[2]! - m[11]) / m[10]].map((x, axis) =>
    Math.min(Math.max(x, 0), dims[axis]! - 1),
  );
  const sum = new Array<number>(map.channels).fill(0);
  for (let corner = 0; corner < 8; corner++) {
    const at = index.map((x, axis) => Math.floor(x) + ((corner >> axis) & 1));
    const weight = at.reduce((w, n, axis) => w * Math.max(1 - Math.abs(index[axis]! - n), 0), 1);
    if (weight === 0) continue;
    const voxel = (at[2]! * dims[1] + at[1]!) * dims[0] + at[0]!;
    for (let c = 0; c < map.channels; c++)
      sum[c]! += weight * map.vectors[voxel * map.channels + c]! * map.inverseNorms[voxel]!;
  }
  return Math.hypot(...sum);
}

function inverseLengths({ space, candidates }: SearchIndex): Float32Array {
  return new Float32Array(space.buffer, space[INTERPOLATED + INVERSE_LENGTHS], candidates.length);
}

describe('the index of an embedding', () => {
  it('knows how long the interpolated vector of a coarse map is at each candidate', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const embedding = embeddingOf(scene);
        const { index } = shareEmbedding(embedding);
        const lengths = inverseLengths(index);
        const coarse = embedding.maps[0]!;
        index.candidates.forEach((voxel, n) => {
          const length = lengthAt(coarse, toLps(FINE.voxelToLps, indexOf(FINE.dims, voxel)));
          expect(Math.abs((lengths[n] === 0 ? 0 : 1 / lengths[n]!) - length)).toBeLessThan(TOLERANCE);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('has no direction where a coarse map has no vector around', () => {
    const grid = gridOf([2, 2, 2], [12, 12, 12], [10, -20, 30]);
    const coarse = mapOf('coarse', grid, () => Float64Array.of(1, -2));
    coarse.inverseNorms.fill(0);
    const embedding = syntheticEmbedding({
      grid: FINE,
      maps: [mapOf('fine', FINE, () => Float64Array.of(3, 4)), coarse],
    });
    expect([...inverseLengths(shareEmbedding(embedding).index)]).toEqual(new Array(120).fill(0));
  });

  it('uses in its memory what it said that it needs', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const embedding = embeddingOf(scene);
        const bytes = indexBytes(embedding);
        const own = embedding.maps.flatMap(({ vectors, inverseNorms }) => [vectors, inverseNorms]);
        const needed = own.reduce((sum, array) => sum + bytesOf(array), 0);
        const arena = Arena.of(needed + bytes);
        const maps = embedding.maps.map((map) => ({
          ...map,
          vectors: arena.copy(map.vectors),
          inverseNorms: arena.copy(map.inverseNorms),
        }));
        writeIndex({ ...embedding, maps }, arena);
        // The next array begins where the index ends.
        expect(arena.zeros(Uint8Array, 0).byteOffset).toBe(needed + bytes);
      }),
      { numRuns: 20 },
    );
  });

  it('knows between which rows and slices of a coarse map a part of the fine grid lies', () => {
    fc.assert(
      fc.property(scenes, fc.nat({ max: 4 }), fc.nat({ max: 4 }), (scene, a, b) => {
        const embedding = embeddingOf(scene);
        const { index } = shareEmbedding(embedding);
        const { grid } = embedding.maps[0]!;
        for (const axis of [1, 2] as const) {
          const last = FINE.dims[axis] - 1;
          const [from, to] = [Math.min(a, b, last), Math.min(Math.max(a, b), last)];
          const [first, end] = cornersOf(index, 0, axis, [from, to]);
          for (let n = from; n <= to; n++) {
            const mm = originOf(FINE)[axis] + 4 * n;
            const [origin, step] = [originOf(grid)[axis], axisStep(grid.voxelToLps, axis)[axis]];
            const at = Math.min(Math.max((mm - origin) / step, 0), grid.dims[axis] - 1);
            expect(first).toBeLessThanOrEqual(at + 1e-9);
            expect(end).toBeGreaterThanOrEqual(at - 1e-9);
          }
          expect(end).toBeLessThan(grid.dims[axis]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('refuses maps that are turned against each other', () => {
    const turned = {
      dims: [2, 2, 2],
      voxelToLps: affineFromColumns([8, 1, 0], [-1, 8, 0], [0, 0, 8], [10, -20, 30]),
    } as const;
    const embedding = syntheticEmbedding({
      grid: FINE,
      maps: [
        mapOf('fine', FINE, () => Float64Array.of(1, 2)),
        mapOf('coarse', turned, () => Float64Array.of(1, 2)),
      ],
    });
    expect(() => shareEmbedding(embedding)).toThrow('not aligned with each other');
  });

  it('says in which model there is no fine map', () => {
    const embedding = syntheticEmbedding({
      grid: FINE,
      modelId: 'half-a-model',
      maps: [mapOf('coarse', FINE, () => Float64Array.of(1, 2))],
    });
    let thrown: unknown;
    try {
      shareEmbedding(embedding);
    } catch (error) {
      thrown = error;
    }
    expect(isSamepointError(thrown, 'matching/no-fine-map')).toBe(true);
    expect(isSamepointError(thrown) && thrown.message).toBe(
      'the embedding of model "half-a-model" has no fine map',
    );
  });
});

describe('splitMaps', () => {
  it('puts the fine map first, then those on its grid, then the others, each in their order', () => {
    const other = gridOf([6, 5, 4], [4, 4, 4], [10, -20, 30.001]);
    const map = (role: EmbeddingMap['role'], grid: Grid): EmbeddingMap =>
      mapOf(role, grid, () => Float64Array.of(1));
    const maps = [map('coarse', other), map('semantic', FINE), map('fine', FINE), map('semantic', other)];
    const split = splitMaps({ maps, modelId: 'm' });
    expect(split.fine).toBe(maps[2]);
    expect(split.direct).toEqual([maps[2], maps[1]]);
    expect(split.interpolated).toEqual([maps[0], maps[3]]);
  });
});

describe('a slot', () => {
  it('is as large as it says, and no two of its arrays share a byte', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const embedding = embeddingOf(scene);
        const maps = splitMaps(embedding);
        const arena = Arena.of(2 * slotBytes(maps));
        const slots = [writeSlot(maps, arena), writeSlot(maps, arena)];
        expect(slots[1]! - slots[0]!).toBe(slotBytes(maps));
        const views = slots.flatMap((address) => {
          const { words, unit, queries } = slotAt(arena.memory.buffer, address, maps);
          return [
            words,
            unit,
            ...queries.flatMap((q) => [...q.direct, ...q.interpolated, q.rowBest, q.rowVoxel]),
          ];
        });
        views.sort((a, b) => a.byteOffset - b.byteOffset);
        views.slice(1).forEach((view, n) => {
          expect(view.byteOffset).toBeGreaterThanOrEqual(views[n]!.byteOffset + views[n]!.byteLength);
        });
      }),
      { numRuns: 20 },
    );
  });

  it('holds directions in whole blocks of 16 channels', () => {
    expect([1, 16, 17, 128].map((channels) => queryLength({ channels }))).toEqual([16, 16, 32, 128]);
    expect(slotCount()).toBeGreaterThanOrEqual(4);
  });
});
