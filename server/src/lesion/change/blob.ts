/**
 * A blob at a point: tissue that differs from what is around it, as rays from its middle show it.
 * @module
 */
import { norm, plus } from '../../geometry/index.ts';
import type { Vector } from '../../geometry/index.ts';
import { huOf, mapHu } from '../../pyramid/index.ts';
import { COARSE, FINE, rays } from './rays.ts';
import type { RayImage, Sampling, Surface } from './rays.ts';

/** The core is what lies this near to the middle, mm: less than the smallest blob. */
const CORE_MM = 2;
/** A blob differs from its surroundings by at least this, registration units (HU in soft tissue). */
const LEAST_CONTRAST = 22;
/** Less is noise, mm. */
const LEAST_RADIUS_MM = 1;
/** The contrast is that where it no longer grows by this share within {@link PLATEAU_MM}. */
const PLATEAU_SHARE = 0.12;
const PLATEAU_MM = 3;
/** Beyond the surface, a ray stays outside this far, mm; less is noise. */
const OUTSIDE_MM = 2;
/** A ray that is longer than so many medians has found another surface. */
const LEAK = 1.7;
/** Share of the rays that must find the surface, and interquartile range of the radii over their median: a vessel has 0.42. */
const SURE: Closed = { leastFound: 0.6, largestSpread: 0.3 };
/** The same for the few rays that most points end with. */
const PERHAPS: Closed = { leastFound: 0.5, largestSpread: 0.5 };
/** Fewer open rays are chance. Their mean direction is this long at least where all are on one side. */
const LEAST_OPEN = 0.08;
const ONE_SIDE = 0.6;
/** All is in view up to this many radii. */
const IN_VIEW = 1.2;
/** The point looks like the core, up to this share of the contrast: it lies in the blob itself, not in a part that looks otherwise. */
const POINT_ALIKE = 0.35;
/** The middle is looked for so often, and not farther from the point than this, mm. */
const RECENTRES = 3;
const LARGEST_SHIFT_MM = 14;

/** What a blob and its surroundings look like: mean of the core, and median of what is just outside; registration units. */
interface Appearance {
  readonly core: number;
  readonly outside: number;
}

/** Tissue that differs from what is around it. */
export interface Blob extends Appearance {
  /** Offset, mm. */
  readonly middle: Vector;
  /** Median distance of the surface from the middle, mm. */
  readonly radiusMm: number;
}

/** The value of the core that the rays of a sampling begin in. */
function coreOf({ stepMm }: Sampling): number {
  // A median: where the point lies near the surface, the mean is that of two tissues.
  return rays.medianOf(1, CORE_MM / stepMm);
}

/** The signed contrast of what is around, where it no longer grows; 0 where there is none. */
function contrastOf({ stepMm }: Sampling, core: number): number {
  const plateau = Math.ceil(PLATEAU_MM / stepMm);
  for (let n = CORE_MM / stepMm; n + plateau < rays.samples; n++) {
    const here = rays.medianAt(n) - core;
    if (!(Math.abs(here) >= LEAST_CONTRAST)) continue;
    const there = rays.medianAt(n + plateau) - core;
    if (here * there > 0 && (there - here) * Math.sign(here) <= PLATEAU_SHARE * Math.abs(here)) return there;
  }
  return 0;
}

/** Where the rays cross the surface of a core. */
function surfaceOf(core: number, contrast: number): Surface {
  // Half way in HU: a voxel that is half lung is no mean of the units of both.
  const halfWay = mapHu((huOf(core) + huOf(core + contrast)) / 2);
  return rays.surface(core, Math.abs(halfWay - core), OUTSIDE_MM, LEAK);
}

/** What the rays that were opened last show. */
interface Outline extends Surface {
  /** Where they begin, an offset, mm. */
  readonly middle: Vector;
  readonly core: number;
  readonly contrast: number;
  /** How many they are. */
  readonly rays: number;
}

/** The outline of the body that a point lies in, seen from there; undefined where there is none. */
function outlineFrom(
  image: RayImage,
  middle: Vector,
  like: Appearance | undefined,
  sampling: Sampling,
): Outline | undefined {
  rays.open(image, middle, sampling);
  const core = like?.core ?? coreOf(sampling);
  const contrast = like === undefined ? contrastOf(sampling, core) : like.outside - like.core;
  if (!(Math.abs(contrast) >= LEAST_CONTRAST)) return undefined;
  const surface = surfaceOf(core, contrast);
  const isSeen = surface.radiusMm >= LEAST_RADIUS_MM;
  return isSeen ? { ...surface, middle, core, contrast, rays: sampling.directions.length } : undefined;
}

/** The outline of the body that a point lies in, from its middle; undefined where it has none near the point. */
function outlineAround(
  image: RayImage,
  from: Vector,
  like: Appearance | undefined,
  sampling: Sampling,
): Outline | undefined {
  let outline = outlineFrom(image, from, like, sampling);
  for (let pass = 0; pass < RECENTRES && outline !== undefined; pass++) {
    const middle = plus(outline.middle, rays.shift(outline.radiusMm));
    if (!(norm(plus(middle, from, -1)) <= LARGEST_SHIFT_MM)) return undefined;
    outline = outlineFrom(image, middle, like, sampling);
  }
  return outline;
}

/** Limits of an outline that is that of a compact body. */
interface Closed {
  readonly leastFound: number;
  readonly largestSpread: number;
}

function isCompact(outline: Outline, { leastFound, largestSpread }: Closed): boolean {
  const spread = outline.rangeMm / outline.radiusMm;
  return outline.found / outline.rays >= leastFound && spread <= largestSpread;
}

/**
 * Whether the body whose outline the rays have shown last goes on to opposite sides, as a vessel or a layer does: what touches it on one
 * side does not.
 */
function goesOn(outline: Outline): boolean {
  const open = rays.openDirections();
  if (open.length < LEAST_OPEN * outline.rays) return false;
  const sum = open.reduce<Vector>((total, direction) => plus(total, direction), [0, 0, 0]);
  return norm(sum) / open.length < ONE_SIDE;
}

/**
 * The blob that a point lies in.
 * @param from the point, as an offset
 * @param like what it looks like, where another scan has shown it
 * @returns undefined where nothing differs from what is around it, or it has no closed surface
 */
export function blobAt(image: RayImage, from: Vector, like?: Appearance): Blob | undefined {
  // Few points lie in a blob: a few rays show that of most others.
  const glance = outlineAround(image, from, like, COARSE);
  if (glance === undefined || !isCompact(glance, PERHAPS)) return undefined;
  const outline = outlineAround(image, from, like, FINE);
  if (outline === undefined || !isCompact(outline, SURE) || goesOn(outline)) return undefined;
  const { middle, core, contrast, radiusMm } = outline;
  if (rays.shellAt(0, IN_VIEW * radiusMm).some(Number.isNaN)) return undefined;
  rays.open(image, from, FINE);
  const difference = Math.abs(coreOf(FINE) - core);
  const isInside = difference <= POINT_ALIKE * Math.abs(contrast) && norm(plus(middle, from, -1)) <= radiusMm;
  return isInside ? { middle, radiusMm, core, outside: core + contrast } : undefined;
}
