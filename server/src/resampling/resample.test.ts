import fc from 'fast-check';
import {
  affineFromColumns,
  compose,
  invert,
  lpsPoint,
  spacingOf,
  toLps,
  toVoxel,
  voxelIndex,
} from '../geometry/index.ts';
import type { Affine } from '../geometry/index.ts';
import { seededRandom } from '../volume/testing/syntheticSeries.ts';
import type { Grid } from '../volume/types.ts';
import { averages, resample, resampleCooperatively } from './resample.ts';
import { boundingBox, workingGrid } from '../volume/workingGrid.ts';

const OUTSIDE = -5000;

interface Source extends Grid {
  readonly data: Float32Array | Int16Array;
}

/** Calls back for each voxel of a grid, in the order of its data. */
function mapVoxels<T>({ dims }: Grid, value: (i: number, j: number, k: number) => T): T[] {
  const values: T[] = [];
  for (let k = 0; k < dims[2]; k += 1) {
    for (let j = 0; j < dims[1]; j += 1) for (let i = 0; i < dims[0]; i += 1) values.push(value(i, j, k));
  }
  return values;
}

/** A linear function of the place in the patient. */
function ramp(affine: Affine, i: number, j: number, k: number): number {
  const [x, y, z] = toLps(affine, voxelIndex(i, j, k));
  return 3 * x - 2 * y + 0.5 * z + 7;
}

function rampVolume(grid: Grid): Source {
  return { ...grid, data: Float32Array.from(mapVoxels(grid, (i, j, k) => ramp(grid.voxelToLps, i, j, k))) };
}

const count = fc.integer({ min: 4, max: 9 });
const spacing = fc.double({ min: 0.8, max: 4, noNaN: true });
const offset = fc.double({ min: -100, max: 100, noNaN: true });
const angle = fc.double({ min: -Math.PI, max: Math.PI, noNaN: true });

/** Shapes for plain interpolation, and finer, larger ones for averaging. */
const small = { dims: fc.tuple(count, count, count), steps: fc.tuple(spacing, spacing, spacing) };
const fine = {
  dims: fc.constant<[number, number, number]>([17, 20, 19]),
  steps: fc.constant<[number, number, number]>([0.6, 0.5, 0.8]),
};

/** Grids along the patient axes, in any order and direction. */
const aligned = ({ dims, steps }: typeof small): fc.Arbitrary<Grid> =>
  fc
    .tuple(
      dims,
      steps,
      fc.shuffledSubarray([0, 1, 2] as const, { minLength: 3 }),
      fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
      fc.tuple(offset, offset, offset),
    )
    .map(([size, widths, axes, flips, origin]): Grid => {
      const column = (axis: 0 | 1 | 2): [number, number, number] => {
        const direction: [number, number, number] = [0, 0, 0];
        direction[axes[axis]!] = (flips[axis] ? -1 : 1) * widths[axis];
        return direction;
      };
      return { dims: size, voxelToLps: affineFromColumns(column(0), column(1), column(2), origin) };
    });

/** Rotated and sheared grids. */
const oblique = ({ dims, steps }: typeof small): fc.Arbitrary<Grid> =>
  fc
    .tuple(dims, steps, fc.tuple(angle, angle), fc.double({ min: -0.4, max: 0.4, noNaN: true }))
    .map(([size, [si, sj, sk], [yaw, tilt], shear]): Grid => {
      const [cy, sy, ct, st] = [Math.cos(yaw), Math.sin(yaw), Math.cos(tilt), Math.sin(tilt)];
      return {
        dims: size,
        voxelToLps: affineFromColumns(
          [si * cy, si * sy * ct, si * sy * st],
          [-sj * sy, sj * cy * ct, sj * cy * st],
          [sk * shear * cy, sk * (shear * sy * ct - st), sk * (shear * sy * st + ct)],
          [5, -7, 11],
        ),
      };
    });

/** Where a voxel of a grid lies in the volume: at least `margin` voxels inside the outermost centres, or outside. */
function placer(volume: Grid, grid: Grid, margin: readonly number[] = [0, 0, 0]) {
  const toVolume = compose(invert(volume.voxelToLps), grid.voxelToLps);
  return (i: number, j: number, k: number): 'interior' | 'border' | 'outside' => {
    const index = toVoxel(toVolume, lpsPoint(i, j, k));
    const within = (low: (axis: number) => number): boolean =>
      index.every((x, axis) => x >= low(axis) && x <= (volume.dims[axis] ?? 0) - 1 - low(axis));
    if (within((axis) => margin[axis] ?? 0)) return 'interior';
    return within(() => -0.5 - 1e-5) ? 'border' : 'outside';
  };
}

/** Resamples a ramp; returns how many interior voxels were right, and fails when one is not. */
function expectRamp(volume: Source, grid: Grid, antialias: boolean, margin?: readonly number[]): number {
  const values = resample(volume, grid, { outside: OUTSIDE, antialias });
  const placeOf = placer(volume, grid, margin);
  const places = mapVoxels(grid, placeOf);
  const expected = mapVoxels(grid, (i, j, k) => ramp(grid.voxelToLps, i, j, k));
  expect(values).toHaveLength(expected.length);
  // Float32 values of up to about 1,000.
  const wrong = places.findIndex((where, at) =>
    where === 'outside'
      ? values[at] !== OUTSIDE
      : where === 'interior' && !(Math.abs((values[at] ?? NaN) - (expected[at] ?? NaN)) < 1e-3),
  );
  expect([wrong, values[wrong], places[wrong]]).toEqual([-1, undefined, undefined]);
  return places.filter((where) => where === 'interior').length;
}

describe('resample', () => {
  it.each([
    ['aligned', aligned],
    ['oblique or sheared', oblique],
  ])('gives a linear ramp exactly, %s', (_, grids) => {
    let interior = 0;
    fc.assert(
      fc.property(grids(small), spacing, (grid, spacingMm) => {
        interior += expectRamp(rampVolume(grid), workingGrid(grid, spacingMm), false);
      }),
      { numRuns: 50 },
    );
    expect(interior).toBeGreaterThan(1000);
  });

  it.each([
    ['aligned', aligned],
    ['oblique or sheared', oblique],
  ])('gives a linear ramp exactly also where it averages, %s', (_, grids) => {
    let interior = 0;
    fc.assert(
      fc.property(grids(fine), fc.double({ min: 0.9, max: 2, noNaN: true }), (grid, spacingMm) => {
        // Averaging, then interpolating between averages, reaches 2.5 grid steps far; shear makes steps longer.
        const margin = spacingOf(grid.voxelToLps).map((step) => (3 * spacingMm) / step);
        interior += expectRamp(rampVolume(grid), workingGrid(grid, spacingMm), true, margin);
      }),
      { numRuns: 40 },
    );
    expect(interior).toBeGreaterThan(1000);
  });

  /** Noise of 16 bits. */
  function noiseVolume(grid: Grid, seed: number): Source {
    const random = seededRandom(seed);
    return { ...grid, data: Int16Array.from(mapVoxels(grid, () => Math.floor(random() * 65536) - 32768)) };
  }

  it('returns the voxels at their centres, bit by bit', () => {
    fc.assert(
      fc.property(aligned(small), fc.nat(), (grid, seed) => {
        const volume = noiseVolume(grid, seed);
        expect([...resample(volume, grid, { outside: OUTSIDE })]).toEqual([...volume.data]);
      }),
      { numRuns: 40 },
    );
  });

  /** A shear far below any voxel sends a volume through the general path. */
  function nudged(volume: Source): Source {
    const [a, b, c, ...others] = volume.voxelToLps;
    return { ...volume, voxelToLps: [a + 1e-5, b + 1e-5, c + 1e-5, ...others] };
  }

  it('agrees at voxel centres between the fast and the general path', () => {
    fc.assert(
      fc.property(aligned(small), fc.nat(), (grid, seed) => {
        const volume = noiseVolume(grid, seed);
        const general = resample(nudged(volume), grid, { outside: OUTSIDE });
        // Up to 65,535 units per voxel; the nudge moves a sample by less than 1e-3 voxels.
        const differs = volume.data.findIndex((value, at) => Math.abs(value - (general[at] ?? NaN)) > 300);
        expect(differs).toBe(-1);
      }),
      { numRuns: 40 },
    );
  });

  it('averages where the grid is coarser: the mean of a checkerboard instead of one of its colours', () => {
    const grid: Grid = {
      dims: [32, 32, 32],
      voxelToLps: affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]),
    };
    const data = Int16Array.from(mapVoxels(grid, (i, j, k) => ((i + j + k) % 2) * 1000));
    const coarse = workingGrid(grid, 4);
    const interior = mapVoxels(coarse, (i, j, k) => [i, j, k].every((x) => x > 0 && x < 7));
    const averaged = resample({ ...grid, data }, coarse, { outside: 0, antialias: true });
    expect(averaged.filter((value, index) => interior[index] && Math.abs(value - 500) > 1e-3)).toHaveLength(
      0,
    );
    const mean = averaged.reduce((sum, value) => sum + value, 0) / averaged.length;
    expect(mean).toBeCloseTo(500, 3);
  });

  it.each([
    ['aligned', aligned],
    ['oblique or sheared', oblique],
  ])('says whether averages differ from samples, %s', (_, grids) => {
    const seen = new Set<boolean>();
    fc.assert(
      fc.property(grids(small), spacing, fc.nat(), (grid, spacingMm, seed) => {
        const volume = noiseVolume(grid, seed);
        const target = workingGrid(grid, spacingMm);
        const samples = resample(volume, target, { outside: 0 });
        const means = resample(volume, target, { outside: 0, antialias: true });
        expect(averages(volume, target)).toBe(means.some((value, at) => value !== samples[at]));
        seen.add(averages(volume, target));
      }),
      { numRuns: 60 },
    );
    expect(seen.size).toBe(2);
  });

  it('keeps the outermost half voxel and nothing beyond', () => {
    const volume: Source = {
      dims: [2, 1, 1],
      voxelToLps: affineFromColumns([4, 0, 0], [0, 4, 0], [0, 0, 4], [0, 0, 0]),
      data: Int16Array.from([100, 200]),
    };
    const line: Grid = {
      dims: [7, 1, 1],
      voxelToLps: affineFromColumns([2, 0, 0], [0, 1, 0], [0, 0, 1], [-4, 0, 0]),
    };
    // LPS x of -4 to 8 mm; the volume covers -2 to 6.
    expect([...resample(volume, line, { outside: -1 })]).toEqual([-1, 100, 100, 150, 200, 200, -1]);
  });

  it('gives the same when other work may come between, and stops when aborted', async () => {
    const grid: Grid = {
      dims: [8, 8, 8],
      voxelToLps: affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]),
    };
    const volume = rampVolume(grid);
    const target = workingGrid(grid, 2);
    const expected = resample(volume, target, { outside: 0 });
    expect(await resampleCooperatively(volume, target, { outside: 0 })).toEqual(expected);
    const signal = AbortSignal.abort(new Error('enough'));
    expect(() => resample(volume, target, { outside: 0, signal })).toThrow('enough');
    await expect(resampleCooperatively(volume, target, { outside: 0, signal })).rejects.toThrow('enough');
  });
});

describe('workingGrid', () => {
  it('covers the box of the volume from its outer edges, along the patient axes', () => {
    fc.assert(
      fc.property(fc.oneof(aligned(small), oblique(small)), spacing, (volume, spacingMm) => {
        const grid = workingGrid(volume, spacingMm);
        const [box, own] = [boundingBox(volume), boundingBox(grid)];
        for (const axis of [0, 1, 2] as const) {
          expect(grid.voxelToLps[5 * axis]).toBe(spacingMm);
          expect(own.low[axis]).toBeCloseTo(box.low[axis], 9);
          // Less than a voxel more than needed; a sliver of 0.1 % of a voxel may be missing.
          expect(own.high[axis]).toBeGreaterThan(box.high[axis] - 0.0011 * spacingMm);
          expect(own.high[axis]).toBeLessThan(box.high[axis] + spacingMm);
        }
      }),
    );
  });

  it('has the size of SAM: ceil(n * s / 2)', () => {
    // 512 x 0.703125 mm = 360 mm, 121 x 2.5 mm = 302.5 mm.
    const voxelToLps = affineFromColumns([0.703125, 0, 0], [0, 0.703125, 0], [0, 0, 2.5], [-180, -180, -300]);
    const grid = workingGrid({ dims: [512, 512, 121], voxelToLps }, 2);
    expect(grid.dims).toEqual([180, 180, 152]);
    // Working voxel w is centred at volume index (w + 0.5) * 2 / s - 0.5.
    const [i] = toVoxel(invert(voxelToLps), toLps(grid.voxelToLps, voxelIndex(10, 0, 0)));
    expect(i).toBeCloseTo((10.5 * 2) / 0.703125 - 0.5, 9);
  });

  it('refuses a spacing that is not positive', () => {
    const voxelToLps = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]);
    expect(() => workingGrid({ dims: [1, 1, 1], voxelToLps }, 0)).toThrow(
      /spacingMm must be positive, got 0/,
    );
  });
});
