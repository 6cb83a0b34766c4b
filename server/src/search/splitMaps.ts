import type { Embedding, EmbeddingMap } from '../embedding/types.ts';
import { SamepointError } from '../errors/index.ts';
import type { Grid } from './sampling.ts';

/** The maps of an embedding as the search sees them. */
export interface SplitMaps {
  readonly fine: EmbeddingMap;
  /** On the fine grid: the fine map first. */
  readonly direct: readonly [EmbeddingMap, ...EmbeddingMap[]];
  /** On a grid of their own; interpolated to the fine one. */
  readonly interpolated: readonly EmbeddingMap[];
}

/**
 * Splits the maps by their grids, in the embedding's order but for the fine map.
 * @throws SamepointError matching/no-fine-map
 */
export function splitMaps({ maps, modelId }: Pick<Embedding, 'maps' | 'modelId'>): SplitMaps {
  const fine = maps.find(({ role }) => role === 'fine');
  if (fine === undefined) throw new SamepointError('matching/no-fine-map', { model: modelId });
  const others = maps.filter((map) => map !== fine);
  return {
    fine,
    direct: [fine, ...others.filter(({ grid }) => sameGrid(grid, fine.grid))],
    interpolated: others.filter(({ grid }) => !sameGrid(grid, fine.grid)),
  };
}

function sameGrid(a: Grid, b: Grid): boolean {
  return (
    a.dims.every((n, axis) => n === b.dims[axis]) &&
    a.voxelToLps.every((value, x) => value === b.voxelToLps[x])
  );
}
