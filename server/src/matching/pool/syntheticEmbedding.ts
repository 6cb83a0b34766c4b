/**
 * Embeddings whose answers are known, for tests and for the warm-up: every channel is a plane wave of the anatomy, so that
 * the cosine of two places depends only on their distance and peaks at the place itself (random Fourier features).
 * @module
 */
import type { Embedding, EmbeddingMap, ImageMap, MapRole } from '../../embedding/types.ts';
import {
  affineFromColumns,
  lpsPoint,
  perAxis,
  spacingOf,
  toLps,
  voxelIndex,
  seededNumbers,
} from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { dot, indexOf } from '../../search/index.ts';
import type { Grid } from '../../search/index.ts';
import type { MatchModel } from '../types.ts';

/** What the embeddings say they were made by; its errors are not measured. */
export const SYNTHETIC_MODEL: MatchModel = { id: 'synthetic', version: '1.0.0', matching: {} };

/** Where a world point of a series lies in the common anatomy. */
export type ToAnatomy = (lps: LpsPoint) => LpsPoint;

/** `channels` plane waves of about the given wavelength, mm; the unit vector of the anatomy at a point. */
export function planeWaves(
  channels: number,
  wavelengthMm: number,
  seed: number,
): (at: LpsPoint) => Float64Array {
  const random = seededNumbers(seed);
  const gauss = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const waves = Array.from({ length: Math.ceil(channels / 2) }, () =>
    [gauss(), gauss(), gauss()].map((x) => (x * 2 * Math.PI) / wavelengthMm),
  );
  return (at) => {
    const vector = new Float64Array(channels);
    let wave = 0;
    for (const [x = 0, y = 0, z = 0] of waves) {
      const phase = x * at[0] + y * at[1] + z * at[2];
      vector[wave++] = Math.cos(phase);
      // Beyond the end of an odd number of channels nothing is written.
      vector[wave++] = Math.sin(phase);
    }
    const length = Math.sqrt(dot(vector, vector));
    for (let c = 0; c < channels; c++) vector[c] = (vector[c] ?? NaN) / length;
    return vector;
  };
}

/** An axis-aligned grid: spacing and first voxel centre in mm. */
export function gridOf(
  dims: readonly [number, number, number],
  spacing: readonly [number, number, number],
  origin: readonly [number, number, number],
): Grid {
  return {
    dims,
    voxelToLps: affineFromColumns([spacing[0], 0, 0], [0, spacing[1], 0], [0, 0, spacing[2]], origin),
  };
}

/** Samples a field on a grid as int8 vectors, as `Embedding` stores them; `noise` is added per voxel and channel. */
export function mapOf(
  role: MapRole,
  grid: Grid,
  field: (at: LpsPoint) => Float64Array,
  noise: () => number = () => 0,
): EmbeddingMap {
  const voxels = grid.dims[0] * grid.dims[1] * grid.dims[2];
  const channels = field(lpsPoint(0, 0, 0)).length;
  const vectors = new Int8Array(voxels * channels);
  const inverseNorms = new Float32Array(voxels);
  for (let voxel = 0; voxel < voxels; voxel++) {
    const value = field(toLps(grid.voxelToLps, indexOf(grid.dims, voxel)));
    let peak = 0;
    for (let c = 0; c < channels; c++) {
      value[c] = (value[c] ?? NaN) + noise();
      peak = Math.max(peak, Math.abs(value[c] ?? NaN));
    }
    let squared = 0;
    for (let c = 0; c < channels; c++) {
      const stored = Math.round(((value[c] ?? NaN) * 127) / peak);
      vectors[voxel * channels + c] = stored;
      squared += stored * stored;
    }
    inverseNorms[voxel] = 1 / Math.sqrt(squared);
  }
  return { role, grid, channels, weight: 1, vectors, inverseNorms };
}

/** What a synthetic series looks like. */
export interface SyntheticSeries {
  readonly grid: Grid;
  readonly toAnatomy?: ToAnatomy;
  readonly bodyMask?: Uint8Array;
  readonly maps?: readonly EmbeddingMap[];
  readonly modelId?: string;
  readonly name?: string;
}

const FINE = planeWaves(48, 60, 1);
const COARSE = planeWaves(32, 300, 2);

/**
 * An embedding with a fine map on the grid and a coarse one on a grid four times as wide; the volume has voxels of half
 * the fine spacing and covers the same box.
 */
export function syntheticEmbedding({
  grid,
  toAnatomy = (lps) => lps,
  bodyMask,
  maps,
  modelId = SYNTHETIC_MODEL.id,
  name = '1',
}: SyntheticSeries): Embedding {
  const voxels = grid.dims[0] * grid.dims[1] * grid.dims[2];
  return {
    modelId,
    volume: volumeOver(grid, name),
    maps: equalShares(
      maps ?? [
        mapOf('fine', grid, (lps) => FINE(toAnatomy(lps))),
        mapOf('coarse', coarserGrid(grid, 4), (lps) => COARSE(toAnatomy(lps))),
      ],
    ),
    bodyMask: bodyMask ?? new Uint8Array(voxels).fill(1),
    image: imageOf(grid, toAnatomy),
  };
}

function equalShares(maps: readonly EmbeddingMap[]): EmbeddingMap[] {
  return maps.map((map) => ({ ...map, weight: 1 / maps.length }));
}

/** Soft tissue with a texture that belongs to the anatomy: the first plane waves of the fine map, HU. */
function imageOf(grid: Grid, toAnatomy: ToAnatomy): ImageMap {
  const values = new Int16Array(grid.dims[0] * grid.dims[1] * grid.dims[2]);
  for (let voxel = 0; voxel < values.length; voxel++) {
    const [a = 0, b = 0, c = 0] = FINE(toAnatomy(toLps(grid.voxelToLps, indexOf(grid.dims, voxel))));
    values[voxel] = Math.round(40 + 800 * (a + b + c));
  }
  return { grid, values, scale: 1 };
}

/** The grid of blocks of `factor` voxels along each axis, centred on the blocks (the last one may stick out). */
function coarserGrid(grid: Grid, factor: number): Grid {
  const [si, sj, sk] = spacingOf(grid.voxelToLps);
  const dims = perAxis((axis) => Math.ceil(grid.dims[axis] / factor));
  const half = (factor - 1) / 2;
  const origin = toLps(grid.voxelToLps, voxelIndex(half, half, half));
  return gridOf(dims, [si * factor, sj * factor, sk * factor], origin);
}

function volumeOver(grid: Grid, name: string): Embedding['volume'] {
  const [si, sj, sk] = spacingOf(grid.voxelToLps);
  const dims = perAxis((axis) => 2 * grid.dims[axis]);
  const origin = toLps(grid.voxelToLps, voxelIndex(-0.25, -0.25, -0.25));
  return {
    dims,
    voxelToLps: gridOf(dims, [si / 2, sj / 2, sk / 2], origin).voxelToLps,
    slices: Array.from({ length: dims[2] }, (_, k) => ({
      sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
      sopInstanceUid: `1.2.3.${name}.${k + 1}`,
    })),
    studyInstanceUid: `1.2.${name}`,
    seriesInstanceUid: `1.2.3.${name}`,
    frameOfReferenceUid: `1.2.4.${name}`,
    modality: 'CT',
    warnings: [],
  };
}
