import type { Embedding } from '../../embedding/types.ts';
import { pyramidOf } from '../../registration/index.ts';
import type { Pyramid } from '../../registration/index.ts';
import { inSteps, precomputeHere } from '../precomputation.ts';
import type { PairTerms, Step, Steps } from '../precomputation.ts';
import type { SearchSpace } from '../../search/index.ts';
import type { PointPair } from '../../registration/index.ts';
import { draftOf, globalMatches, localMatches, neighbourMapFrom } from '../neighbourMap/neighbourMap.ts';
import type { Draft, NeighbourMap } from '../neighbourMap/neighbourMap.ts';

/** What refinement computes once per pair; plain data, large arrays in shared memory. */
export interface PairContext {
  readonly query: Pyramid;
  readonly target: Pyramid;
  /** Undefined where matches of the pair do not agree on any map. */
  readonly neighbourMap: NeighbourMap | undefined;
  /**
   * The matches agree no better than those of two patients. Patches of two patients do not correspond: registered, they slide
   * to what looks alike, and are farther off than what the neighbours say.
   */
  readonly areDifferentPatients: boolean;
}

/** After the first step. */
interface Drafted extends PairTerms {
  readonly images: Pick<PairContext, 'query' | 'target'>;
  readonly draft: Draft | undefined;
}

interface DraftShare {
  readonly far: readonly PointPair[];
  /** Images are the work of the first two shares. */
  readonly query: Pyramid | undefined;
  readonly target: Pyramid | undefined;
}

const drafting: Step<PairTerms, DraftShare, Drafted> = {
  share: (query, target, _terms, share) => ({
    query: share.part === 0 ? pyramidOf(query.embedding) : undefined,
    target: share.part === Math.min(1, share.parts - 1) ? pyramidOf(target.embedding) : undefined,
    far: globalMatches(query, target, share),
  }),
  join: (query, target, { interPatientAgreement }, parts) => {
    const images = {
      query: parts.find((part) => part.query)?.query ?? pyramidOf(query.embedding),
      target: parts.find((part) => part.target)?.target ?? pyramidOf(target.embedding),
    };
    return { interPatientAgreement, images, draft: draftOf(parts.flatMap(({ far }) => far)) };
  },
};

const mapping: Step<Drafted, readonly PointPair[], PairContext> = {
  share: (query, target, { draft }, share) => (draft ? localMatches(query, target, draft, share) : []),
  join: (_query, _target, { images, draft, interPatientAgreement = 0 }, near) => {
    const neighbourMap = draft && neighbourMapFrom(draft, near.flat());
    return {
      ...images,
      neighbourMap,
      areDifferentPatients: neighbourMap !== undefined && neighbourMap.agreement < interPatientAgreement,
    };
  },
};

/** The images for registration, and the neighbour map. */
export const CONTEXT_STEPS: Steps<PairTerms, PairContext> = inSteps(drafting, mapping);

const contexts = new WeakMap<Embedding, WeakMap<Embedding, PairContext>>();

/** The context of a pair of which nothing else is known, kept as long as both embeddings. */
export function pairContextOf(query: SearchSpace, target: SearchSpace): PairContext {
  const ofQuery = contexts.get(query.embedding) ?? new WeakMap<Embedding, PairContext>();
  contexts.set(query.embedding, ofQuery);
  const known = ofQuery.get(target.embedding);
  if (known !== undefined) return known;
  const made = precomputeHere(CONTEXT_STEPS, query, target, {});
  ofQuery.set(target.embedding, made);
  return made;
}
