import fc from 'fast-check';
import {
  affineFromColumns,
  compose,
  distanceMm,
  invert,
  lpsPoint,
  toLps,
  toVoxel,
  voxelIndex,
} from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { gridOf } from '../../matching/pool/syntheticEmbedding.ts';
import type { Level } from './levels.ts';
import { Overlap } from './overlap.ts';
import { evenly } from '../../geometry/testing/evenly.ts';

const DIMS = [14, 13, 12] as const;
const IDENTITY = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]);

/** An image from a formula of the world, on voxels of 8, 9 and 10 mm; body wherever `isBody` says. */
function imageOf(
  value: (x: number, y: number, z: number) => number,
  isBody: (voxel: number) => boolean = () => true,
  origin: readonly [number, number, number] = [-50, 20, 300],
): Level {
  const grid = gridOf(DIMS, [8, 9, 10], origin);
  const [ni, nj, nk] = DIMS;
  const voxels = Array.from({ length: ni * nj * nk }, (_, voxel) => voxel);
  const values = Float32Array.from(voxels, (voxel) =>
    value(...numbers(toLps(grid.voxelToLps, voxelIndex(...indexOf(voxel))))),
  );
  return { grid, values, body: Int32Array.from(voxels.filter(isBody)) };
}

/** A point without its frame: here the world is mapped onto itself. */
function numbers([x, y, z]: LpsPoint): [number, number, number] {
  return [x, y, z];
}

function indexOf(voxel: number): [number, number, number] {
  return [voxel % DIMS[0], Math.floor(voxel / DIMS[0]) % DIMS[1], Math.floor(voxel / (DIMS[0] * DIMS[1]))];
}

/** Waves of some voxels' length: smooth enough for a Gauss-Newton step, and of no symmetry. */
function waves(x: number, y: number, z: number): number {
  return 100 * Math.sin(x / 21) + 80 * Math.cos(y / 25 + x / 60) + 90 * Math.sin(z / 27 + 1) + 0.2 * x;
}

/** Trilinear by its definition; undefined beyond the outer voxel centres. */
function read({ grid, values }: Level, index: readonly number[]): number | undefined {
  const { dims } = grid;
  if (index.some((x, axis) => x < 0 || x > dims[axis]! - 1)) return undefined;
  let sum = 0;
  for (const corner of [0, 1, 2, 3, 4, 5, 6, 7]) {
    const at = index.map((x, axis) => Math.min(Math.floor(x), dims[axis]! - 2) + ((corner >> axis) & 1));
    const weight = at.reduce((w, n, axis) => w * (1 - Math.abs(index[axis]! - n)), 1);
    sum += weight * values[(at[2]! * dims[1] + at[1]!) * dims[0] + at[0]!]!;
  }
  return sum;
}

/** Pairs of values under a map, by the definition. */
function compared(query: Level, target: Level, map: Affine): (readonly [number, number])[] {
  const back = invert(target.grid.voxelToLps);
  return [...query.body].flatMap((voxel) => {
    const lps = toLps(query.grid.voxelToLps, voxelIndex(...indexOf(voxel)));
    const there = read(target, toVoxel(back, toLps(map, voxelIndex(...numbers(lps)))));
    return there === undefined ? [] : [[query.values[voxel]!, there] as const];
  });
}

function pearson(pairs: readonly (readonly [number, number])[]): number {
  const mean = (of: (pair: readonly [number, number]) => number): number =>
    pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
  const [a, b] = [mean(([q]) => q), mean(([, t]) => t)];
  const covariance = mean(([q, t]) => (q - a) * (t - b));
  return covariance / Math.sqrt(mean(([q]) => (q - a) ** 2) * mean(([, t]) => (t - b) ** 2));
}

const smallMaps = fc
  .tuple(evenly(-0.1, 0.1), evenly(0.9, 1.1), fc.tuple(evenly(-30, 30), evenly(-30, 30), evenly(-30, 30)))
  .map(([shear, stretch, shift]) => affineFromColumns([1, shear, 0], [0, stretch, 0], [shear, 0, 1], shift));

describe('Overlap', () => {
  const query = imageOf(waves, (voxel) => voxel % 7 !== 3);
  // Off the query's lattice: whether a voxel on the border is in view is a matter of rounding.
  const target = imageOf((x, y, z) => waves(x, y, z) + 0.3 * z, undefined, [-46.963, 23.017, 296.041]);

  it('gives the correlation over the body in common, and its share, as defined', () => {
    const overlap = new Overlap(query, target);
    fc.assert(
      fc.property(smallMaps, (map) => {
        const pairs = compared(query, target, map);
        const found = overlap.sample(map);
        expect(found.overlap).toBeCloseTo(pairs.length / query.body.length, 9);
        expect(found.correlation).toBeCloseTo(pairs.length < 50 ? 0 : pearson(pairs), 3);
      }),
      { numRuns: 30 },
    );
  });

  it('finds an image most like itself where it is, whatever its gain and offset', () => {
    const brighter = imageOf((x, y, z) => 3 * waves(x, y, z) - 500);
    const inverted = imageOf((x, y, z) => -waves(x, y, z));
    expect(new Overlap(query, brighter).sample(IDENTITY).correlation).toBeCloseTo(1, 5);
    expect(new Overlap(query, inverted).sample(IDENTITY).correlation).toBeCloseTo(-1, 5);
  });

  it('says nothing where fewer than fifty voxels are in common', () => {
    const apart = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 4000]);
    const overlap = new Overlap(query, target);
    expect(overlap.sample(apart)).toEqual({ correlation: 0, overlap: 0 });
    expect(overlap.step(apart, true)).toBeUndefined();
    const few = imageOf(waves, (voxel) => voxel < 49);
    expect(new Overlap(few, query).sample(IDENTITY)).toEqual({ correlation: 0, overlap: 1 });
  });

  it('says nothing of an image of one value, on either side', () => {
    const flat = imageOf(() => 40);
    for (const overlap of [new Overlap(flat, target), new Overlap(query, flat)]) {
      expect(overlap.sample(IDENTITY).correlation).toBe(0);
      expect(overlap.step(IDENTITY, true)).toBeUndefined();
    }
  });

  it('has no overlap where the query shows no body', () => {
    const empty = imageOf(waves, () => false);
    expect(new Overlap(empty, target).sample(IDENTITY)).toEqual({ correlation: 0, overlap: 0 });
  });

  it('steps towards the map that was there, with only the shift or with the linear part', () => {
    const [cx, cy, cz] = [2, 74, 355];
    /** The middle of the image and places around it. */
    const places = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) =>
      n === 8
        ? lpsPoint(cx, cy, cz)
        : lpsPoint(cx + 40 * ((n & 1) - 0.5), cy + 40 * (((n >> 1) & 1) - 0.5), cz + 40 * ((n >> 2) - 0.5)),
    );
    const turnedAbout = (m: Affine): Affine => {
      const [x, y, z] = numbers(toLps(m, voxelIndex(cx, cy, cz)));
      const shift = [cx - x + m[3] / 5, cy - y + m[7] / 5, cz - z + m[11] / 5] as const;
      return [
        m[0],
        m[1],
        m[2],
        m[3] + shift[0],
        m[4],
        m[5],
        m[6],
        m[7] + shift[1],
        m[8],
        m[9],
        m[10],
        m[11] + shift[2],
      ];
    };
    const off = (m: Affine): number =>
      Math.max(...places.map((p) => distanceMm(toLps(m, voxelIndex(...numbers(p))), p)));
    fc.assert(
      fc.property(smallMaps, fc.boolean(), (map, linear) => {
        const truth = linear
          ? turnedAbout(map)
          : affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [map[3] / 5, map[7] / 5, map[11] / 5]);
        const back = invert(truth);
        const moved = imageOf((x, y, z) => waves(...numbers(toLps(back, voxelIndex(x, y, z)))));
        const overlap = new Overlap(query, moved);
        const before = overlap.sample(IDENTITY).correlation;
        const next = overlap.step(IDENTITY, linear)!;
        expect(off(compose(next, back))).toBeLessThan(0.8 * off(back) + 0.3);
        expect(overlap.sample(next).correlation).toBeGreaterThanOrEqual(before - 1e-4);
      }),
      { numRuns: 20 },
    );
  });

  it('turns and stretches around the middle of the image', () => {
    const centre = lpsPoint(2, 74, 355);
    const back = affineFromColumns([1 / 0.9, 0, 0], [0, 1, 0], [0, 0, 1], [2 - 2 / 0.9, 0, 0]);
    const moved = imageOf((x, y, z) => waves(...numbers(toLps(back, voxelIndex(x, y, z)))));
    const overlap = new Overlap(query, moved);
    overlap.sample(IDENTITY);
    const next = overlap.step(IDENTITY, true)!;
    expect(next[0]).toBeLessThan(0.98);
    expect(distanceMm(toLps(next, voxelIndex(...numbers(centre))), centre)).toBeLessThan(1);
  });

  it('moves only the shift by default', () => {
    const overlap = new Overlap(query, target);
    overlap.sample(IDENTITY);
    const next = overlap.step(IDENTITY, false)!;
    [0, 1, 2, 4, 5, 6, 8, 9, 10].forEach((n) => {
      expect(next[n]).toBeCloseTo(IDENTITY[n]!, 9);
    });
    expect(Math.hypot(next[3], next[7], next[11])).toBeGreaterThan(0.1);
  });
});
