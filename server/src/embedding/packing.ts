import type { GraphTensor, SlabSink } from './tensors.ts';

/** Largest int8 magnitude used: symmetric, so that -v packs to minus the packed v. */
const INT8_RANGE = 127;
/** Voxels transposed at a time from channel-major to voxel-major: both sides stay in the first-level cache. */
const TILE_VOXELS = 64;
/** Vectors shorter than this have no direction: the graph saw constant input. */
const SHORTEST_VECTOR = 1e-6;

/**
 * Packs the vectors of a map as int8, voxel-major. Each vector is scaled so that its largest component becomes +-127
 * (best use of 8 bits whatever the number of channels); the inverse norm of the result is kept beside it, so the
 * cosine of the packed vectors is exact and the scale itself need not be known.
 */
export class PackedMap implements SlabSink {
  readonly #vectors: Int8Array[] = [];
  readonly #inverseNorms: Float32Array[] = [];
  #channels = 0;
  #plane: readonly [y: number, x: number] = [0, 0];

  append(slab: GraphTensor, from: number, to: number): void {
    const [, ny, nx] = slab.dims;
    this.#channels = slab.channels;
    this.#plane = [ny, nx];
    for (let z = from; z < to; z += 1) this.#appendSlice(slab, z);
  }

  /** The map so far; dims are x, y, z like those of a Grid. */
  result(): {
    channels: number;
    dims: [number, number, number];
    vectors: Int8Array;
    inverseNorms: Float32Array;
  } {
    const [ny, nx] = this.#plane;
    const voxels = nx * ny * this.#vectors.length;
    const vectors = new Int8Array(voxels * this.#channels);
    const inverseNorms = new Float32Array(voxels);
    this.#vectors.forEach((slice, z) => {
      vectors.set(slice, z * slice.length);
    });
    this.#inverseNorms.forEach((slice, z) => {
      inverseNorms.set(slice, z * slice.length);
    });
    return { channels: this.#channels, dims: [nx, ny, this.#vectors.length], vectors, inverseNorms };
  }

  #appendSlice({ data, channels, dims }: GraphTensor, z: number): void {
    const [depth, ny, nx] = dims;
    const plane = ny * nx;
    const vectors = new Int8Array(plane * channels);
    const inverseNorms = new Float32Array(plane);
    const tile = new Float32Array(TILE_VOXELS * channels);
    for (let start = 0; start < plane; start += TILE_VOXELS) {
      const count = Math.min(TILE_VOXELS, plane - start);
      for (let c = 0; c < channels; c += 1) {
        const source = (c * depth + z) * plane + start;
        for (let voxel = 0; voxel < count; voxel += 1) tile[voxel * channels + c] = data[source + voxel] ?? 0;
      }
      for (let voxel = 0; voxel < count; voxel += 1) {
        const vector = tile.subarray(voxel * channels, (voxel + 1) * channels);
        inverseNorms[start + voxel] = packVector(vector, vectors, (start + voxel) * channels);
      }
    }
    this.#vectors.push(vectors);
    this.#inverseNorms.push(inverseNorms);
  }
}

/**
 * Writes `vector` as int8 at `offset` of `target` and returns 1 / |packed vector|; writes zeros and returns 0 when the
 * vector has no direction (zero, or not finite).
 */
export function packVector(vector: Float32Array, target: Int8Array, offset: number): number {
  let largest = 0;
  for (let c = 0; c < vector.length; c += 1) largest = Math.max(largest, Math.abs(vector[c] ?? 0));
  if (!(largest >= SHORTEST_VECTOR && largest < Infinity)) return 0;
  const scale = INT8_RANGE / largest;
  let squares = 0;
  for (let c = 0; c < vector.length; c += 1) {
    const packed = Math.round((vector[c] ?? 0) * scale);
    target[offset + c] = packed;
    squares += packed * packed;
  }
  return 1 / Math.sqrt(squares);
}
