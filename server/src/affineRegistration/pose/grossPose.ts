/**
 * How two patients lie against each other, and which of the poses found is believed.
 * @module
 */
import type { PreviewImage } from '../../embedding/types.ts';
import type { Affine } from '../../geometry/index.ts';
import { halfOf, levelsOf } from '../affine/levels.ts';
import type { Level } from '../affine/levels.ts';
import { Overlap } from '../affine/overlap.ts';
import { descend, scoreOf, startsOf } from '../affine/register.ts';
import type { Registration } from '../affine/register.ts';
import { angleDeg, isMirroring, nearestOrthogonal } from './rotations.ts';
import { mirroredAt, searchPoses } from './search.ts';

/** How the patient of the target lies against that of the query. */
export type GrossPose =
  | { readonly kind: 'alike' }
  /** The target might be a mirror image of the query: both readings fit about as well. */
  | { readonly kind: 'perhaps-mirrored' }
  | TurnedPose;

/** A pose that has to be undone. */
interface TurnedPose {
  readonly kind: 'turned' | 'mirrored';
  /** Orthogonal, LPS of the query to LPS of the target; of determinant -1 where `mirrored`. */
  readonly rotation: Affine;
  /** The affine map that it is read from. */
  readonly registration: Registration;
}

/** Patients that lie this near to each other are left as they are, degrees: the network was trained on such turns. */
const ALIKE_WITHIN_DEG = 12;
/** The same for the screening in voxels of 32 mm, which errs by some degrees. */
const SCREENED_WITHIN_DEG = 9;
/** With this correlation in voxels of 32 mm no other pose is tried. */
const SURELY_ALIKE = 0.85;
/** ... where they share this much of the smaller body: an abdomen upside down correlates by 0.9 over half of it. */
const SURELY_SHARED = 0.6;
/** Below this correlation a pose is not believed: other regions, other patients. */
const LEAST_CORRELATION = 0.6;
/** A turned pose has to be better than the plain one by this much. */
const BETTER_BY = 0.05;
/** A mirror image is believed where it is better by this much; the human body is nearly its own. */
const SURELY_BETTER_BY = 0.05;
/** ... and the reader is warned from this much on. */
const PERHAPS_BETTER_BY = 0.01;
/** Shifts along the patient that the screening refines. */
const SCREENED_STARTS = 2;
/** Steps of the screening: shifts, then affine. */
const SHIFT_STEPS = 3;
const AFFINE_STEPS = 5;

/**
 * The pose of a pair of CTs; other pairs count as alike: contrasts that differ correlate in no pose.
 * A pair that lies alike costs some milliseconds, any other one 0.5 to 1 s, with turns for other work.
 * @throws the signal's reason when it is aborted
 */
export async function grossPose(
  query: PreviewImage,
  target: PreviewImage,
  signal?: AbortSignal,
): Promise<GrossPose> {
  if (query.volume.modality !== 'CT' || target.volume.modality !== 'CT') return { kind: 'alike' };
  const [q, t] = [levelsOf(query), levelsOf(target)];
  const screening = await screenPair(halfOf(q.half), halfOf(t.half), signal);
  if (screening.isAlike) return { kind: 'alike' };
  const { plain, proper, mirrored } = await searchPoses(q, t, screening.plain.queryToTarget, signal);
  return judgePoses(plain, proper, mirrored);
}

/** Which of the best poses of each kind is to be believed. */
export function judgePoses(
  plain: Registration,
  found: Registration | undefined,
  mirrored: Registration | undefined,
): GrossPose {
  const proper = found !== undefined && scoreOf(found) > scoreOf(plain) ? found : plain;
  const isMirrorSeen = mirrored !== undefined && mirrored.correlation >= LEAST_CORRELATION;
  if (isMirrorSeen && scoreOf(mirrored) > scoreOf(proper) + PERHAPS_BETTER_BY) {
    const isSure = scoreOf(mirrored) > scoreOf(proper) + SURELY_BETTER_BY;
    const rotation = nearestOrthogonal(mirrored.queryToTarget);
    return isSure ? { kind: 'mirrored', rotation, registration: mirrored } : { kind: 'perhaps-mirrored' };
  }
  if (proper.correlation < LEAST_CORRELATION) return { kind: 'alike' };
  const rotation = nearestOrthogonal(proper.queryToTarget);
  const isPlainAsGood = isAlike(plain, ALIKE_WITHIN_DEG) && scoreOf(proper) < scoreOf(plain) + BETTER_BY;
  if (isPlainAsGood || angleDeg(rotation) < ALIKE_WITHIN_DEG) return { kind: 'alike' };
  return { kind: 'turned', rotation, registration: proper };
}

function isAlike({ queryToTarget }: Registration, withinDeg: number): boolean {
  return !isMirroring(queryToTarget) && angleDeg(nearestOrthogonal(queryToTarget)) < withinDeg;
}

interface Screening {
  /** The best affine map near no turn at all. */
  readonly plain: Registration;
  readonly isAlike: boolean;
}

/** Whether two scans in voxels of 32 mm lie on each other as they are, and better so than one of them mirrored. */
async function screenPair(query: Level, target: Level, signal: AbortSignal | undefined): Promise<Screening> {
  const overlap = new Overlap(query, target);
  const refined = async (start: Affine): Promise<Registration> => {
    const moved = await descend(overlap, start, SHIFT_STEPS, false, signal);
    return await descend(overlap, moved.queryToTarget, AFFINE_STEPS, true, signal);
  };
  const ended: Registration[] = [];
  for (const start of startsOf(query, target, overlap).slice(0, SCREENED_STARTS))
    ended.push(await refined(start));
  const [plain] = ended.sort((a, b) => scoreOf(b) - scoreOf(a));
  if (plain === undefined) throw new RangeError('a registration has a start');
  const mirrored = await refined(mirroredAt(plain.queryToTarget, query));
  const shared = (plain.overlap * query.body.length) / Math.min(query.body.length, target.body.length);
  const isPlain =
    isAlike(plain, SCREENED_WITHIN_DEG) && plain.correlation >= SURELY_ALIKE && shared >= SURELY_SHARED;
  return { plain, isAlike: isPlain && scoreOf(mirrored) < scoreOf(plain) };
}
