/**
 * An embedding in memory that threads share and the WASM search reads: every thread that matches works on the same bytes.
 * @module
 */
import type { Embedding, EmbeddingMap, ImageMap } from '../embedding/types.ts';
import { isSamepointError } from '../errors/index.ts';
import { indexBytes, writeIndex } from './searchIndex.ts';
import type { SearchIndex } from './searchIndex.ts';
import { Arena, bytesOf } from '../wasm/index.ts';
import type { SharedArray } from '../wasm/index.ts';

/** What travels to a worker thread: small objects and handles of shared memory; structured-cloneable. */
export interface SharedEmbedding {
  /** Unique in the process: by it a thread knows the embedding again. */
  readonly id: number;
  readonly memory: WebAssembly.Memory;
  /** Its arrays are views of the memory. The slices are left out: a method needs the geometry alone. */
  readonly embedding: Embedding;
  readonly index: SearchIndex;
}

let lastId = 0;
const shared = new WeakMap<Embedding, SharedEmbedding>();

/**
 * The embedding in shared memory, with its index; made on first use, it lives as long as the embedding. Arrays that do not lie
 * in shared memory are replaced by views of ones that do (same values), so that a series is not held twice.
 * @throws SamepointError matching/no-fine-map, matching/no-body
 */
export function shareEmbedding(embedding: Embedding): SharedEmbedding {
  const known = shared.get(embedding);
  if (known !== undefined) return known;
  const size = indexBytes(embedding);
  const { memory } = embedding;
  const arena = memory === undefined ? movedToArena(embedding, size) : Arena.behind(memory, size);
  const index = writeIndex(embedding, arena);
  const { volume } = embedding;
  const made: SharedEmbedding = {
    id: ++lastId,
    memory: arena.memory,
    embedding: { ...embedding, volume: { ...volume, slices: [] } },
    index,
  };
  shared.set(embedding, made);
  return made;
}

/**
 * What an embedding takes in memory once points are searched in it, bytes: its arrays and the search index. It has no index where
 * there is no body to search.
 */
export function sharedBytes(embedding: Embedding): number {
  const arrays = arraysOf(embedding).reduce((sum, { array }) => sum + bytesOf(array), 0);
  try {
    return arrays + indexBytes(embedding);
  } catch (error) {
    if (isSamepointError(error)) return arrays;
    throw error;
  }
}

/** Copies the arrays to an arena, where `more` bytes are left. */
function movedToArena(embedding: Embedding, more: number): Arena {
  const own = arraysOf(embedding);
  const arena = Arena.of(own.reduce((sum, { array }) => sum + bytesOf(array), 0) + more);
  for (const { array, replace } of own) replace(arena.copy(array));
  return arena;
}

interface OwnArray {
  readonly array: SharedArray;
  readonly replace: (view: SharedArray) => void;
}

/** Embeddings are read-only for everybody else: here the storage changes, not the values. */
type Writable<T> = { -readonly [K in keyof T]: T[K] };

function arraysOf(embedding: Embedding): readonly OwnArray[] {
  const arrays = embedding.maps.flatMap((map: Writable<EmbeddingMap>) => [
    own(map, 'vectors'),
    own(map, 'inverseNorms'),
  ]);
  arrays.push(own(embedding as Writable<Embedding>, 'bodyMask'));
  arrays.push(own(embedding.image as Writable<ImageMap>, 'values'));
  return arrays;
}

function own<K extends string>(holder: Record<K, SharedArray>, key: K): OwnArray {
  return {
    array: holder[key],
    replace: (view) => {
      holder[key] = view;
    },
  };
}
