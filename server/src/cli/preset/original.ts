/**
 * The conventions of the released code of SAM and UAE (alibaba-damo-academy, 2024) where they are not those of this server, for the rule
 * `nearest`; docs/applications.md says why ours differ.
 *
 * 1. What lies outside the volume is 0 HU in the resampled image, not air.
 * 2. The coarse map is stretched over the fine grid, instead of lying where its voxels lie.
 * 3. The vector of a point is that of a fine voxel: the distance from the first voxel, rounded down to its width.
 *
 * @module
 */
import type { Embedding } from '../../embedding/index.ts';
import { SamepointError } from '../../errors/index.ts';
import {
  affineFromColumns,
  axisStep,
  compose,
  invert,
  perAxis,
  toLps,
  toVoxel,
  voxelIndex,
} from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import type { MatchMethod, MatchRequest } from '../../matching/index.ts';
import type { Model, ModelRegistry } from '../../model/index.ts';

/** Names of the conventions of other implementations. */
export const PRESETS = ['original'] as const;
export type Preset = (typeof PRESETS)[number];

/** @throws SamepointError cli/unreadable-input for another method than `nearest` */
export function assertPresetOf(method: MatchMethod | undefined): void {
  if (method === 'nearest') return;
  const reason = 'original is a form of the rule nearest; add --method nearest';
  throw new SamepointError('cli/unreadable-input', { input: '--preset', reason });
}

/** The same models, which see 0 outside of a volume, and prefer no place: an embedding of theirs has a key of its own. */
export function originalModels(registry: ModelRegistry): ModelRegistry {
  return {
    ...registry,
    models: registry.models.map(originalModel),
    get: (id) => originalModel(registry.get(id)),
  };
}

function originalModel(model: Model): Model {
  const { input, matching } = model.manifest;
  const intensity = Object.fromEntries(
    Object.entries(input.intensity).map(([modality, map]) => [modality, { ...map, outside: 0 }]),
  );
  const rule = { weights: matching.weights };
  return { ...model, manifest: { ...model.manifest, input: { ...input, intensity }, matching: rule } };
}

/** A request as the released code would read it. The query of an answer is the centre of the voxel that was searched for. */
export function inOriginalForm<Request extends Pick<MatchRequest, 'query' | 'target' | 'points'>>(
  request: Request,
): Request {
  const { query, target, points } = request;
  return {
    ...request,
    query: withStretchedCoarse(query),
    target: withStretchedCoarse(target),
    points: points.map((point) => ({ ...point, lps: flooredQuery(query, point.lps) })),
  };
}

/** The embedding with its coarse maps stretched over the fine grid: outer faces on outer faces, whatever the sizes. */
export function withStretchedCoarse(embedding: Embedding): Embedding {
  const fine = fineMapOf(embedding).grid;
  const maps = embedding.maps.map((map) => {
    if (map.role !== 'coarse') return map;
    const ratio = perAxis((axis) => fine.dims[axis] / map.grid.dims[axis]);
    const stretch = affineFromColumns(
      [ratio[0], 0, 0],
      [0, ratio[1], 0],
      [0, 0, ratio[2]],
      perAxis((axis) => (ratio[axis] - 1) / 2),
    );
    return { ...map, grid: { ...map.grid, voxelToLps: compose(fine.voxelToLps, stretch) } };
  });
  // Without the memory that it shares with the search index of the maps as they were.
  const { modelId, volume, bodyMask, image } = embedding;
  return { modelId, volume, bodyMask, image, maps };
}

/** The centre of the fine voxel that the released code reads for a point: LPS, mm. */
export function flooredQuery(embedding: Embedding, lps: LpsPoint): LpsPoint {
  const { grid } = fineMapOf(embedding);
  const within = toVoxel(invert(grid.voxelToLps), lps);
  const voxel = perAxis((axis) => {
    // From the centre of the first voxel, where the outer face of the fine grid is half a voxel of the series before it.
    const fromFirst =
      within[axis] + 0.5 - spacingAlong(embedding, axis) / (2 * lengthOf(grid.voxelToLps, axis));
    return Math.min(Math.max(Math.floor(fromFirst), 0), grid.dims[axis] - 1);
  });
  return toLps(grid.voxelToLps, voxelIndex(...voxel));
}

/** Voxel size of the series along the patient axis that a fine axis runs along, mm. */
function spacingAlong({ volume: { voxelToLps } }: Embedding, axis: 0 | 1 | 2): number {
  const columns = ([0, 1, 2] as const).map((column) => axisStep(voxelToLps, column));
  const along = columns.reduce((best, column) =>
    Math.abs(column[axis]) > Math.abs(best[axis]) ? column : best,
  );
  return Math.hypot(...along);
}

function lengthOf(affine: Embedding['volume']['voxelToLps'], axis: 0 | 1 | 2): number {
  return Math.hypot(...axisStep(affine, axis));
}

function fineMapOf({ maps, modelId }: Embedding): Embedding['maps'][number] {
  const fine = maps.find(({ role }) => role === 'fine');
  if (fine === undefined) throw new SamepointError('matching/no-fine-map', { model: modelId });
  return fine;
}
