/**
 * A blob at a point: tissue that differs from what is around it, as rays from its middle show it.
 * @module
 */
import { norm, plus } from '../../geometry/index.ts';
import type { Vector } from '../../geometry/index.ts';
import { huOf, mapHu } from '../pyramid/level.ts';
import type { Sampled } from './sampler.ts';

/** Rays are evenly spread over the sphere. */
const RAYS = 96;
/** Samples along a ray are this far apart, mm: half a voxel of the working image. */
const STEP_MM = 1;
/** Longest ray, mm: a lesion of 44 mm and what is around it. */
const REACH_MM = 26;
const SAMPLES = REACH_MM / STEP_MM + 1;
/** The core is what lies this near to the middle, samples of a ray: less than the smallest blob. */
const CORE_SAMPLES = 2;
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
/** Rays that must find the surface. */
const LEAST_FOUND = 0.6;
/** Interquartile range of the radii over their median: a vessel has 0.42. */
const LARGEST_SPREAD = 0.3;
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

/** Directions on the Fibonacci lattice. */
const DIRECTIONS: readonly Vector[] = Array.from({ length: RAYS }, (_, n) => {
  const z = 1 - (2 * n + 1) / RAYS;
  const r = Math.sqrt(1 - z * z);
  const turn = n * Math.PI * (3 - Math.sqrt(5));
  return [r * Math.cos(turn), r * Math.sin(turn), z];
});

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

/** The rays from a middle: values in registration units, ray after ray. */
function raysFrom(image: Sampled, [x, y, z]: Vector): Float64Array {
  const values = new Float64Array(RAYS * SAMPLES);
  let at = 0;
  for (const [dx, dy, dz] of DIRECTIONS)
    for (let n = 0; n < SAMPLES; n++) {
      const mm = n * STEP_MM;
      values[at++] = image([x + mm * dx, y + mm * dy, z + mm * dz]);
    }
  return values;
}

/** The middle value; those out of view (NaN) do not count. */
export function median(values: readonly number[]): number {
  // Numbers of a typed array are sorted without a call for each comparison.
  const sorted = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  return sorted[sorted.length >> 1] ?? NaN;
}

function coreOf(rays: Float64Array): number {
  // A median: where the point lies near the surface, the mean is that of two tissues.
  return median(
    Array.from({ length: RAYS * CORE_SAMPLES }, (_, n) => {
      const [ray, sample] = [Math.floor(n / CORE_SAMPLES), n % CORE_SAMPLES];
      return rays[ray * SAMPLES + 1 + sample] ?? NaN;
    }),
  );
}

/** The signed contrast of what is around, where it no longer grows; 0 where there is none. */
function contrastOf(rays: Float64Array, core: number): number {
  const differenceAt = (n: number): number =>
    median(Array.from({ length: RAYS }, (_, ray) => (rays[ray * SAMPLES + n] ?? NaN) - core));
  const plateau = PLATEAU_MM / STEP_MM;
  for (let n = 2; n + plateau < SAMPLES; n++) {
    const here = differenceAt(n);
    if (!(Math.abs(here) >= LEAST_CONTRAST)) continue;
    const there = differenceAt(n + plateau);
    if (here * there > 0 && (there - here) * Math.sign(here) <= PLATEAU_SHARE * Math.abs(here)) return there;
  }
  return 0;
}

/** Where each ray crosses the surface, mm; NaN where it does not. */
function surfaceOf(rays: Float64Array, core: number, limit: number): number[] {
  const runs = OUTSIDE_MM / STEP_MM;
  return Array.from({ length: RAYS }, (_, ray) => {
    const differenceAt = (n: number): number => Math.abs((rays[ray * SAMPLES + n] ?? NaN) - core);
    for (let n = 1; n + runs <= SAMPLES; n++) {
      let isOutside = true;
      for (let m = 0; m < runs; m++) isOutside &&= differenceAt(n + m) > limit;
      if (!isOutside) continue;
      const [inner, outer] = [differenceAt(n - 1), differenceAt(n)];
      const share = outer > inner ? Math.min(Math.max((limit - inner) / (outer - inner), 0), 1) : 0;
      return (n - 1 + share) * STEP_MM;
    }
    return NaN;
  });
}

/** Distances of the surface along the rays: those that are no leak, ascending, and all, NaN where none was found. */
function radiiOf(rays: Float64Array, core: number, contrast: number) {
  // Half way in HU: a voxel that is half lung is no mean of the units of both.
  const halfWay = mapHu((huOf(core) + huOf(core + contrast)) / 2);
  const all = surfaceOf(rays, core, Math.abs(halfWay - core));
  const typical = median(all);
  const radii = all.map((mm) => (mm <= LEAK * typical ? mm : NaN));
  return { radii, sorted: radii.filter((mm) => !Number.isNaN(mm)).sort((a, b) => a - b) };
}

/** From a middle to that of the surface seen from it, mm. */
function shiftOf(radii: readonly number[], typical: number): Vector {
  const shift: [number, number, number] = [0, 0, 0];
  for (const [ray, direction] of DIRECTIONS.entries()) {
    const mm = radii[ray] ?? NaN;
    // For a sphere seen from near its middle, three times the mean.
    for (const axis of [0, 1, 2] as const)
      shift[axis] += (1.5 * (Number.isNaN(mm) ? typical : mm) * direction[axis]) / RAYS;
  }
  return shift;
}

/** What rays from a middle show. */
interface Outline {
  readonly core: number;
  readonly contrast: number;
  /** Along each ray, mm; NaN where none was found. */
  readonly radii: readonly number[];
  /** Those that were found, ascending. */
  readonly sorted: readonly number[];
  readonly radiusMm: number;
}

function outlineOf(image: Sampled, middle: Vector, like: Appearance | undefined): Outline | undefined {
  const rays = raysFrom(image, middle);
  const core = like?.core ?? coreOf(rays);
  const contrast = like === undefined ? contrastOf(rays, core) : like.outside - like.core;
  if (!(Math.abs(contrast) >= LEAST_CONTRAST)) return undefined;
  const { radii, sorted } = radiiOf(rays, core, contrast);
  const radiusMm = median(sorted);
  return radiusMm >= LEAST_RADIUS_MM ? { core, contrast, radii, sorted, radiusMm } : undefined;
}

/** Whether an outline is that of a compact, closed body. */
function isClosed({ sorted, radii, radiusMm }: Outline): boolean {
  const at = (share: number): number => sorted[Math.floor(share * sorted.length)] ?? NaN;
  const spread = (at(0.75) - at(0.25)) / radiusMm;
  return sorted.length / RAYS >= LEAST_FOUND && spread <= LARGEST_SPREAD && !goesOn(radii);
}

/** Whether a body goes on to opposite sides, as a vessel or a layer does: what touches it on one side does not. */
function goesOn(radii: readonly number[]): boolean {
  const open = DIRECTIONS.filter((_, ray) => Number.isNaN(radii[ray]));
  if (open.length < LEAST_OPEN * RAYS) return false;
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
  let middle = from;
  let outline = outlineOf(image, middle, like);
  for (let pass = 0; pass < RECENTRES && outline !== undefined; pass++) {
    middle = plus(middle, shiftOf(outline.radii, outline.radiusMm));
    if (!(norm(plus(middle, from, -1)) <= LARGEST_SHIFT_MM)) return undefined;
    outline = outlineOf(image, middle, like);
  }
  if (outline === undefined || !isClosed(outline)) return undefined;
  const { core, contrast, radiusMm } = outline;
  if (shellAround(middle, IN_VIEW * radiusMm).some((at) => Number.isNaN(image(at)))) return undefined;
  const difference = Math.abs(coreOf(raysFrom(image, from)) - core);
  const isInside = difference <= POINT_ALIKE * Math.abs(contrast) && norm(plus(middle, from, -1)) <= radiusMm;
  return isInside ? { middle, radiusMm, core, outside: core + contrast } : undefined;
}

/** Places at a distance (mm) from a middle along all rays. */
export function shellAround(middle: Vector, mm: number): Vector[] {
  return DIRECTIONS.map((direction) => plus(middle, direction, mm));
}
