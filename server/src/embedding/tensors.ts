import type { TensorDims } from './preprocess.ts';

/** A tensor (1, channels, z, y, x) as onnxruntime gives and takes it: channel-major. */
export interface GraphTensor {
  readonly data: Float32Array;
  readonly channels: number;
  readonly dims: TensorDims;
}

/** Size of a tensor without its values. */
export type TensorShape = Omit<GraphTensor, 'data'>;

/** Neighbouring slices of a tensor, each (channels, y, x), in memory that threads share: nothing is copied between them. */
export interface TensorSlices {
  readonly slices: readonly Float32Array[];
  readonly channels: number;
  readonly plane: readonly [y: number, x: number];
}

function sharedFloats(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));
}

/** Slices [from, to) of a tensor, copied into shared memory. */
export function slicesOf({ data, channels, dims }: GraphTensor, from: number, to: number): TensorSlices {
  const [depth, ny, nx] = dims;
  const plane = ny * nx;
  const slices: Float32Array[] = [];
  for (let z = from; z < to; z += 1) {
    const slice = sharedFloats(channels * plane);
    for (let c = 0; c < channels; c += 1) {
      const start = (c * depth + z) * plane;
      slice.set(data.subarray(start, start + plane), c * plane);
    }
    slices.push(slice);
  }
  return { slices, channels, plane: [ny, nx] };
}

/**
 * Puts slices together for a graph.
 * @param scratch memory that is written if it has the right size: slabs have nearly all the same, and new memory costs more
 *   than the copy into it.
 */
export function joinSlices({ slices, channels, plane }: TensorSlices, scratch?: Float32Array): GraphTensor {
  const depth = slices.length;
  const size = plane[0] * plane[1];
  const length = channels * depth * size;
  const data = scratch?.length === length ? scratch : new Float32Array(length);
  slices.forEach((slice, z) => {
    for (let c = 0; c < channels; c += 1) {
      data.set(slice.subarray(c * size, (c + 1) * size), (c * depth + z) * size);
    }
  });
  return { data, channels, dims: [depth, ...plane] };
}

/** A whole tensor, kept slice by slice, so that parts of it come in any order and a range of z is taken without a copy. */
export class StoredTensor {
  readonly #slices: Float32Array[] = [];
  #channels = 0;
  #plane: readonly [y: number, x: number] = [0, 0];

  /** All of a tensor. */
  static of(tensor: GraphTensor): StoredTensor {
    const stored = new StoredTensor();
    stored.place(0, slicesOf(tensor, 0, tensor.dims[0]));
    return stored;
  }

  /** Puts slices where they belong, the first one at `z`. */
  place(z: number, { slices, channels, plane }: TensorSlices): void {
    this.#channels = channels;
    this.#plane = plane;
    slices.forEach((slice, n) => {
      this.#slices[z + n] = slice;
    });
  }

  /** Slices [from, to); `to` is clipped to what there is. */
  range(from: number, to: number): TensorSlices {
    return { slices: this.#slices.slice(from, to), channels: this.#channels, plane: this.#plane };
  }
}
