import fc from 'fast-check';
import { affineFromColumns, perAxis } from '../geometry/index.ts';
import { seededRandom } from '../volume/testing/syntheticSeries.ts';
import { axisWeights } from './axisWeights.ts';
import type { AxisWeights } from './axisWeights.ts';
import { resampleAligned } from './separable.ts';

const OUTSIDE = -7;

/** The weighted sum of voxels that a sample is, by the tables of its axes. */
function sampleOf(
  data: ArrayLike<number>,
  [ni, nj]: readonly number[],
  weights: readonly [AxisWeights, AxisWeights, AxisWeights],
  sample: readonly number[],
): number {
  const isInside = weights.every(({ inside }, axis) => {
    const n = sample[axis] ?? NaN;
    return n >= inside[0] && n < inside[1];
  });
  if (!isInside) return OUTSIDE;
  const taps = weights.map(({ first, weights: table, taps: count }, axis) => {
    const n = sample[axis] ?? NaN;
    return Array.from(table.subarray(n * count, (n + 1) * count), (weight, tap) => ({
      voxel: (first[n] ?? NaN) + tap,
      weight,
    })).filter(({ weight }) => weight !== 0);
  });
  let sum = 0;
  for (const k of taps[2] ?? [])
    for (const j of taps[1] ?? [])
      for (const i of taps[0] ?? []) {
        const voxel = data[(k.voxel * (nj ?? NaN) + j.voxel) * (ni ?? NaN) + i.voxel] ?? NaN;
        sum += i.weight * j.weight * k.weight * voxel;
      }
  return sum;
}

const size = fc.integer({ min: 1, max: 19 });
const sizes = fc.tuple(size, size, fc.integer({ min: 1, max: 5 }));
const scale = fc.double({ min: 0.3, max: 3.5, noNaN: true });
const signed = fc.tuple(scale, fc.boolean()).map(([value, isNegative]) => (isNegative ? -value : value));

describe('resampleAligned', () => {
  it('gives the weighted sums of its tables, for any width, direction, order of axes and kind of voxel', () => {
    const scene = fc.record({
      dims: sizes,
      samples: sizes,
      scales: fc.tuple(signed, signed, signed),
      axes: fc.shuffledSubarray([0, 1, 2] as const, { minLength: 3 }),
      antialias: fc.boolean(),
      isFloat: fc.boolean(),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(scene, ({ dims, samples, scales, axes, antialias, isFloat, seed }) => {
        const random = seededRandom(seed);
        const length = dims[0] * dims[1] * dims[2];
        const noise = Float32Array.from({ length }, () => 4000 * random() - 1000);
        const data = isFloat ? noise : Int16Array.from(noise);
        // Grid axis axes[row] runs along volume axis `row`; both centres lie on each other.
        const order = perAxis((row) => axes[row]!);
        const shifts = perAxis((row) => (dims[row] - 1) / 2 - (scales[row] * (samples[order[row]] - 1)) / 2);
        const column = (axis: number): [number, number, number] =>
          perAxis((row) => (order[row] === axis ? scales[row] : 0));
        const gridToVoxel = affineFromColumns(column(0), column(1), column(2), shifts);
        const weights = perAxis((row) =>
          axisWeights(
            {
              samples: samples[order[row]],
              voxels: dims[row],
              offset: shifts[row],
              scale: scales[row],
            },
            antialias,
          ),
        );
        const grid = { dims: samples, voxelToLps: gridToVoxel };
        const filling = { antialias, outside: OUTSIDE };
        const work = resampleAligned({ dims, data }, grid, gridToVoxel, order, filling);
        let step = work.next();
        while (step.done !== true) step = work.next();
        const found = step.value;
        for (let at = 0; at < found.length; at += 1) {
          const index = [
            at % samples[0],
            Math.floor(at / samples[0]) % samples[1],
            Math.floor(at / (samples[0] * samples[1])),
          ] as const;
          const along = perAxis((row) => index[order[row]]);
          const expected = sampleOf(data, dims, weights, along);
          // Kept as float32 three times on the way.
          if (!(Math.abs((found[at] ?? NaN) - expected) < 2e-3))
            throw new Error(`${at}: ${found[at] ?? ''}, not ${expected}`);
        }
      }),
    );
  });
});
