/**
 * Lays out the memory of the smooth field's module (server/src/neighbourMap/wasm/smoothField.ts) and runs it.
 * @module
 */
import type { LpsPoint } from '../geometry/index.ts';
import { MemoryLayout } from '../wasm/index.ts';
import { TERMS } from '../registration/index.ts';
import { openSmoothField } from './generated/smoothFieldModule.ts';
import type { SmoothFieldExports } from './generated/smoothFieldModule.ts';
import {
  EXCEPT,
  NODE_NUMBERS,
  POINT,
  REACH,
  RIGHT,
  SIGMA,
  SPREAD,
  SYSTEM,
  WORKPLACE_NUMBERS,
} from './layout.ts';

const NOWHERE: readonly [number, number, number] = [NaN, NaN, NaN];

/** The nodes that count at a point, and how they are weighted there. */
export interface Window {
  /** All of a field; see packedPairs. */
  readonly nodes: Float64Array;
  /** The first one that may be in reach, and how many. */
  readonly first: number;
  readonly count: number;
  /** Length of the window, mm. */
  readonly sigma: number;
  /** A node farther away than this many sigmas counts nothing. */
  readonly reach: number;
}

/** One thread's module and its memory, which every call writes. */
class FieldKernel {
  /** Capacity, nodes. */
  readonly capacity: number;
  /** Rows of TERMS: the lower triangle of the normal equations. */
  readonly system: Float64Array;
  /** Right sides of x, y, z. */
  readonly right: readonly [Float64Array, Float64Array, Float64Array];
  readonly #run: SmoothFieldExports;
  /** What the module works on; see layout.ts. */
  readonly #work: Float64Array;
  /** The fields whose nodes lie here: the forward map and the inverse map, in turn. */
  readonly #places: readonly [Float64Array, Float64Array];
  readonly #loaded: [Float64Array | undefined, Float64Array | undefined] = [undefined, undefined];
  #next: 0 | 1 = 0;

  constructor(capacity: number) {
    const layout = new MemoryLayout(0);
    const reserve = (count: number): number => layout.reserve(count * Float64Array.BYTES_PER_ELEMENT);
    const work = reserve(WORKPLACE_NUMBERS);
    const nodes = [reserve(capacity * NODE_NUMBERS), reserve(capacity * NODE_NUMBERS)] as const;
    const memory = layout.memory();
    const view = (at: number, count: number): Float64Array => new Float64Array(memory.buffer, at, count);
    this.#run = openSmoothField({ env: { memory }, smoothField: { exp: Math.exp } });
    this.capacity = capacity;
    this.#work = view(work, WORKPLACE_NUMBERS);
    const rightOf = (axis: number): Float64Array =>
      this.#work.subarray(RIGHT + axis * TERMS, RIGHT + (axis + 1) * TERMS);
    this.system = this.#work.subarray(SYSTEM, SYSTEM + TERMS * TERMS);
    this.right = [rightOf(0), rightOf(1), rightOf(2)];
    this.#places = [view(nodes[0], capacity * NODE_NUMBERS), view(nodes[1], capacity * NODE_NUMBERS)];
  }

  /** Fills the normal equations at a point (LPS, mm), without the node at `except`; gives the sum of the weights. */
  sum(window: Window, point: LpsPoint, except: LpsPoint | undefined): number {
    this.#place(window, point);
    this.#put(except ?? NOWHERE, EXCEPT);
    return this.#run.sum(this.#addressOf(window), window.count, this.#work.byteOffset);
  }

  /**
   * Weighted squared distance of the nodes of the last sum from the solution, which stands where the right sides were; mm2.
   * @param start what the sums of squares and of weights begin with
   */
  spread(
    window: Window,
    point: LpsPoint,
    start: readonly [squares: number, weights: number],
  ): readonly [squares: number, weights: number] {
    const work = this.#work;
    this.#place(window, point);
    work[SPREAD] = start[0];
    work[SPREAD + 1] = start[1];
    this.#run.spread(this.#addressOf(window), window.count, work.byteOffset);
    return [work[SPREAD], work[SPREAD + 1] ?? NaN];
  }

  /** Element by element: `set` needs four times as long for three numbers. */
  #put(point: readonly [number, number, number], at: number): void {
    this.#work[at] = point[0];
    this.#work[at + 1] = point[1];
    this.#work[at + 2] = point[2];
  }

  #place({ sigma, reach }: Window, point: LpsPoint): void {
    this.#put(point, POINT);
    this.#work[SIGMA] = sigma;
    this.#work[REACH] = reach;
  }

  /** Where the first node of a window lies; its field is copied here unless it was lately. */
  #addressOf({ nodes, first }: Window): number {
    const known = this.#loaded.indexOf(nodes);
    const n = known < 0 ? this.#next : known === 0 ? 0 : 1;
    if (known < 0) {
      this.#places[n].set(nodes);
      this.#loaded[n] = nodes;
    }
    this.#next = n === 0 ? 1 : 0;
    return this.#places[n].byteOffset + first * NODE_NUMBERS * Float64Array.BYTES_PER_ELEMENT;
  }
}

/** Nodes of the largest neighbour map, and some more. */
const USUAL_CAPACITY = 2048;

let kernel: FieldKernel | undefined;

/** The kernel of this thread, with capacity for so many nodes. */
export function fieldKernel(nodes: number): FieldKernel {
  if (kernel === undefined || kernel.capacity < nodes)
    kernel = new FieldKernel(Math.max(nodes, USUAL_CAPACITY));
  return kernel;
}
