import fc from 'fast-check';
import { perAxis } from '../geometry/index.ts';
import { syntheticEmbedding, gridOf } from '../matching/pool/syntheticEmbedding.ts';
import { paddingOf } from '../preprocessing/padding/index.ts';
import { NOT_ACQUIRED } from './layout.ts';
import { LEVEL_STEP, mapHu } from './level.ts';
import type { Level } from './level.ts';
import { pyramidOf } from './pyramid.ts';
import type { Pyramid } from './pyramid.ts';

type Dims = readonly [number, number, number];
type Sampler = (i: number, j: number, k: number) => number;

const AXES = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
] as const;
/** Half a step, and the rounding of floats. */
const TOLERANCE = LEVEL_STEP / 2 + 1e-4;

function at(values: ArrayLike<number>, [ni, nj]: Dims): Sampler {
  return (i, j, k) => values[(k * nj + j) * ni + i] ?? NaN;
}

function sampled(dims: Dims, sample: Sampler): number[] {
  const [ni, nj, nk] = dims;
  return Array.from({ length: ni * nj * nk }, (_, n) =>
    sample(n % ni, Math.floor(n / ni) % nj, Math.floor(n / (ni * nj))),
  );
}

/** [1 2 1] / 4 along each axis by its definition; the edge value continues. */
function lowPassed(values: number[], dims: Dims): number[] {
  const inside = (n: number, axis: 0 | 1 | 2): number => Math.min(Math.max(n, 0), dims[axis] - 1);
  return AXES.reduce((before, [di, dj, dk]) => {
    const own = at(before, dims);
    const beside = (i: number, j: number, k: number): number => own(inside(i, 0), inside(j, 1), inside(k, 2));
    return sampled(
      dims,
      (i, j, k) =>
        0.25 * beside(i - di, j - dj, k - dk) + 0.5 * own(i, j, k) + 0.25 * beside(i + di, j + dj, k + dk),
    );
  }, values);
}

/** HU in registration units; NaN where a voxel of the slice's 3 x 3 is padding. */
function mapped(values: readonly number[], dims: Dims): number[] {
  const [ni, nj, nk] = dims;
  const padding = paddingOf({ values: Int16Array.from(values), dims: [nk, nj, ni] });
  const isPadding = (i: number, j: number, k: number): boolean =>
    i >= 0 && j >= 0 && i < ni && j < nj && at(padding, dims)(i, j, k) === 1;
  const beside = [-1, 0, 1];
  return sampled(dims, (i, j, k) =>
    beside.some((di) => beside.some((dj) => isPadding(i + di, j + dj, k)))
      ? NaN
      : mapHu(at(values, dims)(i, j, k)),
  );
}

/** Values of a level, registration units; NaN where nothing was acquired. */
function unitsIn({ values }: Level): number[] {
  return Array.from(values, (value) => (value === NOT_ACQUIRED ? NaN : value * LEVEL_STEP));
}

/** Means of 2 x 2 x 2, or of what there is along an axis of one. */
function means(level: Level, half: Dims): number[] {
  const { dims } = level;
  const own = at(unitsIn(level), dims);
  const steps = perAxis((axis) => (dims[axis] > 1 ? [0, 1] : [0]));
  return sampled(half, (i, j, k) => {
    const block = steps[0].flatMap((di) =>
      steps[1].flatMap((dj) =>
        steps[2].map((dk) =>
          own(i * steps[0].length + di, j * steps[1].length + dj, k * steps[2].length + dk),
        ),
      ),
    );
    return block.reduce((sum, value) => sum + value, 0) / block.length;
  });
}

function pyramid(dims: Dims, values: readonly number[], modality: 'CT' | 'MR' = 'CT'): Pyramid {
  const grid = gridOf([4, 4, 4], [4, 4, 4], [0, 0, 0]);
  const made = syntheticEmbedding({ grid });
  const image = { grid: gridOf(dims, [2, 3, 4], [10, 20, 30]), values: Int16Array.from(values), scale: 1 };
  return pyramidOf({ ...made, volume: { ...made.volume, modality }, image });
}

function expectNear(level: Level, expected: readonly number[]): void {
  const units = unitsIn(level);
  const off = expected.flatMap((value, n) =>
    Number.isNaN(value) ? [] : [Math.abs((units[n] ?? NaN) - value)],
  );
  expect(units.map(Number.isNaN)).toEqual(expected.map(Number.isNaN));
  expect(Math.max(0, ...off)).toBeLessThanOrEqual(TOLERANCE);
}

const size = fc.integer({ min: 1, max: 11 });
const images = fc.tuple(size, size, size).chain((dims) => {
  const length = dims[0] * dims[1] * dims[2];
  const values = fc.array(fc.integer({ min: -1500, max: 3000 }), { minLength: length, maxLength: length });
  return fc.tuple(fc.constant<Dims>(dims), values);
});

describe('pyramid', () => {
  it('has mapped HU, low-passed along each axis, also where an axis has one voxel', () => {
    fc.assert(
      fc.property(images, ([dims, values]) => {
        expectNear(pyramid(dims, values).fine, lowPassed(mapped(values, dims), dims));
      }),
    );
  });

  it('has blocks of two voxels an axis, low-passed again, in place', () => {
    fc.assert(
      fc.property(images, ([dims, values]) => {
        const { fine, coarse } = pyramid(dims, values);
        expect(coarse.dims).toEqual(dims.map((n) => Math.max(1, n >> 1)));
        expectNear(coarse, lowPassed(means(fine, coarse.dims), coarse.dims));
        dims.forEach((n, axis) => {
          const mm = [2, 3, 4][axis]!;
          expect(coarse.spacing[axis]).toBe(n > 1 ? 2 * mm : mm);
          expect(coarse.origin[axis]).toBe([10, 20, 30][axis]! + (n > 1 ? mm / 2 : 0));
        });
      }),
    );
  });

  it('has nothing where a scanner has acquired nothing, and beside it', () => {
    const dims = [16, 12, 3] as const;
    const values = sampled(dims, (i, j, k) => (i < 4 ? -2000 : 20 + ((7 * i + 5 * j + 3 * k) % 11)));
    const { fine, coarse } = pyramid(dims, values);
    expectNear(fine, lowPassed(mapped(values, dims), dims));
    // Padding to 3, mixed with it 4, read by the low pass 5; the coarse level has these in 2, and reads them in 3.
    expect(unitsIn(fine).slice(0, 16).map(Number.isNaN)).toEqual(Array.from({ length: 16 }, (_, i) => i < 6));
    expect(unitsIn(coarse).slice(0, 8).map(Number.isNaN)).toEqual(Array.from({ length: 8 }, (_, i) => i < 4));
  });

  it('stretches what is no CT to a common range', () => {
    const { fine } = pyramid([3, 1, 1], [50, 50, 50], 'MR');
    expectNear(fine, [400, 400, 400]);
  });
});
