import { CodeKernel } from './codeKernel.ts';
import type { GraphTensor, TensorData } from './tensors.ts';

/** A tensor of numbers of one kind. */
type TensorOf<D extends TensorData> = GraphTensor & { readonly data: D };

/** Largest int8 magnitude used: symmetric, so that -v packs to minus the packed v. */
const INT8_RANGE = 127;
/** Voxels packed at a time: their vectors stay in the first-level cache while they are read twice, channel by channel. */
const TILE_VOXELS = 64;
/** Vectors shorter than this have no direction: the graph saw constant input. */
const SHORTEST_VECTOR = 1e-6;
/** Added before the cut to an integer, which then rounds to the nearest one, halves up. */
const ROUNDING = 128.5;

/** Memory of packed vectors. */
export interface PackedBuffers {
  readonly vectors: Int8Array;
  readonly inverseNorms: Float32Array;
}

/** Packed slices of a map, or a whole one: dims are x, y, z like those of a Grid. */
export interface PackedVectors extends PackedBuffers {
  readonly channels: number;
  readonly dims: readonly [number, number, number];
}

/**
 * Packs the vectors of slices [from, to) as int8, voxel-major. Each vector is scaled so that its largest component becomes
 * +-127 (best use of 8 bits whatever the number of channels); the inverse norm of the result is kept beside it, so the
 * cosine of the packed vectors is exact and the scale itself need not be known. A vector without direction (zero, or
 * not finite), and one outside of what is requested, is zero with the inverse norm 0. Codes (uint8, 128 is 0) are int8 already,
 * and keep their scale.
 * @param inside per voxel of the slices 1 where a vector is wanted; everywhere without.
 * @param into zeros, for the slices and nothing else; new ones without.
 */
export function packSlices(
  tensor: GraphTensor,
  from: number,
  to: number,
  inside?: Uint8Array,
  into?: PackedBuffers,
): PackedVectors {
  const { channels, dims } = tensor;
  const [, ny, nx] = dims;
  const voxels = (to - from) * ny * nx;
  const buffers = into ?? {
    vectors: new Int8Array(voxels * channels),
    inverseNorms: new Float32Array(voxels),
  };
  const { data } = tensor;
  const packer =
    data instanceof Uint8Array
      ? new CodePacker({ ...tensor, data }, buffers, inside)
      : new FloatPacker({ ...tensor, data }, buffers, inside);
  for (let z = from; z < to; z += 1) packer.packSlice(z, (z - from) * ny * nx);
  return { channels, dims: [nx, ny, to - from], ...buffers };
}

/** A packed map that is put together from its slabs, in any order, by any thread: its memory is shared. */
export class PackedMap {
  readonly #capacity: number;
  #vectors: Int8Array = new Int8Array(0);
  #inverseNorms: Float32Array = new Float32Array(0);
  #channels = 0;
  #plane: readonly [x: number, y: number] = [0, 0];
  #depth = 0;

  /** @param capacity slices of the map at most: joining slabs at the end would need the memory twice. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Where `depth` slices belong, the first one at `z`. */
  buffers(
    z: number,
    depth: number,
    channels: number,
    [ny, nx]: readonly [y: number, x: number],
  ): PackedBuffers {
    const plane = nx * ny;
    if (this.#depth === 0) {
      this.#channels = channels;
      this.#plane = [nx, ny];
      this.#vectors = new Int8Array(new SharedArrayBuffer(this.#capacity * plane * channels));
      this.#inverseNorms = new Float32Array(new SharedArrayBuffer(4 * this.#capacity * plane));
    }
    this.#depth = Math.max(this.#depth, z + depth);
    return {
      vectors: this.#vectors.subarray(z * plane * channels, (z + depth) * plane * channels),
      inverseNorms: this.#inverseNorms.subarray(z * plane, (z + depth) * plane),
    };
  }

  /** The map so far; views of what is packed. */
  result(): PackedVectors {
    const [nx, ny] = this.#plane;
    const voxels = nx * ny * this.#depth;
    return {
      channels: this.#channels,
      dims: [nx, ny, this.#depth],
      vectors: this.#vectors.subarray(0, voxels * this.#channels),
      inverseNorms: this.#inverseNorms.subarray(0, voxels),
    };
  }
}

/** Whether a vector with this largest magnitude points anywhere; NaN does not. */
function hasDirection(largest: number): boolean {
  return largest >= SHORTEST_VECTOR && largest < Infinity;
}

/** One per number of channels: slices of a map have the same size, and so have mostly those of the next volume. */
const kernels = new Map<number, CodeKernel>();

function kernelFor(voxels: number, channels: number): CodeKernel {
  const known = kernels.get(channels);
  if (known?.inside.length === voxels) return known;
  const kernel = new CodeKernel(voxels, channels);
  kernels.set(channels, kernel);
  return kernel;
}

/** Packs slices of codes: channels last, as int8 graphs give them. */
class CodePacker {
  readonly #tensor: TensorOf<Uint8Array>;
  readonly #buffers: PackedBuffers;
  readonly #inside: Uint8Array | undefined;

  constructor(tensor: TensorOf<Uint8Array>, buffers: PackedBuffers, inside: Uint8Array | undefined) {
    this.#tensor = tensor;
    this.#buffers = buffers;
    this.#inside = inside;
  }

  /** Packs slice z of the tensor to the voxels from `first` on. */
  packSlice(z: number, first: number): void {
    const { data, channels, dims } = this.#tensor;
    const plane = dims[1] * dims[2];
    const kernel = kernelFor(plane, channels);
    const { inside } = kernel;
    const at = data.byteOffset + z * plane * channels;
    kernel.vectors.set(new Int8Array(data.buffer, at, plane * channels));
    if (this.#inside === undefined) inside.fill(1);
    else inside.set(this.#inside.subarray(first, first + plane));
    kernel.run();
    for (let start = inside.indexOf(1); start >= 0;) {
      const next = inside.indexOf(0, start);
      const end = next < 0 ? plane : next;
      this.#copy(kernel, first, start, end);
      start = inside.indexOf(1, end);
    }
  }

  /** Memory outside of what is packed is not touched: it is not there yet. */
  #copy(kernel: CodeKernel, first: number, start: number, end: number): void {
    const { vectors, inverseNorms } = this.#buffers;
    const { channels } = this.#tensor;
    vectors.set(kernel.vectors.subarray(start * channels, end * channels), (first + start) * channels);
    inverseNorms.set(kernel.inverseNorms.subarray(start, end), first + start);
  }
}

/** Packs slices of floats. */
class FloatPacker {
  readonly #vectors: Int8Array;
  readonly #inverseNorms: Float32Array;
  readonly #tensor: TensorOf<Float32Array>;
  readonly #channels: number;
  readonly #inside: Uint8Array | undefined;
  readonly #largest = new Float64Array(TILE_VOXELS);
  readonly #squares = new Int32Array(TILE_VOXELS);

  constructor(
    tensor: TensorOf<Float32Array>,
    { vectors, inverseNorms }: PackedBuffers,
    inside: Uint8Array | undefined,
  ) {
    this.#tensor = tensor;
    this.#channels = tensor.channels;
    this.#inside = inside;
    this.#vectors = vectors;
    this.#inverseNorms = inverseNorms;
  }

  /** Packs slice z of the tensor to the voxels from `first` on. */
  packSlice(z: number, first: number): void {
    const [, ny, nx] = this.#tensor.dims;
    const plane = ny * nx;
    if (this.#tensor.isChannelsLast === true) {
      for (let voxel = 0; voxel < plane; voxel += 1) this.#packVoxel(z * plane + voxel, first + voxel);
      return;
    }
    for (let start = 0; start < plane; start += TILE_VOXELS) {
      this.#packTile(z * plane + start, first + start, Math.min(TILE_VOXELS, plane - start));
    }
  }

  /** Packs the vector of voxel `source` of a tensor whose channels come last. */
  #packVoxel(source: number, voxel: number): void {
    if (this.#inside?.[voxel] === 0) return;
    const { data } = this.#tensor;
    const channels = this.#channels;
    const [from, to] = [source * channels, voxel * channels];
    let largest = 0;
    for (let c = 0; c < channels; c += 1) largest = Math.max(largest, Math.abs(data[from + c] ?? 0));
    if (!hasDirection(largest)) return;
    const [vectors, scale] = [this.#vectors, INT8_RANGE / largest];
    let squares = 0;
    for (let c = 0; c < channels; c += 1) {
      const packed = (((data[from + c] ?? 0) * scale + ROUNDING) | 0) - 128;
      vectors[to + c] = packed;
      squares += packed * packed;
    }
    this.#inverseNorms[voxel] = 1 / Math.sqrt(squares);
  }

  /** Packs `count` voxels, from `source` on in each channel of the tensor, to those from `first` on. */
  #packTile(source: number, first: number, count: number): void {
    if (!this.#hasInside(first, count)) return;
    const { data, dims } = this.#tensor;
    const channels = this.#channels;
    const step = dims[0] * dims[1] * dims[2];
    this.#findLargest(data, source, step, channels, count);
    const [scales, squares, vectors] = [this.#largest, this.#squares, this.#vectors];
    this.#toScales(first, count);
    squares.fill(0);
    for (let c = 0; c < channels; c += 1) {
      const [from, to] = [source + c * step, first * channels + c];
      for (let voxel = 0; voxel < count; voxel += 1) {
        const packed = (((data[from + voxel] ?? 0) * (scales[voxel] ?? 0) + ROUNDING) | 0) - 128;
        vectors[to + voxel * channels] = packed;
        squares[voxel] = (squares[voxel] ?? 0) + packed * packed;
      }
    }
    for (let voxel = 0; voxel < count; voxel += 1) this.#finish(voxel, first + voxel);
  }

  /** Largest magnitude of each vector; NaN where a component is none. */
  #findLargest(data: Float32Array, source: number, step: number, channels: number, count: number): void {
    const largest = this.#largest;
    largest.fill(0);
    for (let c = 0; c < channels; c += 1) {
      const from = source + c * step;
      for (let voxel = 0; voxel < count; voxel += 1) {
        largest[voxel] = Math.max(largest[voxel] ?? 0, Math.abs(data[from + voxel] ?? 0));
      }
    }
  }

  /** From the largest magnitudes to factors; 0 where no vector is to be. */
  #toScales(first: number, count: number): void {
    const [scales, inside] = [this.#largest, this.#inside];
    for (let voxel = 0; voxel < count; voxel += 1) {
      const largest = scales[voxel] ?? 0;
      const isWanted = inside === undefined || inside[first + voxel] === 1;
      scales[voxel] = isWanted && hasDirection(largest) ? INT8_RANGE / largest : 0;
    }
  }

  /** Norm of a packed vector; one without a scale holds what infinity times zero gave, and is cleared. */
  #finish(tileVoxel: number, voxel: number): void {
    if (this.#largest[tileVoxel] === 0) {
      this.#vectors.fill(0, voxel * this.#channels, (voxel + 1) * this.#channels);
    } else this.#inverseNorms[voxel] = 1 / Math.sqrt(this.#squares[tileVoxel] ?? 0);
  }

  #hasInside(first: number, count: number): boolean {
    const inside = this.#inside;
    if (inside === undefined) return true;
    const found = inside.indexOf(1, first);
    return found >= 0 && found < first + count;
  }
}
