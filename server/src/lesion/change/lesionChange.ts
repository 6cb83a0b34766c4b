/**
 * What became of a lesion between two registered scans. Nothing is said where the images are doubtful.
 * @module
 */
import { norm, plus } from '../../geometry/index.ts';
import type { Vector } from '../../geometry/index.ts';
import { median } from '../../numerics/index.ts';
import { blobAt } from './blob.ts';
import type { Blob } from './blob.ts';
import type { Around } from './image.ts';
import { FINE, rays } from './rays.ts';
import type { RayImage } from './rays.ts';

/** From the query to the target, whichever is the earlier one. */
export const LESION_CHANGES = ['unchanged', 'larger', 'smaller', 'gone', 'appeared'] as const;

/** What became of a lesion, with the diameters of the spheres that are as large as it, mm. */
export interface LesionChange {
  readonly kind: (typeof LESION_CHANGES)[number];
  /** Absent with `appeared`. */
  readonly queryDiameterMm?: number;
  /** Absent with `gone`. */
  readonly targetDiameterMm?: number;
}

/** Less contrast than this between a lesion and its surroundings is no evidence, registration units (HU in soft tissue). */
const LEAST_EVIDENCE = 30;
/** A lesion is larger or smaller by at least this ratio of the diameters, and so many mm: 1.5 voxels of the working image. */
const [CHANGED_RATIO, CHANGED_MM] = [1.3, 3];
/** It is unchanged up to this ratio, or so many mm. Between both, nothing is said. */
const [UNCHANGED_RATIO, UNCHANGED_MM] = [1.15, 1.5];
/** Of two scans, lesion and surroundings may differ by this share of the contrast. */
const ALIKE = 0.35;
/** The core of a blob of a smaller radius (mm) is mixed with its surroundings, up to this share of the contrast. */
const [BLURRED_MM, BLURRED] = [7, 0.8];
/** The middles are at most this far apart: mm, or as a share of the larger radius. */
const [APART_MM, APART_SHARE] = [3, 0.5];
/** Between two surfaces the scans differ by at least this share of the contrast. */
const SHELL_DIFFERENCE = 0.4;
/** Distances (in radii) at which nothing is left of a lesion, or the scans are compared. */
const SHELLS = [0.15, 0.3, 0.45, 0.6, 0.75, 0.9];
const [INSIDE, AROUND] = [0.5, 1.2];
/** So much of the place may look like the lesion that is gone. */
const LARGEST_REMNANT = 0.03;
/** The middle of that place looks this much like the surroundings (0 = the lesion, 1 = what was around it), and no other tissue came. */
const [LEAST_RESOLVED, LARGEST_RESOLVED] = [0.7, 1.6];
/** A blob near there with this share of the contrast is what is left of the lesion. */
const LEAST_REST = 0.2;
/** A middle that differs by this much from what is around it is the rest of a lesion. */
const LARGEST_DIP = 0.2;

/**
 * Compares the lesion at a point of the query with what the target shows there.
 * @param query image around the point
 * @param target image at the registered places, and the volume of the target per volume of the query
 * @returns undefined where neither image shows a lesion with a closed surface, or they do not agree on what became of it
 */
export function lesionChange(
  query: RayImage,
  { image: target, volumeRatio }: Around,
): LesionChange | undefined {
  const inQuery = blobAt(query, [0, 0, 0]);
  const inTarget = blobAt(target, [0, 0, 0]);
  // What one scan shows is looked for in the other, too.
  const q = inQuery ?? (inTarget && blobAt(query, inTarget.middle, inTarget));
  const t = inTarget ?? (inQuery && blobAt(target, inQuery.middle, inQuery));
  const ofQuery = q && { queryDiameterMm: 2 * q.radiusMm };
  const ofTarget = t && { targetDiameterMm: 2 * t.radiusMm * Math.cbrt(volumeRatio) };
  const kind = q && t ? kindOf(query, target, q, t) : kindOfLone(query, target, q, t);
  return kind && { kind, ...ofQuery, ...ofTarget };
}

/** What became of a lesion that one scan shows; undefined where the other one does not show only what was around it. */
function kindOfLone(
  query: RayImage,
  target: RayImage,
  q: Blob | undefined,
  t: Blob | undefined,
): LesionChange['kind'] | undefined {
  if (q !== undefined && isResolved(target, q)) return 'gone';
  return t !== undefined && isResolved(query, t) ? 'appeared' : undefined;
}

/** What became of a lesion that both scans show; undefined where they may show different ones, or the difference is small. */
function kindOf(query: RayImage, target: RayImage, q: Blob, t: Blob): LesionChange['kind'] | undefined {
  const [large, small] = q.radiusMm >= t.radiusMm ? [q, t] : [t, q];
  if (!isSameLesion(large, small)) return undefined;
  const contrast = Math.abs(large.outside - large.core);
  const differenceAt = (mm: number): number => medianDifference(query, target, large.middle, mm) / contrast;
  const { radiusMm } = large;
  const ratio = radiusMm / small.radiusMm;
  const growthMm = 2 * (radiusMm - small.radiusMm);
  if (ratio >= CHANGED_RATIO && growthMm >= CHANGED_MM) {
    const isSeen = differenceAt((radiusMm + small.radiusMm) / 2) >= SHELL_DIFFERENCE;
    if (!isSeen) return undefined;
    return large === q ? 'smaller' : 'larger';
  }
  const isLikeBefore =
    (ratio <= UNCHANGED_RATIO || growthMm <= UNCHANGED_MM) &&
    Math.max(differenceAt(INSIDE * radiusMm), differenceAt(AROUND * radiusMm)) <= ALIKE;
  return isLikeBefore ? 'unchanged' : undefined;
}

/** The median over the rays from a point of how much two images differ at a distance, mm. */
function medianDifference(query: RayImage, target: RayImage, from: Vector, mm: number): number {
  rays.open(query, from, FINE);
  rays.shellAt(0, mm);
  rays.turnTo(target);
  rays.shellAt(1, mm);
  return rays.medianDifference(0, 1);
}

/** Whether two blobs are one lesion: at one place, of like density, in like surroundings. */
function isSameLesion(large: Blob, small: Blob): boolean {
  const contrast = large.outside - large.core;
  if (Math.abs(contrast) < LEAST_EVIDENCE) return false;
  const apart = norm(plus(large.middle, small.middle, -1));
  if (apart > Math.max(APART_MM, APART_SHARE * large.radiusMm)) return false;
  const outside = (small.outside - large.outside) / contrast;
  const core = (small.core - large.core) / contrast;
  const brightest = small.radiusMm < BLURRED_MM ? BLURRED : ALIKE;
  return Math.abs(outside) <= ALIKE && core >= -ALIKE && core <= brightest && core < 1 + outside;
}

/** Whether a scan shows at the place of the other one's lesion only what was around it. */
function isResolved(image: RayImage, { middle, radiusMm, core, outside }: Blob): boolean {
  const contrast = outside - core;
  if (Math.abs(contrast) < LEAST_EVIDENCE) return false;
  rays.open(image, middle, FINE);
  const shells = SHELLS.map((share, n) =>
    Array.from(rays.shellAt(n, share * radiusMm), (value, ray) => {
      const at = plus(middle, FINE.directions[ray] ?? middle, share * radiusMm);
      return { at, likeness: (value - core) / contrast };
    }),
  );
  const all = shells.flat();
  if (all.some(({ likeness }) => Number.isNaN(likeness))) return false;
  const remnant = all.filter(({ likeness }) => likeness < INSIDE).length / all.length;
  const medians = shells.map((shell) => median(shell.map(({ likeness }) => likeness)));
  const inner = Math.min(medians[0] ?? NaN, medians[1] ?? NaN);
  const outer = medians.at(-2) ?? NaN;
  const least = all.reduce((a, b) => (b.likeness < a.likeness ? b : a));
  const rest = blobAt(image, least.at);
  const hasRest = rest !== undefined && (rest.outside - rest.core) / contrast >= LEAST_REST;
  return (
    !hasRest &&
    remnant <= LARGEST_REMNANT &&
    inner >= LEAST_RESOLVED &&
    inner >= outer - LARGEST_DIP &&
    Math.max(...medians) <= LARGEST_RESOLVED
  );
}
