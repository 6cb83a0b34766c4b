import type { TensorDims } from './preprocess.ts';

/** A tensor (1, channels, z, y, x) as onnxruntime gives and takes it: channel-major. */
export interface GraphTensor {
  readonly data: Float32Array;
  readonly channels: number;
  readonly dims: TensorDims;
}

/** What takes the slabs of one tensor as they are computed, from z = 0 upwards. */
export interface SlabSink {
  /** Appends slices [from, to) of `slab`. */
  append(slab: GraphTensor, from: number, to: number): void;
}

/**
 * A whole tensor, kept slice by slice ((z, channels, y, x)), so that a range of z is cut out with one copy per slice
 * and channel, and appending never moves what is there.
 */
export class StoredTensor implements SlabSink {
  readonly #slices: Float32Array[] = [];
  #channels = 0;
  /** Of the last cut: slabs have nearly all the same size, and new memory costs more than the copy into it. */
  #scratch = new Float32Array(0);
  #plane: readonly [y: number, x: number] = [0, 0];

  /** A stored one-channel image of the given size; views of `data`, not a copy. */
  static ofImage(data: Float32Array, dims: TensorDims): StoredTensor {
    const stored = new StoredTensor();
    const [depth, ny, nx] = dims;
    stored.#channels = 1;
    stored.#plane = [ny, nx];
    for (let z = 0; z < depth; z += 1) stored.#slices.push(data.subarray(z * ny * nx, (z + 1) * ny * nx));
    return stored;
  }

  get depth(): number {
    return this.#slices.length;
  }

  append(slab: GraphTensor, from: number, to: number): void {
    const { channels, dims } = slab;
    const [depth, ny, nx] = dims;
    const plane = ny * nx;
    this.#channels = channels;
    this.#plane = [ny, nx];
    for (let z = from; z < to; z += 1) {
      const slice = new Float32Array(channels * plane);
      for (let c = 0; c < channels; c += 1) {
        const start = (c * depth + z) * plane;
        slice.set(slab.data.subarray(start, start + plane), c * plane);
      }
      this.#slices.push(slice);
    }
  }

  /** Slices [from, to) as a graph tensor, valid until the next cut; `to` is clipped to what there is. */
  cut(from: number, to: number): GraphTensor {
    const slices = this.#slices.slice(from, to);
    const [ny, nx] = this.#plane;
    const plane = ny * nx;
    const depth = slices.length;
    const size = this.#channels * depth * plane;
    if (this.#scratch.length !== size) this.#scratch = new Float32Array(size);
    const data = this.#scratch;
    slices.forEach((slice, z) => {
      for (let c = 0; c < this.#channels; c += 1) {
        data.set(slice.subarray(c * plane, (c + 1) * plane), (c * depth + z) * plane);
      }
    });
    return { data, channels: this.#channels, dims: [depth, ny, nx] };
  }
}
