import type { GraphTensor, SlabSink } from './tensors.ts';

/** Largest int8 magnitude used: symmetric, so that -v packs to minus the packed v. */
const INT8_RANGE = 127;
/** Voxels packed at a time: their vectors stay in the first-level cache while they are read twice, channel by channel. */
const TILE_VOXELS = 64;
/** Vectors shorter than this have no direction: the graph saw constant input. */
const SHORTEST_VECTOR = 1e-6;
/** Added before the cut to an integer, which then rounds to the nearest one, halves up. */
const ROUNDING = 128.5;

/** The voxels of a map that get a vector: 1 per voxel, or undefined for all of them. */
export type InsideOf = (plane: readonly [y: number, x: number]) => Uint8Array | undefined;

/** A packed map: dims are x, y, z like those of a Grid. */
export interface PackedVectors {
  readonly channels: number;
  readonly dims: readonly [number, number, number];
  readonly vectors: Int8Array;
  readonly inverseNorms: Float32Array;
}

/**
 * Packs the vectors of a map as int8, voxel-major. Each vector is scaled so that its largest component becomes +-127
 * (best use of 8 bits whatever the number of channels); the inverse norm of the result is kept beside it, so the
 * cosine of the packed vectors is exact and the scale itself need not be known. A vector without direction (zero, or
 * not finite), and one outside of what is asked for, is zero with the inverse norm 0.
 */
export class PackedMap implements SlabSink {
  /** Slices that are made room for at once: joining them at the end would need the memory twice. */
  readonly #capacity: number;
  readonly #insideOf: InsideOf | undefined;
  #inside: Uint8Array | undefined;
  #vectors = new Int8Array(0);
  #inverseNorms = new Float32Array(0);
  #channels = 0;
  #plane: readonly [y: number, x: number] = [0, 0];
  #depth = 0;
  readonly #largest = new Float64Array(TILE_VOXELS);
  readonly #squares = new Int32Array(TILE_VOXELS);

  /** @param capacity slices expected; more are taken, at the price of a copy. */
  constructor(capacity = 1, insideOf?: InsideOf) {
    this.#capacity = capacity;
    this.#insideOf = insideOf;
  }

  append(slab: GraphTensor, from: number, to: number): void {
    if (this.#depth === 0) {
      this.#channels = slab.channels;
      this.#plane = [slab.dims[1], slab.dims[2]];
      this.#inside = this.#insideOf?.(this.#plane);
    }
    const plane = this.#plane[0] * this.#plane[1];
    this.#makeRoom((this.#depth + to - from) * plane);
    for (let z = from; z < to; z += 1) {
      for (let start = 0; start < plane; start += TILE_VOXELS) {
        const count = Math.min(TILE_VOXELS, plane - start);
        this.#packTile(slab, z, start, count);
      }
      this.#depth += 1;
    }
  }

  /** The map so far; views of what is packed. */
  result(): PackedVectors {
    const [ny, nx] = this.#plane;
    const voxels = nx * ny * this.#depth;
    return {
      channels: this.#channels,
      dims: [nx, ny, this.#depth],
      vectors: this.#vectors.subarray(0, voxels * this.#channels),
      inverseNorms: this.#inverseNorms.subarray(0, voxels),
    };
  }

  #makeRoom(voxels: number): void {
    if (voxels <= this.#inverseNorms.length) return;
    const room = Math.max(voxels, this.#plane[0] * this.#plane[1] * this.#capacity);
    const [vectors, inverseNorms] = [this.#vectors, this.#inverseNorms];
    this.#vectors = new Int8Array(room * this.#channels);
    this.#inverseNorms = new Float32Array(room);
    this.#vectors.set(vectors);
    this.#inverseNorms.set(inverseNorms);
  }

  /** Packs `count` voxels of slice z of a slab, from `start` on in the slice. */
  #packTile({ data, channels, dims }: GraphTensor, z: number, start: number, count: number): void {
    const plane = dims[1] * dims[2];
    const first = this.#depth * plane + start;
    if (!this.#hasInside(first, count)) return;
    const step = dims[0] * plane;
    const source = z * plane + start;
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
      scales[voxel] = isWanted && largest >= SHORTEST_VECTOR && largest < Infinity ? INT8_RANGE / largest : 0;
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
