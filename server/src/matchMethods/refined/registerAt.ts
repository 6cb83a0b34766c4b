import type { LpsPoint } from '../../geometry/index.ts';
import { distanceMm } from '../../geometry/index.ts';
import { refine, bestCandidate, bestWithin, similarityAt } from '../../search/index.ts';
import type { QueryDirections, SearchSpace } from '../../search/index.ts';
import type { Prediction } from '../../neighbourMap/index.ts';
import type { PairContext } from './types.ts';
import { LocalRegistration, startAt } from '../../registration/index.ts';
import type { Prior, Registered, Stage } from '../../registration/index.ts';

const COARSE: readonly Stage[] = [{ level: 'coarse', sigma: 16, terms: 4, iterations: 8, thinned: true }];
const FINE: readonly Stage[] = [
  { level: 'fine', sigma: 10, terms: 10, iterations: 6, thinned: true },
  { level: 'fine', sigma: 7, terms: 10, iterations: 4 },
];

/**
 * Neighbouring parts of a body strain against each other by about this much beyond the neighbour map. With twice as much,
 * patches with little texture slide along the skin and the ribs.
 */
export const STRAIN = 0.06;
/** Second derivative of a body's deformation, 1 / mm: 10 mm on 70 mm. */
export const CURVATURE = 0.004;
/** The neighbour map is never trusted more than this, mm. */
const LEAST_SHIFT_MM = 3;
/** Candidates of the embedding are looked for within this many spreads of the prediction, and within these bounds, mm. */
const [CANDIDATE_SPREADS, LEAST_RADIUS_MM, LARGEST_RADIUS_MM] = [3, 16, 32];
/**
 * A registration begun this near to where another one ended would end there too, mm: less than half the coarse window's
 * sigma, and about what the embedding's candidates err by.
 */
const BASIN_MM = 6;
/** A coarse registration below this correlation or similarity has perhaps begun at the wrong place. */
const [DOUBTFUL_CORRELATION, DOUBTFUL_SIMILARITY] = [0.85, 0.6];
/** Below this correlation the patches do not show the same. */
const LEAST_CORRELATION = 0.3;
/** The answer may be this many spreads of the neighbour map away from its prediction, and always this far, mm. */
const [LARGEST_SPREADS, ALWAYS_MM] = [4, 16];

/** An answer farther than so many spreads of the neighbour map from its prediction needs at least this correlation. */
const [FAR_SPREADS, FAR_CORRELATION] = [1.5, 0.7];

/** Less tissue near the point than this looks the same, or the patches correlate less: what is there has changed. */
const [CHANGED_AGREEMENT, CHANGED_CORRELATION] = [0.85, 0.9];
/**
 * Where the tissue has changed, what is around it decides: windows wider than a lesion, in which regions that differ lose their weight.
 * The first slack is what the neighbour map errs by.
 */
const AROUND: readonly Stage[] = [
  { level: 'coarse', sigma: 16, terms: 4, iterations: 8, thinned: true, slacksMm: [3, 2] },
  { level: 'fine', sigma: 13, terms: 10, iterations: 4, thinned: true, slacksMm: [2, 1] },
];
/** The point is extrapolated from what is around: a curvature as large as a body's would follow noise, 1 / mm. */
const AROUND_CURVATURE = 0.001;
/**
 * Below the first of these correlations the surroundings do not correspond either. Between them they may be part of a large change: in
 * training volumes such answers err by 5 mm, those above by 1.5 mm.
 */
const [LEAST_AROUND_CORRELATION, FIRM_AROUND_CORRELATION] = [0.6, 0.8];
/**
 * A window that a CT shows brighter or darker by more than another contrast phase makes soft tissue has changed altogether, such as
 * fat that fluid has replaced; a correlation does not see it. HU.
 */
const LARGEST_OFFSET_HU = 50;

/** One per thread: threads share no module. */
const registration = new LocalRegistration();

/** A query point with what is known of it before the images are compared. */
export interface PredictedPoint {
  readonly target: SearchSpace;
  readonly directions: QueryDirections;
  /** LPS, mm. */
  readonly lps: LpsPoint;
  readonly prediction: Prediction;
}

/** A registered point with the embedding's best candidate near the prediction. */
export interface RegisteredNear extends Registered {
  /** From the answer to that candidate, mm; undefined where there is none. */
  readonly candidateMm: number | undefined;
  /** The tissue at the point has changed, and what is around it was registered. */
  readonly isAround: boolean;
  /** What was registered, the point or what is around it, looks the same in both scans. */
  readonly isFirm: boolean;
}

/**
 * Registers the point; where the tissue at it has changed, what is around it. Undefined where nothing convinces, and for images that are
 * not registered: those of two patients or contrasts.
 */
export function registerAt(context: PairContext, point: PredictedPoint): RegisteredNear | undefined {
  if (context.areDifferentPatients || context.areDifferentContrasts) return undefined;
  const { lps, prediction } = point;
  const prior = priorOf(prediction);
  const candidate = candidateNear(point);
  const own = registerOwn(context, point, prior, candidate);
  const isOwnFirm = own !== undefined && hasAgreed(own);
  const found = isOwnFirm ? own : (registerAround(context, lps, prior) ?? own);
  if (found === undefined) return undefined;
  const isAround = found !== own;
  return {
    ...found,
    isAround,
    isFirm:
      (isOwnFirm || (isAround && found.ncc >= FIRM_AROUND_CORRELATION)) &&
      isOfSameDensity(point.target, found),
    candidateMm: candidate && distanceMm(found.lps, candidate),
  };
}

/** Whether what was registered is as dense in both scans: always true of other images than CT, whose values are no densities. */
function isOfSameDensity({ embedding }: SearchSpace, { offset }: Registered): boolean {
  return embedding.volume.modality !== 'CT' || Math.abs(offset) <= LARGEST_OFFSET_HU;
}

/** How well the images around a point correlate where a coarse registration from its prediction ends; undefined where it ends nowhere. */
export function coarseCorrelation(
  { query, target }: Pick<PairContext, 'query' | 'target'>,
  lps: LpsPoint,
  prediction: Prediction,
): number | undefined {
  return registration.register(query, target, lps, priorOf(prediction), COARSE)?.ncc;
}

/** Registers a point from its prediction; undefined where the tissue there does not look the same in both scans. */
export function registerUnchanged(
  context: Pick<PairContext, 'query' | 'target'>,
  { target, lps, prediction }: Omit<PredictedPoint, 'directions'>,
): Registered | undefined {
  const prior = priorOf(prediction);
  const found = registration.register(context.query, context.target, lps, prior, [...COARSE, ...FINE]);
  if (found === undefined || !hasAgreed(found) || !isConvincing(found, prior)) return undefined;
  return isOfSameDensity(target, found) ? found : undefined;
}

/** Whether the last registration, and what it found, show the same tissue at the point. */
function hasAgreed({ ncc }: Registered): boolean {
  return ncc >= CHANGED_CORRELATION && registration.agreementNear() >= CHANGED_AGREEMENT;
}

/** Registers what is around a point whose own tissue has changed. */
function registerAround(
  { query, target }: Pick<PairContext, 'query' | 'target'>,
  lps: LpsPoint,
  prior: Prior,
): Registered | undefined {
  const stiff = { ...prior, curvature: AROUND_CURVATURE };
  const found = registration.register(query, target, lps, stiff, AROUND);
  return found !== undefined && found.ncc >= LEAST_AROUND_CORRELATION && isConvincing(found, prior)
    ? found
    : undefined;
}

/** Whether patches are as alike as a registration must show them to contradict the neighbours as much as it does. */
function isConvincing({ movedMm, ncc }: Registered, { shiftMm }: Prior): boolean {
  if (movedMm > Math.max(LARGEST_SPREADS * shiftMm, ALWAYS_MM)) return false;
  return ncc >= (movedMm > FAR_SPREADS * shiftMm ? FAR_CORRELATION : LEAST_CORRELATION);
}

/** The embedding's best candidate near the prediction; LPS, mm. */
function candidateNear({ target, directions, prediction }: PredictedPoint): LpsPoint | undefined {
  const radius = Math.min(
    Math.max(CANDIDATE_SPREADS * prediction.spreadMm, LEAST_RADIUS_MM),
    LARGEST_RADIUS_MM,
  );
  const hit = bestWithin(target, directions, prediction.lps, radius);
  return hit && refine(target, directions, hit).lps;
}

/**
 * Registers from the prediction and from the candidate near it, and where that is doubtful from the embedding's best candidate of
 * all; undefined where nothing convinces.
 */
function registerOwn(
  context: PairContext,
  point: PredictedPoint,
  prior: Prior,
  candidate: LpsPoint | undefined,
): Registered | undefined {
  const { target, directions, lps, prediction } = point;
  let coarse = coarseFrom(context, point, prior, prediction.lps);
  if (candidate !== undefined && (coarse === undefined || distanceMm(coarse.found.lps, candidate) > BASIN_MM))
    coarse = better(coarse, coarseFrom(context, point, prior, candidate));
  if (coarse === undefined || isDoubtful(coarse)) {
    const best = refine(target, directions, bestCandidate(target, directions)).lps;
    coarse = better(coarse, coarseFrom(context, point, prior, best));
  }
  if (coarse === undefined) return undefined;
  const fine = registration.register(context.query, context.target, lps, prior, FINE, coarse.found);
  return fine !== undefined && isConvincing(fine, prior) ? fine : undefined;
}

/** Registers once with one's own prior and stages. */
export function registerWith(
  { query, target }: Pick<PairContext, 'query' | 'target'>,
  lps: LpsPoint,
  prior: Prior,
  stages: readonly Stage[],
): Registered | undefined {
  return registration.register(query, target, lps, prior, stages);
}

/** What the neighbour map says of a point, as a prior of its registration. */
export function priorOf({ lps, linear, spreadMm }: Prediction): Prior {
  const shiftMm = Math.max(spreadMm, LEAST_SHIFT_MM);
  return { centre: lps, linear, shiftMm, strain: STRAIN, curvature: CURVATURE };
}

/** A coarse registration and how well image and embedding agree there. */
interface Coarse {
  readonly found: Registered;
  readonly similarity: number;
}

function coarseFrom(
  context: PairContext,
  { target, directions, lps }: PredictedPoint,
  prior: Prior,
  start: LpsPoint,
): Coarse | undefined {
  const from = startAt(prior, start);
  const found = registration.register(context.query, context.target, lps, prior, COARSE, from);
  return found && { found, similarity: similarityAt(target, directions, found.lps) };
}

function better(a: Coarse | undefined, b: Coarse | undefined): Coarse | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return b.found.ncc + b.similarity > a.found.ncc + a.similarity ? b : a;
}

function isDoubtful({ found, similarity }: Coarse): boolean {
  return found.ncc < DOUBTFUL_CORRELATION || similarity < DOUBTFUL_SIMILARITY;
}
