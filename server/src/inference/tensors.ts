import type { TensorDims } from '../preprocessing/index.ts';

/** Numbers of a tensor: floats, or the codes that int8 graphs hand each other, which only they and maps can read. */
export type TensorData = Float32Array | Uint8Array;

/**
 * A tensor as onnxruntime gives and accepts it: (1, channels, z, y, x), or (z, y, x, channels) with `isChannelsLast`, which is the
 * order of int8 convolutions themselves and of packed maps. A tensor goes into a graph as it came out of the one before.
 */
export interface GraphTensor {
  readonly data: TensorData;
  readonly channels: number;
  readonly dims: TensorDims;
  readonly isChannelsLast?: boolean;
}

/** Size of a tensor without its values. */
export type TensorShape = Omit<GraphTensor, 'data'>;

/** Neighbouring slices of a tensor, each in its order, in memory that threads share: nothing is copied between them. */
export interface TensorSlices {
  readonly slices: readonly TensorData[];
  readonly channels: number;
  readonly plane: readonly [y: number, x: number];
  readonly isChannelsLast: boolean;
}

/** Shared memory for numbers of the same kind. */
function sharedLike({ BYTES_PER_ELEMENT }: TensorData, length: number): TensorData {
  const memory = new SharedArrayBuffer(length * BYTES_PER_ELEMENT);
  return BYTES_PER_ELEMENT === 1 ? new Uint8Array(memory) : new Float32Array(memory);
}

function newLike({ BYTES_PER_ELEMENT }: TensorData, length: number): TensorData {
  return BYTES_PER_ELEMENT === 1 ? new Uint8Array(length) : new Float32Array(length);
}

/** Slices [from, to) of a tensor, copied into shared memory. */
export function slicesOf(tensor: GraphTensor, from: number, to: number): TensorSlices {
  const { data, channels, dims, isChannelsLast = false } = tensor;
  const [depth, ny, nx] = dims;
  const plane = ny * nx;
  const size = channels * plane;
  const all = sharedLike(data, (to - from) * size);
  if (isChannelsLast || channels === 1) all.set(data.subarray(from * size, to * size));
  else {
    for (let z = from; z < to; z += 1) {
      for (let c = 0; c < channels; c += 1) {
        const start = (c * depth + z) * plane;
        all.set(data.subarray(start, start + plane), (z - from) * size + c * plane);
      }
    }
  }
  const slices = Array.from({ length: to - from }, (_, n) => all.subarray(n * size, (n + 1) * size));
  return { slices, channels, plane: [ny, nx], isChannelsLast };
}

/** The slices of an input of one channel that lies in shared memory: views. */
export function sharedSlices(data: Float32Array, [depth, ny, nx]: TensorDims): TensorSlices {
  const slices = Array.from({ length: depth }, (_, z) => data.subarray(z * ny * nx, (z + 1) * ny * nx));
  return { slices, channels: 1, plane: [ny, nx], isChannelsLast: false };
}

/**
 * Puts slices together for a graph.
 * @param scratch memory that is written if it has the right size: slabs have nearly all the same, and new memory costs more
 *   than the copy into it.
 */
export function joinSlices(
  { slices, channels, plane, isChannelsLast }: TensorSlices,
  scratch?: TensorData,
): GraphTensor {
  const depth = slices.length;
  const size = plane[0] * plane[1];
  const length = channels * depth * size;
  const like = slices[0] ?? new Float32Array(0);
  const isFit = scratch?.length === length && scratch.BYTES_PER_ELEMENT === like.BYTES_PER_ELEMENT;
  const data = isFit ? scratch : newLike(like, length);
  slices.forEach((slice, z) => {
    if (isChannelsLast) {
      data.set(slice, z * slice.length);
      return;
    }
    for (let c = 0; c < channels; c += 1) {
      data.set(slice.subarray(c * size, (c + 1) * size), (c * depth + z) * size);
    }
  });
  return { data, channels, dims: [depth, ...plane], isChannelsLast };
}

/** A whole tensor, kept slice by slice, so that parts of it come in any order and a range of z is read without a copy. */
export class StoredTensor {
  readonly #slices: TensorData[] = [];
  #channels = 0;
  #plane: readonly [y: number, x: number] = [0, 0];
  #isChannelsLast = false;

  /** All of a tensor. */
  static of(slices: TensorSlices): StoredTensor {
    const stored = new StoredTensor();
    stored.place(0, slices);
    return stored;
  }

  /** Puts slices where they belong, the first one at `z`. */
  place(z: number, { slices, channels, plane, isChannelsLast }: TensorSlices): void {
    this.#channels = channels;
    this.#plane = plane;
    this.#isChannelsLast = isChannelsLast;
    slices.forEach((slice, n) => {
      this.#slices[z + n] = slice;
    });
  }

  /** Slices [from, to); `to` is clipped to what there is. */
  range(from: number, to: number): TensorSlices {
    return {
      slices: this.#slices.slice(from, to),
      channels: this.#channels,
      plane: this.#plane,
      isChannelsLast: this.#isChannelsLast,
    };
  }
}
