import type { Embedding } from '../../embedding/types.ts';
import { distanceMm } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { placementByEdges, placementByVectors } from '../../placement/index.ts';
import type { FirstGuess, KnownMap, Placement } from '../../placement/index.ts';
import { applyTo } from '../../affineRegistration/index.ts';
import { pyramidOf } from '../../pyramid/index.ts';
import type { Pyramid } from '../../pyramid/index.ts';
import type { GlobalStep } from '../../model/index.ts';
import { areOfTwoContrasts } from './contrasts.ts';
import { matchDensely, pairsOfDense } from './denseMatches.ts';
import type { DenseShare } from '../../coupledConvex/index.ts';
import type { PairContext } from './types.ts';
import { areImagesUnlike } from './unlikeImages.ts';
import { inSteps, precomputeHere } from '../precomputation.ts';
import type { PairTerms, Step, Steps } from '../precomputation.ts';
import { withWeights } from '../../search/index.ts';
import type { SearchSpace } from '../../search/index.ts';
import type { PointPair } from '../../affineRegistration/index.ts';
import {
  draftFrom,
  draftOf,
  globalMatches,
  localMatches,
  neighbourMapFrom,
} from '../../neighbourMap/index.ts';
import type { Draft } from '../../neighbourMap/index.ts';

/** After the first step. */
interface Drafted extends PairTerms {
  readonly images: Pick<PairContext, 'query' | 'target'>;
  readonly draft: Draft | undefined;
  readonly guess: FirstGuess | undefined;
  readonly areDifferentContrasts: boolean;
  /** Near the draft, the matches of many voxels are put together: single ones are noise. */
  readonly isDense: boolean;
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
    const isTrusted = areMatchesTrusted(query.embedding, target.embedding, terms.globalStep);
    const guess = guessBeside(matched && { map: matched.affine, isTrusted }, query, target, terms);
    const draft = guess ? draftFrom(guess.map, guess.score) : matched;
    const areDifferentContrasts = areOfTwoContrasts(query.embedding, target.embedding, images, draft?.affine);
    const isPlaced = (terms.globalStep ?? 'embedding') !== 'embedding';
    const isDense = !isTrusted || (isPlaced && areDifferentContrasts);
    return { ...terms, images, guess, draft, areDifferentContrasts, isDense };
  },
};

/** What replaces the map of the embedding's matches, or stands for it where there is none; undefined where neither is needed. */
function guessBeside(
  known: KnownMap | undefined,
  query: SearchSpace,
  target: SearchSpace,
  { globalStep, priorMap }: PairTerms,
): FirstGuess | undefined {
  const placed = placementOf(query.embedding, target.embedding, globalStep)?.guessBeside(known);
  return placed ?? (known === undefined ? guessOf(priorMap) : undefined);
}

/** A registration that somebody has made before, as a guess: sure, because its error is that of the matches around it. */
function guessOf(map: Affine | undefined): FirstGuess | undefined {
  return map && { map, score: 0, rival: undefined, isSure: true };
}

/** What places a pair beside the embedding's matches: its guess is used where they agree on no map, or where it speaks against theirs. */
function placementOf(
  query: Embedding,
  target: Embedding,
  step: GlobalStep | undefined,
): Placement | undefined {
  switch (step) {
    case 'edges':
      return placementByEdges(query, target);
    case 'vectors':
      return placementByVectors(query, target);
    case 'embedding':
    case undefined:
      return undefined;
  }
}

/** Where the vectors place a pair, single ones of another modality than CT are noise, and a map is not trusted for their matches. */
function areMatchesTrusted(query: Embedding, target: Embedding, step: GlobalStep | undefined): boolean {
  return step !== 'vectors' || [query, target].every(({ volume }) => volume.modality === 'CT');
}

/** Matches near the draft: of single voxels, or dense ones. */
interface NearShare extends DenseShare {
  readonly near: readonly PointPair[];
}

const mapping: Step<Drafted, NearShare, PairContext> = {
  share: (query, target, drafted, share) => {
    const { draft } = drafted;
    if (draft === undefined) return { near: [] };
    const [from, to] = localSpaces(query, target, drafted);
    return drafted.isDense
      ? { near: [], ...matchDensely(from, to, draft.affine, share) }
      : { near: localMatches(from, to, draft, share) };
  },
  join: (query, target, drafted, shares) => {
    const { images, draft, guess, areDifferentContrasts, isDense, interPatientAgreement = 0 } = drafted;
    const pairs =
      draft && isDense
        ? pairsOfDense(...localSpaces(query, target, drafted), draft.affine, shares)
        : shares.flatMap(({ near }) => near);
    const neighbourMap = draft && neighbourMapFrom(draft, target, pairs);
    const areDifferentPatients = (neighbourMap?.agreement ?? Infinity) < interPatientAgreement;
    // What two patients look like was measured for the pairs whose agreement has a limit.
    const isCompared = interPatientAgreement > 0 && !areDifferentPatients && !areDifferentContrasts;
    return {
      ...images,
      neighbourMap,
      guess,
      areDifferentPatients,
      areImagesUnlike:
        isCompared && neighbourMap !== undefined && areImagesUnlike(images, neighbourMap, target),
      areDifferentContrasts,
    };
  },
};

/**
 * Both as they are compared near a place that is known already: only their fine maps where the embedding did not place the pair, or its
 * maps are of two contrasts. The other maps say where in the body a voxel is, which adds noise there.
 */
export function localSpaces(
  query: SearchSpace,
  target: SearchSpace,
  { guess, areDifferentContrasts }: Pick<PairContext, 'guess' | 'areDifferentContrasts'>,
): readonly [query: SearchSpace, target: SearchSpace] {
  if (guess === undefined && !areDifferentContrasts) return [query, target];
  return [withWeights(query, { fine: 1 }), withWeights(target, { fine: 1 })];
}

/** From an answer to where the second best guess puts it, mm; undefined where the pair was not placed by a doubtful guess. */
function otherPlaceMm(guess: FirstGuess | undefined, lps: LpsPoint, answer: LpsPoint): number | undefined {
  if (guess === undefined || guess.isSure) return undefined;
  return guess.rival === undefined ? Infinity : distanceMm(applyTo(guess.rival.map, lps), answer);
}

/** What a doubtful first guess says of an answer, as a part of its evidence. */
export function placeEvidence(
  guess: PairContext['guess'],
  lps: LpsPoint,
  answer: LpsPoint,
): { readonly otherPlaceMm?: number } {
  const mm = otherPlaceMm(guess, lps, answer);
  return mm === undefined ? {} : { otherPlaceMm: mm };
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
