/**
 * Lays out the memory of the resampling module (server/src/resampling/wasm/resampling.ts) and runs it.
 * @module
 */
import type { Volume } from '../volume/types.ts';
import { MemoryLayout } from '../wasm/index.ts';
import { openResampling } from './generated/resamplingModule.ts';
import type { ResamplingExports } from './generated/resamplingModule.ts';
import type { AxisWeights } from './axisWeights.ts';
import * as at from './layout.ts';

/** Where the slices of a volume begin in its data. */
export interface SliceLayout {
  /** From the first value of a slice to that of the next one; as many as a slice has where it is not given. */
  readonly sliceStep: number;
}

/** What is resampled. */
export interface Plan {
  readonly volume: Pick<Volume, 'dims' | 'data'> & Partial<SliceLayout>;
  /** Weights along the volume's i, j, k. */
  readonly weights: readonly [AxisWeights, AxisWeights, AxisWeights];
  /** Step in the output per sample along the volume's i, j, k; may be negative. */
  readonly strides: readonly [number, number, number];
  /** Samples of the output. */
  readonly samples: number;
  /** Value of those outside the volume. */
  readonly outside: number;
}

/** What is read or written beyond the end of an array at most, bytes: a SIMD block. */
const SLACK_BYTES = 64;

/** Reads slices of a volume, and adds them up in its output. */
export class ResamplingKernel {
  /** A view of the kernel's memory. */
  readonly output: Float32Array;
  readonly #run: ResamplingExports;
  readonly #plan: Plan;
  readonly #slice: Int16Array | Float32Array;
  readonly #plane: Float32Array;
  /** Words that the module reads; see layout.ts. */
  readonly #words: Int32Array;

  constructor(plan: Plan) {
    const [u, v] = plan.weights;
    const { volume } = plan;
    const sliceLength = volume.dims[0] * volume.dims[1];
    const layout = new MemoryLayout(SLACK_BYTES);
    const output = layout.reserve(4 * plan.samples);
    const slice = layout.reserve(volume.data.BYTES_PER_ELEMENT * sliceLength);
    const tableOf = ({ first, weights }: AxisWeights): Table => [
      layout.reserve(4 * first.length),
      layout.reserve(8 * weights.length),
    ];
    const tables = [tableOf(u), tableOf(v)] as const;
    const row = layout.reserve(4 * (volume.dims[0] + u.taps));
    const plane = layout.reserve(4 * u.first.length * v.first.length);
    const words = layout.reserve(4 * at.PLAN_WORDS);
    const memory = layout.memory();
    this.#run = openResampling({ env: { memory } });
    this.#plan = plan;
    const buffer = memory.buffer as ArrayBuffer;
    this.output = new Float32Array(buffer, output, plan.samples);
    const View = volume.data instanceof Int16Array ? Int16Array : Float32Array;
    this.#slice = new View(buffer, slice, sliceLength);
    this.#plane = new Float32Array(buffer, plane, u.first.length * v.first.length);
    this.#words = new Int32Array(buffer, words, at.PLAN_WORDS);
    this.#words[at.SLICE] = slice;
    this.#words[at.IS_FLOAT] = View === Float32Array ? 1 : 0;
    this.#words[at.COLUMNS] = volume.dims[0];
    this.#words[at.ROW] = row;
    this.#words[at.PLANE] = plane;
    this.#writeAxis(at.AXIS_U, tables[0], u, plan.strides[0]);
    this.#writeAxis(at.AXIS_V, tables[1], v, plan.strides[1]);
    if (!this.#isAllInside()) this.#fillOutside();
  }

  /** Reduces a slice of the volume in plane; {@link add} then adds it up. */
  reduce(slice: number): void {
    const { data, sliceStep = this.#slice.length } = this.#plan.volume;
    const from = slice * sliceStep;
    this.reduceValues(data.subarray(from, from + this.#slice.length));
  }

  /** Reduces the values of a slice in plane. @returns a view, row by row, valid until the next slice */
  reduceValues(values: Int16Array | Float32Array): Float32Array {
    this.#slice.set(values);
    this.#run.reducePlane(this.#words.byteOffset);
    return this.#plane;
  }

  /** Adds the reduced slice to a sample of the third axis. */
  add(sample: number, weight: number): void {
    const start = Float32Array.BYTES_PER_ELEMENT * sample * this.#plan.strides[2];
    this.#run.addPlane(this.#words.byteOffset, this.output.byteOffset + start, weight);
  }

  #writeAxis(axis: number, [first, weights]: Table, from: AxisWeights, stride: number): void {
    const { buffer } = this.#words;
    new Int32Array(buffer, first, from.first.length).set(from.first);
    new Float64Array(buffer, weights, from.weights.length).set(from.weights);
    const words = this.#words.subarray(axis, axis + at.AXIS_WORDS);
    words[at.FIRST] = first;
    words[at.WEIGHTS] = weights;
    words[at.TAPS] = from.taps;
    words[at.FROM] = from.inside[0];
    words[at.END] = from.inside[1];
    words[at.SAMPLES] = from.first.length;
    words[at.STRIDE] = stride;
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

/** Addresses of an axis's first voxels and weights in the kernel's memory. */
type Table = readonly [first: number, weights: number];
