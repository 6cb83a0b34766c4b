/**
 * Lays out the memory of the smooth field's module (server/assembly/smoothField.ts) and runs it.
 * @module
 */
import type { LpsPoint } from '../../geometry/index.ts';
import { smoothFieldModule } from '../generated/smoothFieldModule.ts';
import { TERMS } from '../leastSquares/basis.ts';

/** Functions of the module; see there. */
interface SmoothFieldExports {
  sum(...nodesCountPointExceptSigmaReachPhiSystemRight: readonly number[]): number;
  spread(...nodesCountPointSigmaReachPhiSolutionOut: readonly number[]): void;
}

/** Words of a node; see packedPairs. */
export const NODE_WORDS = 7;
const WORD_BYTES = Float64Array.BYTES_PER_ELEMENT;
const PAGE_BYTES = 65_536;
const NOWHERE: readonly [number, number, number] = [NaN, NaN, NaN];

/** The nodes that count at a point, and how they are weighted there. */
export interface Window {
  readonly nodes: Float64Array;
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
  readonly #nodes: Float64Array;

  constructor(capacity: number) {
    const words = TERMS + TERMS * TERMS + 3 * TERMS + 2 + capacity * NODE_WORDS;
    const memory = new WebAssembly.Memory({ initial: Math.ceil((words * WORD_BYTES) / PAGE_BYTES) });
    const { exports } = new WebAssembly.Instance(smoothFieldModule(), {
      env: { memory },
      smoothField: { exp: Math.exp },
    });
    this.#run = exports as unknown as SmoothFieldExports;
    this.capacity = capacity;
    let at = 0;
    const take = (count: number): Float64Array => {
      const view = new Float64Array(memory.buffer, at, count);
      at += view.byteLength;
      return view;
    };
    this.#phi = take(TERMS);
    this.system = take(TERMS * TERMS);
    this.right = [take(TERMS), take(TERMS), take(TERMS)];
    this.#out = take(2);
    this.#nodes = take(capacity * NODE_WORDS);
  }

  /** Fills the normal equations at a point (LPS, mm), without the node at `except`; gives the sum of the weights. */
  sum({ nodes, sigma, reach }: Window, point: LpsPoint, except: LpsPoint | undefined): number {
    this.#nodes.set(nodes);
    const count = nodes.length / NODE_WORDS;
    const [phi, system, right] = [this.#phi, this.system, this.right[0]].map(({ byteOffset }) => byteOffset) as [
      number, number, number,
    ]; // prettier-ignore
    return this.#run.sum(
      ...[this.#nodes.byteOffset, count, ...point, ...(except ?? NOWHERE)],
      ...[sigma, reach, phi, system, right],
    );
  }

  /**
   * Weighted squared distance of the nodes of the last sum from the solution, which stands where the right sides were; mm2.
   * @param start what the sums of squares and of weights begin with
   */
  spread(
    { nodes, sigma, reach }: Window,
    point: LpsPoint,
    start: readonly [squares: number, weights: number],
  ): readonly [squares: number, weights: number] {
    const count = nodes.length / NODE_WORDS;
    const places = [this.#phi, this.right[0], this.#out].map(({ byteOffset }) => byteOffset);
    this.#out.set(start);
    this.#run.spread(this.#nodes.byteOffset, count, ...point, sigma, reach, ...places);
    return [this.#out[0] as number, this.#out[1] as number];
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
