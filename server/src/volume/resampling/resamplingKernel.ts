/**
 * Lays out the memory of the resampling module (server/src/volume/wasm/resampling.ts) and runs it.
 * @module
 */
import type { Volume } from '../types.ts';
import { MemoryLayout } from '../../wasm/index.ts';
import { resamplingModule } from '../generated/resamplingModule.ts';
import type { AxisWeights } from './axisWeights.ts';

/** What is resampled. */
export interface Plan {
  readonly volume: Pick<Volume, 'dims' | 'data'>;
  /** Weights along the volume's i, j, k. */
  readonly weights: readonly [AxisWeights, AxisWeights, AxisWeights];
  /** Step in the output per sample along the volume's i, j, k; may be negative. */
  readonly strides: readonly [number, number, number];
  /** Samples of the output. */
  readonly samples: number;
  /** Value of those outside the volume. */
  readonly outside: number;
}

interface ResamplingExports {
  reducePlane(...sliceUVRowPlane: readonly number[]): void;
  addPlane(...outputStridesRangesPlaneWeight: readonly number[]): void;
}

/** What is read or written beyond the end of an array at most, bytes: a SIMD block. */
const SLACK_BYTES = 64;

/** Takes slices of a volume in, and adds them up in its output. */
export class ResamplingKernel {
  /** A view of the kernel's memory. */
  readonly output: Float32Array;
  readonly #run: ResamplingExports;
  readonly #plan: Plan;
  readonly #slice: Int16Array | Float32Array;
  readonly #u: AxisTable;
  readonly #v: AxisTable;
  readonly #row: number;
  readonly #plane: number;

  constructor(plan: Plan) {
    const [u, v] = plan.weights;
    const { volume } = plan;
    const sliceLength = volume.dims[0] * volume.dims[1];
    const layout = new MemoryLayout(SLACK_BYTES);
    const output = layout.take(4 * plan.samples);
    const slice = layout.take(volume.data.BYTES_PER_ELEMENT * sliceLength);
    const tables = [u, v].map(
      ({ first, weights }) => [layout.take(4 * first.length), layout.take(8 * weights.length)] as const,
    );
    this.#row = layout.take(4 * (volume.dims[0] + u.taps));
    this.#plane = layout.take(4 * u.first.length * v.first.length);
    const memory = layout.memory();
    const { exports } = new WebAssembly.Instance(resamplingModule(), { env: { memory } });
    this.#run = exports as unknown as ResamplingExports;
    this.#plan = plan;
    const buffer = memory.buffer as ArrayBuffer;
    this.output = new Float32Array(buffer, output, plan.samples);
    const View = volume.data instanceof Int16Array ? Int16Array : Float32Array;
    this.#slice = new View(buffer, slice, sliceLength);
    [this.#u, this.#v] = [u, v].map((axis, n) => {
      const [first, weights] = tables[n] as readonly [number, number];
      new Int32Array(buffer, first, axis.first.length).set(axis.first);
      new Float64Array(buffer, weights, axis.weights.length).set(axis.weights);
      return { first, weights, axis };
    }) as [AxisTable, AxisTable];
    if (!this.#isAllInside()) this.#fillOutside();
  }

  /** Reduces a slice of the volume in plane; {@link add} then adds it up. */
  take(slice: number): void {
    const { volume } = this.#plan;
    const from = slice * this.#slice.length;
    this.#slice.set(volume.data.subarray(from, from + this.#slice.length));
    const [u, v] = [this.#u, this.#v];
    this.#run.reducePlane(
      this.#slice.byteOffset,
      this.#slice instanceof Float32Array ? 1 : 0,
      volume.dims[0],
      ...[u.first, u.weights, u.axis.taps, ...u.axis.inside, u.axis.first.length],
      ...[v.first, v.weights, v.axis.taps, ...v.axis.inside],
      ...[this.#row, u.axis.taps, this.#plane],
    );
  }

  /** Adds the slice that was taken to a sample of the third axis. */
  add(sample: number, weight: number): void {
    const { strides, weights } = this.#plan;
    const [u, v] = weights;
    this.#run.addPlane(
      this.output.byteOffset + Float32Array.BYTES_PER_ELEMENT * sample * strides[2],
      ...[strides[0], strides[1], ...u.inside, u.first.length, ...v.inside, this.#plane, weight],
    );
  }

  /** Whether the volume has all samples, as it mostly has those around a body. New memory is 0 then, and writing it would cost. */
  #isAllInside(): boolean {
    return this.#plan.weights.every(({ inside, first }) => inside[0] === 0 && inside[1] === first.length);
  }

  /** Fills the samples outside the volume; those inside are 0, because planes are added up there. */
  #fillOutside(): void {
    const { weights, strides, outside } = this.#plan;
    const [u, v, w] = [weights[0].inside, weights[1].inside, weights[2].inside];
    this.output.fill(outside);
    for (let k = w[0]; k < w[1]; k += 1) {
      for (let j = v[0]; j < v[1]; j += 1) {
        const base = k * strides[2] + j * strides[1];
        if (strides[0] === 1) this.output.fill(0, base + u[0], base + u[1]);
        else for (let i = u[0]; i < u[1]; i += 1) this.output[base + i * strides[0]] = 0;
      }
    }
  }
}

/** The weights of an axis in the kernel's memory: addresses. */
interface AxisTable {
  readonly first: number;
  readonly weights: number;
  readonly axis: AxisWeights;
}
