import type { Level } from '../../pyramid/index.ts';
import { BOX_EDGE, STAGED_CAPACITY } from '../layout.ts';
import type { RegistrationKernel } from './registrationKernel.ts';

type Triple = readonly [number, number, number];

/** Int16 in eight bytes. */
const VOXELS_PER_WORD = 4;

/** A box of a level, copied to where the kernel reads it. */
export class LevelBox {
  /** Index of its first voxel in the level, and its size; i, j, k. */
  low: Triple = [0, 0, 0];
  dims: Triple = [0, 0, 0];
  readonly #kernel: Pick<RegistrationKernel, 'run' | 'staged'>;
  /** Of its first voxel. */
  readonly address: number;
  #level: Level | undefined;

  /** @param values the kernel's memory of BOX_EDGE voxels an axis */
  constructor(kernel: Pick<RegistrationKernel, 'run' | 'staged'>, values: Float32Array) {
    this.#kernel = kernel;
    this.address = values.byteOffset;
  }

  /** Whether it shows this level; an empty box shows none. */
  isOf(level: Level): boolean {
    return this.#level === level;
  }

  /** Whether it has the voxels `low` to `high` (inclusive), as far as the level has them. */
  holds(level: Level, low: Triple, high: Triple): boolean {
    return this.#has(level, rangesOf(level, low, high));
  }

  /**
   * Copies the voxels `low` to `high` (inclusive), as far as the level has them; the middle ones where they are too many. Nothing
   * is done where the box has them.
   */
  cover(level: Level, low: Triple, high: Triple): void {
    const ranges = rangesOf(level, low, high);
    if (this.#has(level, ranges)) return;
    const [i, j, k] = ranges;
    this.#level = level;
    this.low = [i[0], j[0], k[0]];
    this.dims = [i[1] - i[0], j[1] - j[0], k[1] - k[0]];
    const [, nj] = level.dims;
    let at = 0;
    for (let slice = k[0]; slice < k[1]; slice++)
      at = this.#copyRows(level, slice * nj + j[0], slice * nj + j[1], i, at);
  }

  /** Copies rows of a level to voxel `at` of the box and behind. @returns the voxel after them */
  #copyRows({ dims, values }: Level, first: number, end: number, i: Range, at: number): number {
    const { run, staged } = this.#kernel;
    const [length] = dims;
    const width = i[1] - i[0];
    // Whole rows, many at a time: a view of each would need longer than its voxels.
    const most = Math.max(Math.floor((STAGED_CAPACITY - VOXELS_PER_WORD) / length), 1);
    let voxel = at;
    for (let row = first; row < end; row += most) {
      const rows = Math.min(end - row, most);
      // Shared memory is copied by words where both sides are aligned alike, and by bytes where they are not.
      const shift = (values.byteOffset / values.BYTES_PER_ELEMENT + row * length) % VOXELS_PER_WORD;
      staged.set(values.subarray(row * length, (row + rows) * length), shift);
      run.fillBox(rows, length, shift + i[0], width, this.address + Float32Array.BYTES_PER_ELEMENT * voxel);
      voxel += rows * width;
    }
    return voxel;
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

function rangesOf(level: Level, low: Triple, high: Triple): readonly [Range, Range, Range] {
  return [rangeOf(level, 0, low, high), rangeOf(level, 1, low, high), rangeOf(level, 2, low, high)];
}

function rangeOf(level: Level, axis: 0 | 1 | 2, low: Triple, high: Triple): Range {
  const size = level.dims[axis];
  const first = Math.min(Math.max(low[axis], 0), size);
  const end = Math.max(Math.min(high[axis] + 1, size), first);
  const excess = Math.max(end - first - BOX_EDGE, 0);
  return [first + (excess >> 1), end - (excess - (excess >> 1))];
}
