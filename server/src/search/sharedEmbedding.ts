/**
 * An embedding in memory that threads share and the WASM search reads: every thread that matches works on the same bytes.
 * @module
 */
import type { Embedding } from '../embedding/types.ts';
import { isSamepointError } from '../errors/index.ts';
import { indexBytes, writeIndex } from './searchIndex.ts';
import type { SearchIndex } from './searchIndex.ts';
import { Arena, bytesOf } from '../wasm/index.ts';

/** What travels to a worker thread: small objects and handles of shared memory; structured-cloneable. */
export interface SharedEmbedding {
  /** Unique in the process: by it a thread knows the embedding again. */
  readonly id: number;
  readonly memory: WebAssembly.Memory;
  /** Its arrays are views of the memory. Without lists of slices and instances, which would be copied to a thread with every point. */
  readonly embedding: Embedding;
  readonly index: SearchIndex;
}

let lastId = 0;
const shared = new WeakMap<Embedding, SharedEmbedding>();

/**
 * The embedding in shared memory, with its index; made on first use, it lives as long as the embedding. The embedding itself stays as
 * it is: arrays that do not lie in shared memory are copied, so an embedding that is kept should have a memory of its own.
 * @throws SamepointError matching/no-fine-map, matching/no-body
 */
export function shareEmbedding(embedding: Embedding): SharedEmbedding {
  const known = shared.get(embedding);
  if (known !== undefined) return known;
  const size = indexBytes(embedding);
  const { memory } = embedding;
  const lying =
    memory === undefined ? copied(embedding, size) : { embedding, arena: Arena.behind(memory, size) };
  const { arena } = lying;
  const index = writeIndex(lying.embedding, arena);
  const { volume, origin, ...arrays } = lying.embedding;
  const made: SharedEmbedding = {
    id: ++lastId,
    memory: arena.memory,
    embedding: { ...arrays, volume: { ...volume, slices: [] } },
    index,
  };
  shared.set(embedding, made);
  return made;
}

/** The embedding that another thread has shared, known in this one: it is not shared anew. */
export function adoptEmbedding(one: SharedEmbedding): Embedding {
  shared.set(one.embedding, one);
  return one.embedding;
}

/**
 * What an embedding uses in memory once points are searched in it, bytes: its arrays and the search index. It has no index where
 * there is no body to search.
 */
export function sharedBytes(embedding: Embedding): number {
  const arrays = arrayBytes(embedding);
  try {
    return arrays + indexBytes(embedding);
  } catch (error) {
    if (isSamepointError(error)) return arrays;
    throw error;
  }
}

/** The same embedding with its arrays in an arena, where `more` bytes stay free. */
function copied(
  embedding: Embedding,
  more: number,
): { readonly embedding: Embedding; readonly arena: Arena } {
  const arena = Arena.of(arrayBytes(embedding) + more);
  const { image } = embedding;
  const copy: Embedding = {
    ...embedding,
    maps: embedding.maps.map((map) => ({
      ...map,
      vectors: arena.copy(map.vectors),
      inverseNorms: arena.copy(map.inverseNorms),
    })),
    bodyMask: arena.copy(embedding.bodyMask),
    image: { ...image, values: arena.copy(image.values) },
    memory: arena.memory,
  };
  return { embedding: copy, arena };
}

function arrayBytes({ maps, bodyMask, image }: Embedding): number {
  const arrays = maps.flatMap(({ vectors, inverseNorms }) => [vectors, inverseNorms]);
  return [...arrays, bodyMask, image.values].reduce((sum, array) => sum + bytesOf(array), 0);
}
