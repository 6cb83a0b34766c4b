/**
 * Preview images made ready for registration: intensities of one scale, and a half-size copy on which the search is cheap.
 * @module
 */
import type { PreviewImage } from '../../embedding/types.ts';
import { affineFromColumns, axisStep, toLps, voxelIndex } from '../../geometry/index.ts';
import type { Grid } from '../../search/index.ts';

/** Bound once: called for every voxel, and a global look-up each time is slow in test sandboxes. */
const { floor, max, min } = Math;

/** CT between these HU: lungs, fat, soft tissue and bone differ; the cortex of bone does not outweigh them. */
const CT_RANGE_HU = [-1000, 300] as const;
/** MR and PET are cut at this percentile of the body: vessels and bladders would outweigh the rest. */
const BRIGHTEST = 0.98;

/** An image at one resolution, axis-aligned. */
export interface Level {
  readonly grid: Grid;
  readonly values: Float32Array;
  /** Flat indices of the voxels that are compared: body. */
  readonly body: Int32Array;
}

/** Both resolutions of a preview image. */
export interface Levels {
  readonly full: Level;
  readonly half: Level;
}

/** By image, which is registered for its pose and again for its map. */
const known = new WeakMap<PreviewImage, Levels>();

/** The image in full and in half resolution. */
export function levelsOf(preview: PreviewImage): Levels {
  const levels = known.get(preview) ?? newLevels(preview);
  known.set(preview, levels);
  return levels;
}

function newLevels({ image, bodyMask, volume }: PreviewImage): Levels {
  const [low, high] =
    volume.modality === 'CT' ? CT_RANGE_HU : [0, brightest(image.values, bodyMask) * image.scale];
  const values = new Float32Array(image.values.length);
  for (let voxel = 0; voxel < values.length; voxel++)
    values[voxel] = min(max((image.values[voxel] ?? NaN) * image.scale, low), high);
  const full = { grid: image.grid, values, body: indicesOf(bodyMask, 1) };
  return { full, half: halved(full, bodyMask) };
}

function brightest(values: Int16Array, mask: Uint8Array): number {
  const inside = values.filter((_, voxel) => mask[voxel] === 1).sort();
  return max(1, inside[floor((inside.length - 1) * BRIGHTEST)] ?? 1);
}

function indicesOf(mask: Uint8Array, least: number): Int32Array {
  const found = new Int32Array(mask.length);
  let count = 0;
  for (let voxel = 0; voxel < mask.length; voxel++) if ((mask[voxel] ?? 0) >= least) found[count++] = voxel;
  return found.slice(0, count);
}

/** Means of 2 x 2 x 2 voxels; a block is body when half of it is. An odd last plane is omitted. */
function halved({ grid, values }: Level, mask: Uint8Array): Level {
  const [nx, ny, nz] = grid.dims;
  const [hx, hy, hz] = [max(1, nx >> 1), max(1, ny >> 1), max(1, nz >> 1)];
  const means = new Float32Array(hx * hy * hz);
  const counts = new Uint8Array(hx * hy * hz);
  for (let k = 0; k < 2 * hz; k++) {
    for (let j = 0; j < 2 * hy; j++) {
      for (let i = 0; i < 2 * hx; i++) {
        // A single plane stands for both.
        const from = (min(k, nz - 1) * ny + min(j, ny - 1)) * nx + min(i, nx - 1);
        const to = ((k >> 1) * hy + (j >> 1)) * hx + (i >> 1);
        means[to] = (means[to] ?? 0) + (values[from] ?? 0) / 8;
        counts[to] = (counts[to] ?? 0) + (mask[from] ?? 0);
      }
    }
  }
  return { grid: doubled(grid, [hx, hy, hz]), values: means, body: indicesOf(counts, 4) };
}

/** A level at half its resolution. */
export function halfOf(level: Level): Level {
  const mask = new Uint8Array(level.values.length);
  for (const voxel of level.body) mask[voxel] = 1;
  return halved(level, mask);
}

function doubled({ dims, voxelToLps }: Grid, half: readonly [number, number, number]): Grid {
  const step = (axis: 0 | 1 | 2): readonly [number, number, number] => {
    const [x, y, z] = axisStep(voxelToLps, axis);
    return [x * 2, y * 2, z * 2];
  };
  const at = (axis: 0 | 1 | 2): number => (dims[axis] > 1 ? 0.5 : 0);
  const origin = toLps(voxelToLps, voxelIndex(at(0), at(1), at(2)));
  return { dims: half, voxelToLps: affineFromColumns(step(0), step(1), step(2), origin) };
}
