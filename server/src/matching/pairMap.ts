/**
 * What matching knows of a whole pair, for whoever registers series: the affine map of the body, the dense field, and how far the field
 * may be wrong.
 * @module
 */
import type { Embedding } from '../embedding/types.ts';
import type { Affine, LpsPoint } from '../geometry/index.ts';
import { openSpace, shareEmbedding } from '../search/index.ts';
import type { SearchSpace } from '../search/index.ts';
import { judge } from './confidence/index.ts';
import type { Judgement } from './confidence/index.ts';
import {
  FIELD_STEPS,
  fieldPlaceOf,
  lookUpField,
  nodeCounts,
  precomputeHere,
  CONTEXT_STEPS,
} from '../matchMethods/index.ts';
import type { MatchModel } from './types.ts';

/** Two embeddings of one model; the target may be embedded in a turned world. */
export interface PairRequest {
  readonly query: Embedding;
  readonly target: Embedding;
  readonly model: MatchModel;
}

/** The affine map of a pair, from the world of the query to that of `target`; LPS, mm. */
export interface PairAffine {
  readonly affine: Affine;
  /** Share of the weight of the matches that it explains, 0 to 1. */
  readonly support: number;
  /** How well the matches of the whole pair agree with each other, 0 to 1. */
  readonly agreement: number;
  /** The matches agree no better than those of two patients. */
  readonly areDifferentPatients: boolean;
}

/** The dense field of a pair. */
export interface PairField extends PairAffine {
  /** Where the field puts a point (LPS, mm); undefined where it has no node, far from the body. */
  readonly placeOf: (lps: LpsPoint) => LpsPoint | undefined;
  /** What the answer at a point is worth; undefined where there is none. Costs about a millisecond. */
  readonly judgeAt: (lps: LpsPoint) => Judgement | undefined;
  /** Nodes that were registered with the images, and all of the body. */
  readonly nodes: { readonly registered: number; readonly all: number };
}

/** The search spaces of a pair. */
export function spacesOf({ query, target }: PairRequest): readonly [query: SearchSpace, target: SearchSpace] {
  return [openSpace(shareEmbedding(query)), openSpace(shareEmbedding(target))];
}

/** @returns undefined where the matches of the pair agree on no map */
export function pairAffine(request: PairRequest): PairAffine | undefined {
  const [query, target] = spacesOf(request);
  return affineOf(precomputeHere(CONTEXT_STEPS, query, target, termsOf(request)));
}

/** The field of a pair, in this thread: 5 to 20 seconds. @returns undefined where the matches of the pair agree on no map */
export function pairField(request: PairRequest): PairField | undefined {
  const [query, target] = spacesOf(request);
  const context = precomputeHere(CONTEXT_STEPS, query, target, termsOf(request));
  const affine = affineOf(context);
  if (affine === undefined) return undefined;
  const field = precomputeHere(FIELD_STEPS, query, target, context);
  const { calibration } = request.model.matching;
  const volumes = { query: request.query.volume, target: request.target.volume };
  return {
    ...affine,
    placeOf: (lps) => fieldPlaceOf(field, lps),
    judgeAt: (lps) => {
      const found = lookUpField(query, target, lps, field);
      return found && judge(found, volumes, calibration?.field);
    },
    nodes: nodeCounts(field),
  };
}

function termsOf({ model }: PairRequest): Parameters<typeof CONTEXT_STEPS.begin>[0] {
  const { calibration, globalStep } = model.matching;
  return { interPatientAgreement: calibration?.refined?.differentPatients?.agreement, globalStep };
}

function affineOf({
  neighbourMap,
  areDifferentPatients,
}: ReturnType<typeof CONTEXT_STEPS.end>): PairAffine | undefined {
  if (neighbourMap === undefined) return undefined;
  const { affine, support, agreement } = neighbourMap;
  return { affine, support, agreement, areDifferentPatients };
}
