/**
 * The vectors of two embeddings in few numbers: means over blocks of voxels, less the mean of the body, along the directions in which both
 * differ most (principal components). What is left says where the patient lies; the noise of single voxels is gone.
 * @module
 */
import type { EmbeddingMap } from '../../embedding/types.ts';
import { perAxis, spacingOf, toLps, voxelIndex } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { principalDirections } from './principalDirections.ts';

/** Bound once: a global look-up each time is slow in test sandboxes. */
const { ceil, floor, max, round } = Math;

type Triple = readonly [number, number, number];

/** Edge of the blocks, mm. */
const BLOCK_MM = 8;
/** Numbers that are kept of a vector. An even count: they are transformed in pairs. */
export const COMPONENTS = 16;

/** A reduced map along the patient axes. */
export interface ComponentImage {
  readonly dims: Triple;
  /** Edge of a voxel, mm; the same along all axes. */
  readonly spacingMm: number;
  /** Centre of the first voxel, LPS mm. */
  readonly origin: LpsPoint;
  /** {@link COMPONENTS} numbers per voxel, 0 outside the body; i fastest, then j, then k. */
  readonly values: Float32Array;
}

/** Sums of unit vectors over blocks, divided by the block's size. */
interface Blocks {
  readonly dims: Triple;
  readonly means: Float32Array;
  /** Share of a block that has vectors. */
  readonly shares: Float32Array;
}

/** Two maps of one role and equal voxels, in the same components. */
export function componentImagesOf(
  query: EmbeddingMap,
  target: EmbeddingMap,
): readonly [query: ComponentImage, target: ComponentImage] {
  const { channels } = query;
  const [ofQuery, ofTarget] = [centred(blocksOf(query), channels), centred(blocksOf(target), channels)];
  const directions = principalDirections([ofQuery.means, ofTarget.means], channels, COMPONENTS);
  const imageOf = (map: EmbeddingMap, { dims, means }: Blocks): ComponentImage => {
    const { spacingMm, origin } = gridOf(map);
    return { dims, spacingMm, origin, values: projected(means, channels, directions) };
  };
  return [imageOf(query, ofQuery), imageOf(target, ofTarget)];
}

function gridOf({ grid }: EmbeddingMap): {
  readonly block: number;
  readonly spacingMm: number;
  readonly origin: LpsPoint;
} {
  const [spacing] = spacingOf(grid.voxelToLps);
  const block = max(1, round(BLOCK_MM / spacing));
  const middle = (block - 1) / 2;
  return {
    block,
    spacingMm: block * spacing,
    origin: toLps(grid.voxelToLps, voxelIndex(middle, middle, middle)),
  };
}

function blocksOf(map: EmbeddingMap): Blocks {
  const { grid, channels, vectors, inverseNorms } = map;
  const { block } = gridOf(map);
  const dims = perAxis((axis) => ceil(grid.dims[axis] / block));
  const count = dims[0] * dims[1] * dims[2];
  const [means, shares] = [new Float32Array(count * channels), new Float32Array(count)];
  const share = 1 / block ** 3;
  const [nx, ny, nz] = grid.dims;
  for (let k = 0, voxel = 0; k < nz; k++)
    for (let j = 0; j < ny; j++) {
      const row = (floor(k / block) * dims[1] + floor(j / block)) * dims[0];
      for (let i = 0; i < nx; i++, voxel++) {
        const scale = share * (inverseNorms[voxel] ?? NaN);
        if (scale === 0) continue;
        const at = row + floor(i / block);
        shares[at] = (shares[at] ?? NaN) + share;
        const [to, from] = [at * channels, voxel * channels];
        for (let c = 0; c < channels; c++)
          means[to + c] = (means[to + c] ?? NaN) + scale * (vectors[from + c] ?? NaN);
      }
    }
  return { dims, means, shares };
}

/** Less the mean vector of the body: what all voxels have in common places nothing. */
function centred(blocks: Blocks, channels: number): Blocks {
  const { means, shares } = blocks;
  const total = shares.reduce((sum, share) => sum + share, 0) || 1;
  const mean = new Float64Array(channels);
  for (let n = 0; n < means.length; n++)
    mean[n % channels] = (mean[n % channels] ?? NaN) + (means[n] ?? NaN) / total;
  const values = means.map(
    (value, n) => value - (shares[floor(n / channels)] ?? NaN) * (mean[n % channels] ?? NaN),
  );
  return { ...blocks, means: values };
}

/** Each vector along each direction. */
function projected(
  vectors: Float32Array,
  channels: number,
  directions: readonly Float64Array[],
): Float32Array {
  const count = vectors.length / channels;
  const values = new Float32Array(count * directions.length);
  for (let voxel = 0, to = 0; voxel < count; voxel++)
    for (const direction of directions) {
      let sum = 0;
      for (let c = 0, from = voxel * channels; c < channels; c++, from++)
        sum += (vectors[from] ?? NaN) * (direction[c] ?? NaN);
      values[to++] = sum;
    }
  return values;
}
