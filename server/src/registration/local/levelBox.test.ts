import fc from 'fast-check';
import { BOX_EDGE, STAGED_CAPACITY } from '../layout.ts';
import { NOT_ACQUIRED } from '../../pyramid/layout.ts';
import { LEVEL_STEP } from '../../pyramid/level.ts';
import type { Level } from '../../pyramid/level.ts';
import { LevelBox } from './levelBox.ts';
import { openRegistrationKernel } from './registrationKernel.ts';

type Triple = readonly [number, number, number];

/** Each voxel has a value of its own. */
function levelOf(dims: Triple): Level {
  const values = Int16Array.from({ length: dims[0] * dims[1] * dims[2] }, (_, n) => (n % 60_000) - 30_000);
  return { dims, spacing: [2, 2, 2], origin: [0, 0, 0], values };
}

function voxel({ dims, values }: Level, i: number, j: number, k: number): number {
  return values[(k * dims[1] + j) * dims[0] + i]! * LEVEL_STEP;
}

/** Every number of the box against the level's. */
function expectCopied(box: LevelBox, copy: Float32Array, level: Level): void {
  const [ni, nj, nk] = box.dims;
  for (let k = 0; k < nk; k++)
    for (let j = 0; j < nj; j++)
      for (let i = 0; i < ni; i++) {
        const expected = voxel(level, box.low[0] + i, box.low[1] + j, box.low[2] + k);
        if (copy[(k * nj + j) * ni + i] !== expected) expect([i, j, k]).toEqual('copied');
      }
}

const size = fc.integer({ min: 1, max: 12 });
const corner = fc.integer({ min: -6, max: 16 });
const ranges = fc.tuple(corner, corner).map(([a, b]) => (a <= b ? ([a, b] as const) : ([b, a] as const)));

describe('LevelBox', () => {
  const kernel = openRegistrationKernel();
  const copy = kernel.boxes[0];

  it('copies the voxels of a range, both ends included, as far as the level has them', () => {
    fc.assert(
      fc.property(fc.tuple(size, size, size), fc.tuple(ranges, ranges, ranges), (dims, [i, j, k]) => {
        const level = levelOf(dims);
        const box = new LevelBox(kernel, copy);
        box.cover(level, [i[0], j[0], k[0]], [i[1], j[1], k[1]]);
        for (const [axis, [low, high]] of [i, j, k].entries()) {
          const wanted = Array.from({ length: dims[axis]! }, (_, n) => n).filter(
            (n) => n >= low && n <= high,
          );
          expect(box.dims[axis]).toBe(wanted.length);
          if (wanted.length > 0) expect(box.low[axis]).toBe(wanted[0]);
        }
        expectCopied(box, copy, level);
      }),
    );
  });

  it('holds the middle of a range that is too wide', () => {
    const level = levelOf([BOX_EDGE + 30, 3, 2]);
    const box = new LevelBox(kernel, copy);
    box.cover(level, [0, 0, 0], [BOX_EDGE + 29, 2, 1]);
    expect(box.dims).toEqual([BOX_EDGE, 3, 2]);
    expect(box.low).toEqual([15, 0, 0]);
    expectCopied(box, copy, level);
    box.cover(level, [10, 0, 0], [10 + BOX_EDGE, 2, 1]);
    expect(box.dims[0]).toBe(BOX_EDGE);
    expect(box.low[0]).toBe(10);
    expectCopied(box, copy, level);
  });

  it('copies nothing again that it has', () => {
    const level = levelOf([10, 10, 10]);
    const box = new LevelBox(kernel, copy);
    box.cover(level, [1, 1, 1], [8, 8, 8]);
    copy[0] = 12_345;
    box.cover(level, [2, 3, 4], [8, 7, 6]);
    expect(copy[0]).toBe(12_345);
    expect(box.low).toEqual([1, 1, 1]);
    box.cover(level, [0, 3, 4], [8, 7, 6]);
    expect(box.low).toEqual([0, 3, 4]);
    expectCopied(box, copy, level);
  });

  it('does not confuse the voxels of another level of the same size with those of this one', () => {
    const [one, other] = [levelOf([6, 5, 4]), levelOf([6, 5, 4])];
    other.values.fill(77);
    const box = new LevelBox(kernel, copy);
    expect(box.isOf(one)).toBe(false);
    box.cover(one, [0, 0, 0], [5, 4, 3]);
    expect([box.isOf(one), box.isOf(other)]).toEqual([true, false]);
    box.cover(other, [0, 0, 0], [5, 4, 3]);
    expect([box.isOf(one), box.isOf(other)]).toEqual([false, true]);
    expectCopied(box, copy, other);
  });

  it('knows which voxels of a level it holds', () => {
    const [one, other] = [levelOf([12, 12, 12]), levelOf([12, 12, 12])];
    const box = new LevelBox(kernel, copy);
    expect(box.holds(one, [3, 3, 3], [4, 4, 4])).toBe(false);
    box.cover(one, [2, 2, 2], [11, 9, 9]);
    expect(box.holds(one, [2, 3, 3], [14, 9, 9])).toBe(true);
    expect(box.holds(one, [1, 3, 3], [9, 9, 9])).toBe(false);
    expect(box.holds(one, [2, 3, 3], [9, 10, 9])).toBe(false);
    expect(box.holds(other, [3, 3, 3], [4, 4, 4])).toBe(false);
  });

  it('copies rows that are handed over a part at a time', () => {
    const level = levelOf([STAGED_CAPACITY / 4, 11, 2]);
    const box = new LevelBox(kernel, copy);
    box.cover(level, [7000, 1, 0], [7020, 10, 1]);
    expect(box.dims).toEqual([21, 10, 2]);
    expectCopied(box, copy, level);
  });

  it('does not write behind the box', () => {
    const level = levelOf([BOX_EDGE, BOX_EDGE, BOX_EDGE]);
    kernel.boxes[1][0] = 5;
    const box = new LevelBox(kernel, copy);
    box.cover(level, [0, 0, 0], [BOX_EDGE - 1, BOX_EDGE - 1, BOX_EDGE - 1]);
    expectCopied(box, copy, level);
    expect(kernel.boxes[1][0]).toBe(5);
    const narrow = levelOf([BOX_EDGE + 1, BOX_EDGE, BOX_EDGE]);
    box.cover(narrow, [1, 0, 0], [BOX_EDGE, BOX_EDGE - 1, BOX_EDGE - 1]);
    expectCopied(box, copy, narrow);
    expect(kernel.boxes[1][0]).toBe(5);
  });

  it('marks what was not acquired', () => {
    const level = levelOf([9, 2, 2]);
    level.values[10] = NOT_ACQUIRED;
    const box = new LevelBox(kernel, copy);
    box.cover(level, [0, 0, 0], [8, 1, 1]);
    expect(copy[10]).toBeLessThan(-1e20);
    expect(copy[11]).toBe(voxel(level, 2, 1, 0));
  });
});
