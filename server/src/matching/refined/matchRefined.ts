/**
 * The default method: embedding, then structure, then local registration (issue 4).
 * @module
 */
import { distanceMm } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { hasNoDirection, matchNearest } from '../nearest.ts';
import { refine } from '../refine.ts';
import { bestWithin, directionsAt, similarityAt } from '../search.ts';
import type { QueryDirections } from '../search.ts';
import type { SearchSpace } from '../searchSpace.ts';
import { intoVolume } from '../seriesPoint.ts';
import type { Prediction } from '../structure/smoothField.ts';
import { fieldOf } from '../structure/structure.ts';
import type { Found } from '../types.ts';
import { pairContextOf } from './pairContext.ts';
import type { PairContext } from './pairContext.ts';
import { inverse3, LocalRegistration, startAt } from './registration.ts';
import type { Prior, Registered, Stage } from './registration.ts';

const COARSE: readonly Stage[] = [{ level: 'coarse', sigma: 16, terms: 4, iterations: 8 }];
const FINE: readonly Stage[] = [
  { level: 'fine', sigma: 10, terms: 10, iterations: 6 },
  { level: 'fine', sigma: 7, terms: 10, iterations: 4 },
];
/** The way back only has to tell the right basin from a wrong one. */
const BACK: readonly Stage[] = [{ level: 'fine', sigma: 8, terms: 4, iterations: 5 }];

/** Neighbouring parts of a body strain against each other by about this much beyond the structure's map. */
const STRAIN = 0.12;
/** Second derivative of a body's deformation, 1 / mm: 10 mm on 70 mm. */
const CURVATURE = 0.004;
/** The structure is never trusted more than this, mm. */
const LEAST_SHIFT_MM = 3;
/** Candidates of the embedding are looked for within this of the prediction, mm. */
const CANDIDATE_RADIUS_MM = 16;
/** Below this correlation the patches do not show the same. */
const LEAST_CORRELATION = 0.3;
/** The answer may be this many spreads of the structure away from its prediction, and always this far, mm. */
const [LARGEST_SPREADS, ALWAYS_MM] = [2.5, 12];
/** Prior of the way back, mm. */
const BACK_SHIFT_MM = 6;

const registration = new LocalRegistration();

/** Finds a point (LPS, mm); steps `local` (registered), `structure` (predicted by the neighbours), `nearest` (neither). */
export function matchRefined(
  query: SearchSpace,
  target: SearchSpace,
  lps: LpsPoint,
  prepared?: object,
): Found | undefined {
  const directions = directionsAt(query, lps);
  if (hasNoDirection(directions)) return undefined;
  const context = (prepared as PairContext | undefined) ?? pairContextOf(query, target);
  if (context.structure === undefined) return matchNearest(query, target, lps);
  const prediction = fieldOf(context.structure).at(lps);
  const local = registerAt(context, target, directions, lps, prediction);
  const answer =
    local === undefined ? predictedAnswer(target, directions, prediction) : localAnswer(prediction, local);
  const at = intoVolume(target.embedding.volume, answer.lps);
  return {
    lps: at,
    similarity: similarityAt(target, directions, at),
    cycleErrorMm: cycleErrorMm(context, { lps, answer: at, prediction, local }),
    step: answer.step,
    evidence: answer.evidence,
  };
}

function priorOf({ lps, linear, spreadMm }: Prediction): Prior {
  const shiftMm = Math.max(spreadMm, LEAST_SHIFT_MM);
  return { centre: lps, linear, shiftMm, strain: STRAIN, curvature: CURVATURE };
}

/** Registers from the prediction and from the embedding's best candidate near it; undefined where neither convinces. */
function registerAt(
  context: PairContext,
  target: SearchSpace,
  directions: QueryDirections,
  lps: LpsPoint,
  prediction: Prediction,
): Registered | undefined {
  const prior = priorOf(prediction);
  const { query: from, target: to } = context;
  const starts = [prediction.lps];
  const hit = bestWithin(target, directions, prediction.lps, CANDIDATE_RADIUS_MM);
  if (hit !== undefined) starts.push(refine(target, directions, hit).lps);
  let coarse: Registered | undefined;
  for (const start of starts) {
    const found = registration.register(from, to, lps, prior, COARSE, startAt(prior, start));
    if (found !== undefined && found.ncc > (coarse?.ncc ?? -1)) coarse = found;
  }
  if (coarse === undefined) return undefined;
  const fine = registration.register(from, to, lps, prior, FINE, coarse);
  if (fine === undefined || fine.ncc < LEAST_CORRELATION) return undefined;
  return fine.movedMm > Math.max(LARGEST_SPREADS * prior.shiftMm, ALWAYS_MM) ? undefined : fine;
}

type Partial = Pick<Found, 'lps' | 'step'> & { readonly evidence: NonNullable<Found['evidence']> };

function localAnswer({ lps: predicted }: Prediction, { lps, sdMm, ncc }: Registered): Partial {
  return { lps, step: 'local', evidence: { sdMm, predicted, patchCorrelation: ncc } };
}

function predictedAnswer(
  _target: SearchSpace,
  _directions: QueryDirections,
  { lps, spreadMm }: Prediction,
): Partial {
  return { lps, step: 'structure', evidence: { sdMm: spreadMm, predicted: lps } };
}

/** Registers back from the answer; where that fails, the spread of the structure stands for it. */
function cycleErrorMm(
  { query, target }: PairContext,
  at: {
    readonly lps: LpsPoint;
    readonly answer: LpsPoint;
    readonly prediction: Prediction;
    readonly local: Registered | undefined;
  },
): number {
  const { spreadMm, linear } = at.prediction;
  if (at.local === undefined) return spreadMm;
  const prior = {
    centre: at.lps,
    linear: inverse3(linear),
    shiftMm: BACK_SHIFT_MM,
    strain: STRAIN,
    curvature: CURVATURE,
  };
  const back = registration.register(target, query, at.answer, prior, BACK);
  return back === undefined ? spreadMm : distanceMm(back.lps, at.lps);
}
