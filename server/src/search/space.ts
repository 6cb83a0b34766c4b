import type { RoleWeights } from '../model/index.ts';
import type { Embedding, EmbeddingMap } from '../embedding/types.ts';
import { Kernel } from './kernel.ts';
import { latticeOf } from './sampling.ts';
import type { SampledMap } from './sampling.ts';
import { shareEmbedding } from './sharedEmbedding.ts';
import type { SharedEmbedding } from './sharedEmbedding.ts';
import { splitMaps } from './splitMaps.ts';

/** One map of the search. */
interface SearchMap extends SampledMap {
  /** Share of the map's cosine in the similarity; the shares of a space sum to 1. */
  readonly weight: number;
}

/** An embedding ready to be searched by this thread. */
export interface SearchSpace {
  /** Its arrays lie in shared memory; its volume names no slices. */
  readonly embedding: Embedding;
  /** The fine map first, then those on its grid, then the others; in each group the embedding's order. */
  readonly maps: readonly [SearchMap, ...SearchMap[]];
  /** Flat indices, ascending, of the fine voxels that may be an answer: in the body and with a vector. */
  readonly candidates: Int32Array;
  readonly kernel: Kernel;
}

/** Embeddings are immutable, so a space lives as long as its embedding. */
const spaces = new WeakMap<Embedding, SearchSpace>();

/**
 * The search space of an embedding, computed on first use (about 50 ms for a chest).
 * @throws SamepointError matching/no-fine-map, matching/no-body
 */
export function searchSpaceOf(embedding: Embedding): SearchSpace {
  const known = spaces.get(embedding);
  if (known !== undefined) return known;
  const space = openSpace(shareEmbedding(embedding));
  spaces.set(embedding, space);
  return space;
}

/** The same space with other weights of its maps. */
export function withWeights(space: SearchSpace, weights: RoleWeights | undefined): SearchSpace {
  if (weights === undefined) return space;
  const weighted = (map: SearchMap): SearchMap => ({ ...map, weight: weights[map.map.role] ?? 0 });
  const [fine, ...others] = space.maps;
  return { ...space, maps: [weighted(fine), ...others.map(weighted)] };
}

/** The same space with the maps' own weights. */
export function withOwnWeights(space: SearchSpace): SearchSpace {
  const own = (map: SearchMap): SearchMap => ({ ...map, weight: map.map.weight });
  const [fine, ...others] = space.maps;
  return { ...space, maps: [own(fine), ...others.map(own)] };
}

/** The search space of an embedding that another thread has shared. */
export function openSpace(shared: SharedEmbedding): SearchSpace {
  const { embedding, index } = shared;
  const { fine, direct, interpolated } = splitMaps(embedding);
  const opened = (map: EmbeddingMap): SearchMap => ({
    map,
    lattice: latticeOf(map.grid),
    weight: map.weight,
  });
  return {
    embedding,
    maps: [opened(fine), ...[...direct.slice(1), ...interpolated].map(opened)],
    candidates: index.candidates,
    kernel: new Kernel(shared),
  };
}
