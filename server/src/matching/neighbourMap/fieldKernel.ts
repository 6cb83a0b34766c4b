/**
 * Lays out the memory of the smooth field's module (server/src/matching/neighbourMap/wasm/smoothField.ts) and runs it.
 * @module
 */
import type { LpsPoint } from '../../geometry/index.ts';
import { MemoryLayout } from '../../wasm/index.ts';
import { smoothFieldModule } from './generated/smoothFieldModule.ts';
import { TERMS } from '../../registration/index.ts';

/** Functions of the module; see there. */
interface SmoothFieldExports {
  sum(...nodesCountPointExceptSigmaReachPhiSystemRight: readonly number[]): number;
  spread(...nodesCountPointSigmaReachPhiSolutionOut: readonly number[]): void;
}

/** Words of a node; see packedPairs. */
export const NODE_WORDS = 7;
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
  /** Nodes that there is room for. */
  readonly capacity: number;
  /** Rows of TERMS: the lower triangle of the normal equations. */
  readonly system: Float64Array;
  /** Right sides of x, y, z. */
  readonly right: readonly [Float64Array, Float64Array, Float64Array];
  readonly #run: SmoothFieldExports;
  readonly #phi: Float64Array;
  readonly #out: Float64Array;
  /** The fields whose nodes lie here: that of the way there and that of the way back take turns. */
  readonly #places: readonly [Float64Array, Float64Array];
  readonly #loaded: [Float64Array | undefined, Float64Array | undefined] = [undefined, undefined];
  #next: 0 | 1 = 0;

  constructor(capacity: number) {
    const layout = new MemoryLayout(0);
    const take = (count: number): number => layout.take(count * Float64Array.BYTES_PER_ELEMENT);
    const [phi, system, right, out] = [take(TERMS), take(TERMS * TERMS), take(3 * TERMS), take(2)];
    const nodes = [take(capacity * NODE_WORDS), take(capacity * NODE_WORDS)] as const;
    const memory = layout.memory();
    const { exports } = new WebAssembly.Instance(smoothFieldModule(), {
      env: { memory },
      smoothField: { exp: Math.exp },
    });
    const view = (at: number, count: number): Float64Array => new Float64Array(memory.buffer, at, count);
    const rightOf = (axis: number): Float64Array =>
      view(right + axis * TERMS * Float64Array.BYTES_PER_ELEMENT, TERMS);
    this.#run = exports as unknown as SmoothFieldExports;
    this.capacity = capacity;
    this.#phi = view(phi, TERMS);
    this.system = view(system, TERMS * TERMS);
    this.right = [rightOf(0), rightOf(1), rightOf(2)];
    this.#out = view(out, 2);
    this.#places = [view(nodes[0], capacity * NODE_WORDS), view(nodes[1], capacity * NODE_WORDS)];
  }

  /** Fills the normal equations at a point (LPS, mm), without the node at `except`; gives the sum of the weights. */
  sum(window: Window, point: LpsPoint, except: LpsPoint | undefined): number {
    const places = [this.#phi, this.system, this.right[0]].map(({ byteOffset }) => byteOffset);
    return this.#run.sum(
      ...[this.#addressOf(window), window.count, ...point, ...(except ?? NOWHERE)],
      ...[window.sigma, window.reach, ...places],
    );
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
    const places = [this.#phi, this.right[0], this.#out].map(({ byteOffset }) => byteOffset);
    this.#out.set(start);
    const { count, sigma, reach } = window;
    this.#run.spread(this.#addressOf(window), count, ...point, sigma, reach, ...places);
    return [this.#out[0] as number, this.#out[1] as number];
  }

  /** Where the first node of a window lies; its field is copied here unless it was lately. */
  #addressOf({ nodes, first }: Window): number {
    const known = this.#loaded.indexOf(nodes);
    const n = known < 0 ? this.#next : (known as 0 | 1);
    if (known < 0) {
      this.#places[n].set(nodes);
      this.#loaded[n] = nodes;
    }
    this.#next = n === 0 ? 1 : 0;
    return this.#places[n].byteOffset + first * NODE_WORDS * Float64Array.BYTES_PER_ELEMENT;
  }
}

/** Nodes of the largest structure, and some more. */
const USUAL_CAPACITY = 2048;

let kernel: FieldKernel | undefined;

/** The kernel of this thread, with room for so many nodes. */
export function fieldKernel(nodes: number): FieldKernel {
  if (kernel === undefined || kernel.capacity < nodes)
    kernel = new FieldKernel(Math.max(nodes, USUAL_CAPACITY));
  return kernel;
}
