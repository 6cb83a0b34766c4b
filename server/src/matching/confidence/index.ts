import type { Embedding } from '../../embedding/index.ts';
import type { ErrorCalibration } from '../../model/index.ts';
import { lpsPoint } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { intoVolume } from '../../matchMethods/index.ts';
import type { Found } from '../../matchMethods/types.ts';
import type { MatchVerdict, OutOfViewSide } from '../types.ts';
import { errorRadiusMm, LARGEST_RADIUS_MM, UNCALIBRATED } from './calibration.ts';
import { similarityOf, pairSpacingOf } from './features.ts';
import { beyond, sidesOf } from './view.ts';

type VolumeGeometry = Embedding['volume'];

/** The volumes of the query and of the search. */
interface VolumePair {
  readonly query: VolumeGeometry;
  readonly target: VolumeGeometry;
}

/** What an answer is worth. */
export interface Judgement {
  readonly verdict: MatchVerdict;
  /** Only with the verdict `out-of-view`. */
  readonly outOfView?: readonly OutOfViewSide[];
  /** The answer; with the verdict `out-of-view` the point of the volume that is nearest to the counterpart. */
  readonly lps: LpsPoint;
  /** Holds the true point with 90 % probability, mm. */
  readonly errorRadiusMm: number;
}

/** With less similarity than this, and a large cycle error, the place is not in the scan. */
const LEAST_SIMILARITY = 0.55;
/** An answer with a larger cycle error than this is another place, mm. */
const LARGEST_CYCLE_ERROR_MM = 20;
/** A counterpart this far beyond the volume cannot be in it, mm: more than the neighbours' prediction errs. */
const SURELY_BEYOND_MM = 6;
/** One that is nearer to the face is, if the answer inside is not convincing, mm. */
const PERHAPS_BEYOND_MM = 1.5;
/** An answer with a smaller radius than this is convincing, mm. */
const CONVINCING_RADIUS_MM = 4;

/**
 * Judges an answer: its verdict, its error radius, and where to look when the counterpart was not scanned.
 * @param pair volumes of the query and of the search
 * @param calibration of the method that answered, with the model of both series; without, the radius is a guess, and nothing is `matched` or `absent`
 */
export function judge(found: Found, pair: VolumePair, calibration?: ErrorCalibration): Judgement {
  const otherPlaceMm = found.evidence?.otherPlaceMm;
  if (otherPlaceMm !== undefined)
    return ofDoubtfulPlace(found, pair, otherPlaceMm, calibration ?? UNCALIBRATED);
  const judged = judgeBy(found, pair, calibration ?? UNCALIBRATED);
  // How often such a statement is right was never measured; what a point beside the body looks like is not known.
  const isUnknown = calibration === undefined || found.evidence?.isBesideBody === true;
  const isUnmeasured = isUnknown && judged.verdict !== 'out-of-view';
  return isUnmeasured ? { ...judged, verdict: 'uncertain' } : judged;
}

/** The images of the pair may lie elsewhere on each other: nothing is claimed, also not that the point is out of view. */
function ofDoubtfulPlace(
  found: Found,
  pair: VolumePair,
  otherPlaceMm: number,
  calibration: ErrorCalibration,
): Judgement {
  const radius = Math.max(
    errorRadiusMm(found, pairSpacingOf(pair.query, pair.target), calibration),
    Math.min(otherPlaceMm, LARGEST_RADIUS_MM),
  );
  return { verdict: 'uncertain', lps: found.lps, errorRadiusMm: radius };
}

function judgeBy(found: Found, { query, target }: VolumePair, calibration: ErrorCalibration): Judgement {
  const areDifferentPatients = lookLikeDifferentPatients(found, calibration);
  const own = errorRadiusMm(found, pairSpacingOf(query, target), calibration);
  const radius = areDifferentPatients ? Math.max(own, calibration.differentPatients?.radiusMm ?? 0) : own;
  const judged = outOfView(found, target, radius);
  if (judged !== undefined) return judged;
  const { verdict, errorRadiusMm: radiusMm } = inView(found, radius, calibration);
  // Measured on limbs and on contrasts that were made from other images: how often `matched` would be right elsewhere is not known.
  const isUnmeasured = found.evidence?.areDifferentContrasts === true;
  const isDoubtful =
    verdict === 'matched' && (areDifferentPatients || isUnmeasured || mayLieBeyond(found, target, radius));
  return { verdict: isDoubtful ? 'uncertain' : verdict, errorRadiusMm: radiusMm, lps: found.lps };
}

/**
 * True where the matches of the whole pair agree no better than those of two patients, or its images do not: each answer is overconfident.
 */
function lookLikeDifferentPatients({ evidence }: Found, { differentPatients }: ErrorCalibration): boolean {
  if (differentPatients === undefined) return false;
  if (evidence?.areImagesUnlike === true) return true;
  const { agreement } = differentPatients;
  return (evidence?.pairAgreement ?? agreement) < agreement;
}

/** True where the neighbours put the point beyond a face of the volume, and the answer's radius reaches that far. */
function mayLieBeyond({ lps, evidence }: Found, target: VolumeGeometry, radius: number): boolean {
  if (evidence?.predicted === undefined) return false;
  const vector = beyond(target, evidence.predicted);
  const distance = Math.hypot(...vector);
  if (distance === 0) return false;
  const [x, y, z] = vector.map((part, axis) => (lps[axis] ?? 0) + (part / distance) * radius);
  return Math.hypot(...beyond(target, lpsPoint(x ?? 0, y ?? 0, z ?? 0))) > 0;
}

function outOfView(found: Found, target: VolumeGeometry, radius: number): Judgement | undefined {
  const predicted = found.evidence?.predicted;
  if (predicted === undefined) return undefined;
  const vector = beyond(target, predicted);
  const distance = Math.hypot(...vector);
  const isBeyond =
    distance > SURELY_BEYOND_MM || (distance > PERHAPS_BEYOND_MM && radius > CONVINCING_RADIUS_MM);
  // A prediction that knows nothing, as between different patients, must not send the reader away.
  if (!isBeyond || distance < (found.evidence?.sdMm ?? 0)) return undefined;
  return {
    verdict: 'out-of-view',
    outOfView: sidesOf(vector),
    lps: intoVolume(target, predicted),
    errorRadiusMm: Math.max(radius, distance),
  };
}

function inView(
  found: Found,
  radius: number,
  calibration: ErrorCalibration,
): Pick<Judgement, 'verdict' | 'errorRadiusMm'> {
  const { cycleErrorMm, step } = found;
  const similarity = similarityOf(found);
  // Between two contrasts, right answers are hardly similar.
  const leastSimilarity = Math.min(LEAST_SIMILARITY, calibration.matchedSimilarity);
  const isLost = similarity < leastSimilarity && cycleErrorMm > LARGEST_CYCLE_ERROR_MM;
  // A step of last resort that the calibration never saw, as on a pair without any neighbour map: its radius is a guess.
  const isUnknownStep = Object.keys(calibration.steps).length > 0 && calibration.steps[step] === undefined;
  const isDoubtful =
    isUnknownStep ||
    similarity < calibration.matchedSimilarity ||
    cycleErrorMm > LARGEST_CYCLE_ERROR_MM ||
    radius > calibration.matchedRadiusMm;
  return { verdict: isLost ? 'absent' : isDoubtful ? 'uncertain' : 'matched', errorRadiusMm: radius };
}
