/**
 * Lays out the memory of the pyramid module (server/src/pyramid/wasm/pyramid.ts) and runs it, slice by slice: what it works on stays in the
 * processor's cache.
 * @module
 */
import { MemoryLayout } from '../wasm/index.ts';
import { openPyramid } from './generated/pyramidModule.ts';
import { perAxis } from '../geometry/index.ts';
import type { PyramidExports } from './generated/pyramidModule.ts';
import { NOT_ACQUIRED, ROW_SLACK } from './layout.ts';
import { LEVEL_STEP } from './level.ts';

type Dims = readonly [number, number, number];

/** What is read or written beyond the end of an array at most, bytes. */
const SLACK_BYTES = 32;
/** A slice needs those below and above. */
const PLANES = 3;
/** So far below any value that each low pass that reads it ends below int16, which is NOT_ACQUIRED; registration units. */
const FAR_BELOW = -1e6;

/** Makes the images of one series. */
export class PyramidKernel {
  readonly #run: PyramidExports;
  readonly #dims: Dims;
  readonly #table: Float32Array;
  /** Two slices of int16. */
  readonly #slices: readonly [Int16Array, Int16Array];
  readonly #planes: readonly Float32Array[];
  readonly #rows: Float32Array;
  readonly #out: Int16Array;

  /**
   * @param dims of the fine image
   * @param units see {@link unitsOf}
   */
  constructor(dims: Dims, units: Float32Array) {
    const size = dims[0] * dims[1];
    const layout = new MemoryLayout(SLACK_BYTES);
    const [table, rows] = [layout.reserve(units.byteLength), layout.reserve(2 * 4 * (dims[0] + ROW_SLACK))];
    const [near, far, out] = [layout.reserve(2 * size), layout.reserve(2 * size), layout.reserve(2 * size)];
    const planes = Array.from({ length: PLANES }, () => layout.reserve(4 * size));
    const memory = layout.memory();
    const { buffer } = memory;
    this.#run = openPyramid({ env: { memory } });
    this.#dims = dims;
    this.#table = new Float32Array(buffer, table, units.length);
    this.#table.set(units);
    this.#table[0] = FAR_BELOW;
    this.#slices = [new Int16Array(buffer, near, size), new Int16Array(buffer, far, size)];
    this.#planes = planes.map((at) => new Float32Array(buffer, at, size));
    this.#rows = new Float32Array(buffer, rows, 2 * (dims[0] + ROW_SLACK));
    this.#out = new Int16Array(buffer, out, size);
  }

  /**
   * An image in registration units, low-passed.
   * @param isMissing 1 for voxels that were not acquired
   */
  mapped(values: Int16Array, isMissing?: Uint8Array): Int16Array {
    const size = this.#dims[0] * this.#dims[1];
    const [slice] = this.#slices;
    return this.#lowPassed(this.#dims, (k, plane) => {
      slice.set(values.subarray(k * size, (k + 1) * size));
      if (isMissing !== undefined) strike(slice, isMissing.subarray(k * size, (k + 1) * size));
      this.#run.lookUp(slice.byteOffset, size, this.#table.byteOffset, plane.byteOffset);
    });
  }

  /** Means of 2 x 2 x 2 of such an image, low-passed; `half` is their size. */
  halved(values: Int16Array, half: Dims): Int16Array {
    const [ni, nj, nk] = this.#dims;
    const size = ni * nj;
    const nextK = nk > 1 ? 1 : 0;
    const [near, far] = this.#slices;
    return this.#lowPassed(half, (k, plane) => {
      const first = k * (nextK + 1);
      near.set(values.subarray(first * size, (first + 1) * size));
      far.set(values.subarray((first + nextK) * size, (first + nextK + 1) * size));
      this.#run.halve(near.byteOffset, far.byteOffset, ni, nj, LEVEL_STEP, FAR_BELOW, plane.byteOffset);
    });
  }

  /** @param fill writes slice k */
  #lowPassed([ni, nj, nk]: Dims, fill: (k: number, plane: Float32Array) => void): Int16Array {
    const size = ni * nj;
    const result = new Int16Array(new SharedArrayBuffer(size * nk * Int16Array.BYTES_PER_ELEMENT));
    const planeOf = (k: number): Float32Array =>
      this.#planes[Math.min(Math.max(k, 0), nk - 1) % PLANES] as Float32Array;
    const make = (k: number): void => {
      fill(k, planeOf(k));
      this.#run.filterPlane(planeOf(k).byteOffset, ni, nj, this.#rows.byteOffset);
    };
    make(0);
    for (let k = 0; k < nk; k++) {
      if (k + 1 < nk) make(k + 1);
      const [below, own, above] = perAxis((n) => planeOf(k - 1 + n).byteOffset);
      this.#run.mixPlanes(below, own, above, size, 1 / LEVEL_STEP, this.#out.byteOffset);
      result.set(this.#out.subarray(0, size), k * size);
    }
    return result;
  }
}

/** Writes NOT_ACQUIRED where a mask is 1. */
function strike(slice: Int16Array, isMissing: Uint8Array): void {
  for (let n = isMissing.indexOf(1); n >= 0; n = isMissing.indexOf(1, n)) {
    const next = isMissing.indexOf(0, n);
    const end = next < 0 ? isMissing.length : next;
    slice.fill(NOT_ACQUIRED, n, end);
    n = end;
  }
}
