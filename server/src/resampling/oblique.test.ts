import fc from 'fast-check';
import { atOnce } from '../concurrency/index.ts';
import { affineFromColumns, lpsPoint, toVoxel } from '../geometry/index.ts';
import type { Affine } from '../geometry/index.ts';
import { seededRandom } from '../volume/testing/syntheticSeries.ts';
import { resampleOblique } from './oblique.ts';

const SIZE = 24;
const OUTSIDE = -5000;
const GRID = {
  dims: [9, 9, 9],
  voxelToLps: affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]),
} as const;

/** A function of the voxel index. */
type Value = (i: number, j: number, k: number) => number;

/** The values of a function at all indices, i fastest. */
function mapIndices([ni, nj, nk]: readonly [number, number, number], value: Value): number[] {
  const values: number[] = [];
  for (let k = 0; k < nk; k += 1)
    for (let j = 0; j < nj; j += 1) for (let i = 0; i < ni; i += 1) values.push(value(i, j, k));
  return values;
}

function cubeOf(value: Value): { readonly dims: [number, number, number]; readonly data: Float32Array } {
  const dims: [number, number, number] = [SIZE, SIZE, SIZE];
  return { dims, data: Float32Array.from(mapIndices(dims, value)) };
}

const angle = fc.double({ min: -Math.PI, max: Math.PI, noNaN: true });
/** Maps from the grid's indices into the middle of the cube, at any turn. */
const turn = fc.tuple(angle, angle).map(([yaw, tilt]): Affine => {
  const [cy, sy, ct, st] = [Math.cos(yaw), Math.sin(yaw), Math.cos(tilt), Math.sin(tilt)];
  const columns = [
    [cy, sy * ct, sy * st],
    [-sy, cy * ct, cy * st],
    [0, -st, ct],
  ] as const;
  const from = (axis: 0 | 1 | 2): number =>
    (SIZE - 1) / 2 - (columns[0][axis] + columns[1][axis] + columns[2][axis]) * 4;
  return affineFromColumns(...columns, [from(0), from(1), from(2)]);
});

function resampled(volume: ReturnType<typeof cubeOf>, gridToVoxel: Affine): Float32Array {
  return atOnce(resampleOblique(volume, GRID, gridToVoxel, OUTSIDE));
}

/** The largest error of a turned grid in the cube that a function of the index makes. */
function largestError(gridToVoxel: Affine, value: Value): number {
  const values = resampled(cubeOf(value), gridToVoxel);
  const truth = mapIndices(GRID.dims, (i, j, k) => {
    const [x, y, z] = toVoxel(gridToVoxel, lpsPoint(i, j, k));
    return value(x, y, z);
  });
  return Math.max(...truth.map((expected, at) => Math.abs(expected - (values[at] ?? NaN))));
}

describe('resampleOblique', () => {
  it('gives quadratic functions exactly at any turn', () => {
    const quadratic: Value = (x, y, z) => x * x - y * z + 0.5 * z * z - 3 * x;
    fc.assert(
      fc.property(turn, (gridToVoxel) => {
        // Float32 values of up to about 500.
        expect(largestError(gridToVoxel, quadratic)).toBeLessThan(1e-3);
      }),
      { numRuns: 30 },
    );
  });

  it('keeps a wave of four voxels to an eighth of its height; trilinear samples lose up to three tenths', () => {
    fc.assert(
      fc.property(turn, fc.double({ min: 0, max: 4, noNaN: true }), (gridToVoxel, phase) => {
        const wave: Value = (x) => Math.sin((Math.PI / 2) * (x + phase));
        expect(largestError(gridToVoxel, wave)).toBeLessThan(0.125);
      }),
      { numRuns: 30 },
    );
  });

  it('gives no value beyond those of the volume, beside an edge as well', () => {
    const random = seededRandom(5);
    const noise = cubeOf(() => random() - 0.5);
    const edge = cubeOf((x) => (x < SIZE / 2 ? -1000 : 1000));
    fc.assert(
      fc.property(turn, (gridToVoxel) => {
        const values = resampled(noise, gridToVoxel);
        expect(values.every((value) => Math.abs(value) <= 0.5)).toBe(true);
        expect(resampled(edge, gridToVoxel).every((value) => Math.abs(value) <= 1000)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('keeps the outermost half voxel, and nothing beyond', () => {
    const ramp = cubeOf((x) => x);
    const at = (x: number): number | undefined =>
      resampled(ramp, affineFromColumns([0, 0, 0], [0, 0, 0], [0, 0, 0], [x, 5.3, 7.9]))[0];
    const values = [-0.6, -0.4, 0.25, 1.5, SIZE - 1.25, SIZE - 0.6, SIZE - 0.4].map(at);
    expect(values).toEqual([OUTSIDE, 0, 0.25, 1.5, SIZE - 1.25, SIZE - 1, OUTSIDE]);
  });
});
