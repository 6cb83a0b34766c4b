import type { Embedding } from '../../embedding/types.ts';
import { distanceMm } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { applyTo, EdgePair, pyramidOf } from '../../registration/index.ts';
import type { FirstGuess, Pyramid } from '../../registration/index.ts';
import { inSteps, precomputeHere } from '../precomputation.ts';
import type { PairTerms, Step, Steps } from '../precomputation.ts';
import { withWeights } from '../../search/index.ts';
import type { SearchSpace } from '../../search/index.ts';
import type { PointPair } from '../../registration/index.ts';
import {
  draftFrom,
  draftOf,
  globalMatches,
  localMatches,
  neighbourMapFrom,
} from '../../neighbourMap/index.ts';
import type { Draft, NeighbourMap } from '../../neighbourMap/index.ts';

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
  /** The intensities of two modalities do not follow from each other by gain and offset: patches are not registered. */
  readonly areDifferentModalities: boolean;
  /** What the pair was placed by, if not by the matches of the embedding. */
  readonly guess: FirstGuess | undefined;
}

/** After the first step. */
interface Drafted extends PairTerms {
  readonly images: Pick<PairContext, 'query' | 'target'>;
  readonly draft: Draft | undefined;
  readonly guess: FirstGuess | undefined;
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
  join: (query, target, terms, parts) => {
    const images = {
      query: parts.find((part) => part.query)?.query ?? pyramidOf(query.embedding),
      target: parts.find((part) => part.target)?.target ?? pyramidOf(target.embedding),
    };
    const matched = draftOf(parts.flatMap(({ far }) => far));
    const byEdges = terms.globalStep === 'edges' ? guessBeside(query, target, matched) : undefined;
    const guess = byEdges ?? (matched === undefined ? guessOf(terms.priorMap) : undefined);
    return { ...terms, images, guess, draft: guess ? draftFrom(guess.map, guess.score) : matched };
  },
};

/** A registration that somebody has made before, as a guess: sure, because its error is that of the matches around it. */
function guessOf(map: Affine | undefined): FirstGuess | undefined {
  return map && { map, score: 0, rival: undefined, isSure: true };
}

/** The guess of a pair where the embedding's matches agree on no map, or where the edges of the images speak against theirs. */
function guessBeside(
  query: SearchSpace,
  target: SearchSpace,
  matched: Draft | undefined,
): FirstGuess | undefined {
  return new EdgePair(query.embedding, target.embedding).guessBeside(matched?.affine);
}

const mapping: Step<Drafted, readonly PointPair[], PairContext> = {
  share: (query, target, { draft, guess }, share) =>
    draft ? localMatches(localSpace(query, guess), localSpace(target, guess), draft, share) : [],
  join: (query, target, { images, draft, guess, interPatientAgreement = 0 }, near) => {
    const neighbourMap = draft && neighbourMapFrom(draft, target, near.flat());
    return {
      ...images,
      neighbourMap,
      guess,
      areDifferentPatients: neighbourMap !== undefined && neighbourMap.agreement < interPatientAgreement,
      areDifferentModalities: query.embedding.volume.modality !== target.embedding.volume.modality,
    };
  },
};

/** Of an embedding that did not place the pair, only the fine map is compared: the others say where in the body a voxel is. */
export function localSpace(space: SearchSpace, guess: FirstGuess | undefined): SearchSpace {
  return guess === undefined ? space : withWeights(space, { fine: 1 });
}

/** From an answer to where the second best guess puts it, mm; undefined where the pair was not placed by a doubtful guess. */
export function otherPlaceMm(
  guess: FirstGuess | undefined,
  lps: LpsPoint,
  answer: LpsPoint,
): number | undefined {
  if (guess === undefined || guess.isSure) return undefined;
  return guess.rival === undefined ? Infinity : distanceMm(applyTo(guess.rival.map, lps), answer);
}

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
