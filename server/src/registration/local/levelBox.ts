import { LEVEL_STEP } from '../pyramid/level.ts';
import type { Level } from '../pyramid/level.ts';
import { BOX_EDGE, NOT_ACQUIRED } from '../layout.ts';

type Triple = readonly [number, number, number];

/** What a box has where nothing was acquired: each interpolation that reads it ends below LEAST_UNITS. */
const NOTHING = -1e30;

/** A box of a level, copied to where the kernel reads it. */
export class LevelBox {
  /** Index of its first voxel in the level, and its size; i, j, k. */
  low: Triple = [0, 0, 0];
  dims: Triple = [0, 0, 0];
  readonly #values: Float32Array;
  #level: Level | undefined;

  /** @param values the kernel's memory of BOX_EDGE voxels an axis */
  constructor(values: Float32Array) {
    this.#values = values;
  }

  /** Whether it shows this level; an empty box shows none. */
  isOf(level: Level): boolean {
    return this.#level === level;
  }

  /**
   * Copies the voxels `low` to `high` (inclusive), as far as the level has them; the middle ones where they are too many. Nothing
   * is done where the box has them.
   */
  cover(level: Level, low: Triple, high: Triple): void {
    const i = rangeOf(level, 0, low, high);
    const j = rangeOf(level, 1, low, high);
    const k = rangeOf(level, 2, low, high);
    if (this.#has(level, [i, j, k])) return;
    this.#level = level;
    this.low = [i[0], j[0], k[0]];
    this.dims = [i[1] - i[0], j[1] - j[0], k[1] - k[0]];
    const [ni, nj] = level.dims;
    const [from, into] = [level.values, this.#values];
    let at = 0;
    for (let slice = k[0]; slice < k[1]; slice++) {
      for (let row = j[0]; row < j[1]; row++) {
        const start = (slice * nj + row) * ni;
        // Rows are short: a view of each would need longer than its voxels.
        for (let voxel = start + i[0]; voxel < start + i[1]; voxel++) {
          const value = from[voxel] ?? NaN;
          into[at++] = value === NOT_ACQUIRED ? NOTHING : value * LEVEL_STEP;
        }
      }
    }
  }

  #has(level: Level, ranges: readonly Range[]): boolean {
    return (
      this.#level === level &&
      ranges.every(([first, end], axis) => {
        const low = this.low[axis] ?? NaN;
        return first >= low && end <= low + (this.dims[axis] ?? NaN);
      })
    );
  }
}

type Range = readonly [first: number, end: number];

function rangeOf(level: Level, axis: 0 | 1 | 2, low: Triple, high: Triple): Range {
  const size = level.dims[axis];
  const first = Math.min(Math.max(low[axis], 0), size);
  const end = Math.max(Math.min(high[axis] + 1, size), first);
  const excess = Math.max(end - first - BOX_EDGE, 0);
  return [first + (excess >> 1), end - (excess - (excess >> 1))];
}
