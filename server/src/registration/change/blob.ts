/**
 * A blob at a point: tissue that differs from what is around it, as rays from its middle show it.
 * @module
 */
import { norm, plus } from '../../geometry/index.ts';
import type { Vector } from '../../geometry/index.ts';
import { huOf, mapHu } from '../pyramid/level.ts';
import { COARSE, FINE, median, Rays, shellAround } from './rays.ts';
import type { Sampling } from './rays.ts';
import type { Sampled } from './sampler.ts';

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

/** The value of the core. */
function coreOf(rays: Rays): number {
  const samples = CORE_MM / rays.stepMm;
  // A median: where the point lies near the surface, the mean is that of two tissues.
  return median(
    Array.from({ length: rays.directions.length * samples }, (_, n) =>
      rays.at(Math.floor(n / samples), 1 + (n % samples)),
    ),
  );
}

/** The signed contrast of what is around, where it no longer grows; 0 where there is none. */
function contrastOf(rays: Rays, core: number): number {
  const plateau = Math.ceil(PLATEAU_MM / rays.stepMm);
  for (let n = CORE_MM / rays.stepMm; n + plateau < rays.samples; n++) {
    const here = rays.medianAt(n) - core;
    if (!(Math.abs(here) >= LEAST_CONTRAST)) continue;
    const there = rays.medianAt(n + plateau) - core;
    if (here * there > 0 && (there - here) * Math.sign(here) <= PLATEAU_SHARE * Math.abs(here)) return there;
  }
  return 0;
}

/** Where a ray crosses the surface, mm; NaN where it does not. */
function surfaceAlong(rays: Rays, ray: number, core: number, limit: number): number {
  /** Samples in a row that are outside. */
  let outside = 0;
  for (let n = 1; n < rays.samples; n++) {
    outside = differenceAt(rays, ray, n, core) > limit ? outside + 1 : 0;
    if (outside * rays.stepMm < OUTSIDE_MM) continue;
    const first = n - outside + 1;
    const inner = differenceAt(rays, ray, first - 1, core);
    const outer = differenceAt(rays, ray, first, core);
    const share = outer > inner ? Math.min(Math.max((limit - inner) / (outer - inner), 0), 1) : 0;
    return (first - 1 + share) * rays.stepMm;
  }
  return NaN;
}

function differenceAt(rays: Rays, ray: number, sample: number, core: number): number {
  return Math.abs(rays.at(ray, sample) - core);
}

/** Distances of the surface along the rays: those that are no leak, ascending, and all, NaN where none was found. */
function radiiOf(rays: Rays, core: number, contrast: number) {
  // Half way in HU: a voxel that is half lung is no mean of the units of both.
  const halfWay = mapHu((huOf(core) + huOf(core + contrast)) / 2);
  const limit = Math.abs(halfWay - core);
  const all = rays.directions.map((_, ray) => surfaceAlong(rays, ray, core, limit));
  const typical = median(all);
  const radii = all.map((mm) => (mm <= LEAK * typical ? mm : NaN));
  return { radii, sorted: radii.filter((mm) => !Number.isNaN(mm)).sort((a, b) => a - b) };
}

/** From a middle to that of the surface seen from it, mm. */
function shiftOf({ directions, radii, radiusMm }: Outline): Vector {
  const shift: [number, number, number] = [0, 0, 0];
  for (const [ray, direction] of directions.entries()) {
    const mm = radii[ray] ?? NaN;
    // For a sphere seen from near its middle, three times the mean.
    for (const axis of [0, 1, 2] as const)
      shift[axis] += (1.5 * (Number.isNaN(mm) ? radiusMm : mm) * direction[axis]) / directions.length;
  }
  return shift;
}

/** What rays from a middle show. */
interface Outline {
  readonly directions: readonly Vector[];
  readonly core: number;
  readonly contrast: number;
  /** Along each ray, mm; NaN where none was found. */
  readonly radii: readonly number[];
  /** Those that were found, ascending. */
  readonly sorted: readonly number[];
  readonly radiusMm: number;
}

function outlineOf(rays: Rays, like: Appearance | undefined): Outline | undefined {
  const core = like?.core ?? coreOf(rays);
  const contrast = like === undefined ? contrastOf(rays, core) : like.outside - like.core;
  if (!(Math.abs(contrast) >= LEAST_CONTRAST)) return undefined;
  const { radii, sorted } = radiiOf(rays, core, contrast);
  const radiusMm = median(sorted);
  const { directions } = rays;
  return radiusMm >= LEAST_RADIUS_MM ? { directions, core, contrast, radii, sorted, radiusMm } : undefined;
}

/** The outline of the body that a point lies in, from its middle; undefined where it has none near the point. */
function outlineAround(
  image: Sampled,
  from: Vector,
  like: Appearance | undefined,
  sampling: Sampling,
): (Outline & Pick<Blob, 'middle'>) | undefined {
  let middle = from;
  let outline = outlineOf(new Rays(image, middle, sampling), like);
  for (let pass = 0; pass < RECENTRES && outline !== undefined; pass++) {
    middle = plus(middle, shiftOf(outline));
    if (!(norm(plus(middle, from, -1)) <= LARGEST_SHIFT_MM)) return undefined;
    outline = outlineOf(new Rays(image, middle, sampling), like);
  }
  return outline && { ...outline, middle };
}

/** Limits of an outline that is that of a compact body. */
interface Closed {
  readonly leastFound: number;
  readonly largestSpread: number;
}

function isCompact(
  { directions, sorted, radiusMm }: Outline,
  { leastFound, largestSpread }: Closed,
): boolean {
  const at = (share: number): number => sorted[Math.floor(share * sorted.length)] ?? NaN;
  const spread = (at(0.75) - at(0.25)) / radiusMm;
  return sorted.length / directions.length >= leastFound && spread <= largestSpread;
}

/** Whether a body goes on to opposite sides, as a vessel or a layer does: what touches it on one side does not. */
function goesOn({ directions, radii }: Outline): boolean {
  const open = directions.filter((_, ray) => Number.isNaN(radii[ray]));
  if (open.length < LEAST_OPEN * directions.length) return false;
  const sum = open.reduce<Vector>((total, direction) => plus(total, direction), [0, 0, 0]);
  return norm(sum) / open.length < ONE_SIDE;
}

/**
 * The blob that a point lies in.
 * @param image registration units at offsets, mm
 * @param from the point, as an offset
 * @param like what it looks like, where another scan has shown it
 * @returns undefined where nothing differs from what is around it, or it has no closed surface
 */
export function blobAt(image: Sampled, from: Vector, like?: Appearance): Blob | undefined {
  // Few points lie in a blob: a few rays show that of most others.
  const glance = outlineAround(image, from, like, COARSE);
  if (glance === undefined || !isCompact(glance, PERHAPS)) return undefined;
  const outline = outlineAround(image, from, like, FINE);
  if (outline === undefined || !isCompact(outline, SURE) || goesOn(outline)) return undefined;
  const { middle, core, contrast, radiusMm } = outline;
  if (shellAround(middle, IN_VIEW * radiusMm).some((at) => Number.isNaN(image(...at)))) return undefined;
  const difference = Math.abs(coreOf(new Rays(image, from, FINE)) - core);
  const isInside = difference <= POINT_ALIKE * Math.abs(contrast) && norm(plus(middle, from, -1)) <= radiusMm;
  return isInside ? { middle, radiusMm, core, outside: core + contrast } : undefined;
}
