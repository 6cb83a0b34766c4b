/**
 * How the patients of a pair lie against each other, in words for the reader, and by what map the target is turned to be embedded alike.
 * @module
 */
import type { Embedding, PreviewImage } from '../embedding/types.ts';
import { orAborted } from '../concurrency/index.ts';
import type { Affine } from '../geometry/index.ts';
import {
  angleBetweenDeg,
  angleDeg,
  axisOf,
  axisRotations,
  grossPose,
  MIRROR,
  transposed,
} from '../affineRegistration/index.ts';
import type { GrossPose } from '../affineRegistration/index.ts';

/** Two embeddings whose pose is wanted. */
export interface PoseRequest {
  readonly query: Embedding;
  readonly target: Embedding;
  /** The preview image of an embedding; called where the pose of the pair is not known yet. */
  readonly previewImageOf: (embedding: Embedding) => PreviewImage;
  readonly signal?: AbortSignal | undefined;
}

/** A finding about a pair, for the reader; codes are in docs/volumes.md. */
interface PoseWarning {
  readonly code: string;
  readonly message: string;
}

/** The pose of a pair. */
export interface PairPose {
  /**
   * LPS of the target series to a frame in which its patient lies like that of the query: orthogonal, of determinant -1 for a mirror
   * image. Absent where both lie alike already, as nearly always.
   */
  readonly turn?: Affine;
  /** True where left and right may be exchanged between both scans: then no answer is more than uncertain. */
  readonly isSideUnsure?: boolean;
  readonly warnings: readonly PoseWarning[];
}

/** A turn this near to an exchange of patient axes is called one, degrees. */
const LABELS_WITHIN_DEG = 15;
/** An axis is named where it is this near to one of the patient's: cosine. */
const NAMED_FROM = 0.9;
const AXIS_NAMES = ['left-right', 'front-back', 'head-foot'] as const;
const PAIR_NAMES = ['left and right', 'front and back', 'head and feet'] as const;

const PERHAPS_MIRRORED: PoseWarning = {
  code: 'matching/perhaps-mirrored',
  message:
    'this scan may be the mirror image of the query scan: that reading fits a little better than the labels do; all points are uncertain: check the side',
};

/** Finds the pose of a pair; see {@link PairPose}. */
export async function findPose(query: PreviewImage, target: PreviewImage): Promise<PairPose> {
  return describePose(await grossPose(query, target));
}

/** A pose as the map that undoes it, and as a warning. */
export function describePose(pose: GrossPose): PairPose {
  if (pose.kind === 'alike') return { warnings: [] };
  if (pose.kind === 'perhaps-mirrored') return { isSideUnsure: true, warnings: [PERHAPS_MIRRORED] };
  const turn = transposed(pose.rotation);
  if (pose.kind === 'mirrored')
    return { turn, isSideUnsure: true, warnings: [mirroredWarning(pose.rotation)] };
  return { turn, warnings: [turnedWarning(pose.rotation)] };
}

function turnedWarning(rotation: Affine): PoseWarning {
  const exchanged = exchangedAxes(rotation);
  if (exchanged !== undefined) {
    const message = `the orientation labels of this scan and of the query scan contradict each other (${exchanged}): one of them is wrong; the points were found by the anatomy, not by the labels`;
    return { code: 'matching/wrong-labels', message };
  }
  const degrees = Math.round(angleDeg(rotation));
  const message = `the patient lies turned by ${degrees}° about ${axisName(rotation)}, compared with the query scan; the points were found with the scan turned back`;
  return { code: 'matching/turned', message };
}

function mirroredWarning(rotation: Affine): PoseWarning {
  const flips = flipsOf().findIndex((flip) => angleBetweenDeg(flip, rotation) <= LABELS_WITHIN_DEG);
  const how = PAIR_NAMES[flips] === undefined ? '' : ` (${PAIR_NAMES[flips]} exchanged)`;
  const message = `this scan looks like the mirror image of the query scan${how}: left and right are wrong in one of them; the points were found by the anatomy and are uncertain: check the side`;
  return { code: 'matching/mirrored', message };
}

/** The reflections across the three planes of the patient. */
function flipsOf(): readonly Affine[] {
  return [MIRROR, [1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0], [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1, 0]];
}

/** What labels are exchanged where a rotation permutes the patient axes; undefined where it does not. */
function exchangedAxes(rotation: Affine): string | undefined {
  const [, ...exchanges] = axisRotations();
  const nearest = exchanges.find((exchange) => angleBetweenDeg(exchange, rotation) <= LABELS_WITHIN_DEG);
  if (nearest === undefined) return undefined;
  const flipped = [nearest[0], nearest[5], nearest[10]];
  const pairs = PAIR_NAMES.filter((_, axis) => flipped[axis] === -1);
  const isHalfTurn = flipped.every((cosine) => cosine !== 0);
  return isHalfTurn ? `${pairs.join(', and ')} exchanged` : `axes exchanged`;
}

function axisName(rotation: Affine): string {
  const axis = axisOf(rotation);
  const named = AXIS_NAMES.find((_, n) => Math.abs(axis[n] ?? 0) >= NAMED_FROM);
  return named === undefined ? 'an oblique axis' : `the ${named} axis`;
}

type Find = (query: PreviewImage, target: PreviewImage) => Promise<PairPose>;

/** Poses of pairs, each found once and kept as long as both embeddings; a preview image is made once for all pairs of its series. */
export class KeptPoses {
  readonly #find: Find;
  readonly #poses = new WeakMap<Embedding, WeakMap<Embedding, Promise<PairPose>>>();
  readonly #previewImages = new WeakMap<Embedding, PreviewImage>();

  constructor(find: Find) {
    this.#find = find;
  }

  /** @throws the signal's reason when it is aborted; the search goes on for the others */
  async get({ query, target, previewImageOf, signal }: PoseRequest): Promise<PairPose> {
    const ofQuery = this.#poses.get(query) ?? new WeakMap<Embedding, Promise<PairPose>>();
    this.#poses.set(query, ofQuery);
    const preview = (embedding: Embedding): PreviewImage => {
      const image = this.#previewImages.get(embedding) ?? previewImageOf(embedding);
      this.#previewImages.set(embedding, image);
      return image;
    };
    const finding = ofQuery.get(target) ?? this.#find(preview(query), preview(target));
    ofQuery.set(target, finding);
    finding.catch(() => ofQuery.delete(target));
    return await orAborted(finding, signal);
  }
}
