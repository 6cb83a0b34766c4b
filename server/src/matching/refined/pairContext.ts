import type { Embedding } from '../../embedding/types.ts';
import { pyramidOf } from '../image/pyramid.ts';
import type { Pyramid } from '../image/pyramid.ts';
import type { SearchSpace } from '../searchSpace.ts';
import { structureOf } from '../structure/structure.ts';
import type { Structure } from '../structure/structure.ts';

/** What refinement computes once per pair; plain data, large arrays in shared memory. */
export interface PairContext {
  readonly query: Pyramid;
  readonly target: Pyramid;
  /** Undefined where matches of the pair do not agree on any map. */
  readonly structure: Structure | undefined;
}

const contexts = new WeakMap<Embedding, WeakMap<Embedding, PairContext>>();

/** The context of a pair, kept as long as both embeddings. */
export function pairContextOf(query: SearchSpace, target: SearchSpace): PairContext {
  const ofQuery = contexts.get(query.embedding) ?? new WeakMap<Embedding, PairContext>();
  contexts.set(query.embedding, ofQuery);
  const known = ofQuery.get(target.embedding);
  if (known !== undefined) return known;
  const made = { ...pairImagesOf(query, target), ...pairStructureOf(query, target) };
  ofQuery.set(target.embedding, made);
  return made;
}

/** The part of the context that takes the images. */
export function pairImagesOf(query: SearchSpace, target: SearchSpace): Omit<PairContext, 'structure'> {
  return { query: pyramidOf(query.embedding), target: pyramidOf(target.embedding) };
}

/** The part that takes the embeddings. */
export function pairStructureOf(query: SearchSpace, target: SearchSpace): Pick<PairContext, 'structure'> {
  return { structure: structureOf(query, target) };
}
