/**
 * The edge of a lesion in the plane of a slice: where rays from its middle come half way from its own value to that of its surroundings.
 * @module
 */
import { median } from '../../numerics/index.ts';
import { between, moved } from './plane.ts';
import type { Offset } from './plane.ts';

/** An image in a plane: modality values at offsets from its middle; NaN beyond it. */
export type Slice = (a: number, b: number) => number;

/** What is expected of a lesion: its middle, the direction of its long diameter, half of it, and its width over its length. */
export interface Expected {
  readonly middle: Offset;
  readonly direction: Offset;
  readonly halfMm: number;
  readonly ratio: number;
}

/** The edge of a lesion. */
export interface Contour {
  readonly middle: Offset;
  /** In order around the middle. */
  readonly edge: readonly Offset[];
  /** For each: whether it was found, or lies between neighbours that were. */
  readonly isFound: readonly boolean[];
}

const RAYS = 48;
/** Distance of samples along a ray, as measured along the long diameter, mm. */
const STEP_MM = 0.5;
/** Rays end at so many times the expected half diameter, within these bounds, mm. */
const REACH = 3;
const [LEAST_REACH_MM, LARGEST_REACH_MM] = [20, 60];
/** The core is what lies this near to the middle: share of the half diameter, and mm. */
const [CORE, LEAST_CORE_MM] = [0.25, 1];
/** The contrast is that where it no longer grows by this share within so much: share of the half diameter, and mm. */
const [PLATEAU_SHARE, PLATEAU, LEAST_PLATEAU_MM] = [0.12, 0.3, 3];
/** The contrast is at least this many standard deviations of the core. */
const NOISE = 1.5;
/** Less than this share of the largest contrast within so many half diameters is texture of the lesion. */
const [TEXTURE, NEAR] = [0.5, 1.6];
/** Beyond the edge, a ray stays outside this far, mm; less is noise. */
const OUTSIDE_MM = 1.5;
/** A ray that is longer than so many medians has found another edge. */
const LEAK = 1.9;
/** The middle is looked for so often, and within this of the expected one: share of the half diameter, and mm. */
const RECENTRES = 3;
const [LARGEST_SHIFT, LEAST_SHIFT_MM] = [0.7, 4];
/** Share of the rays that must find the edge. */
const LEAST_FOUND = 0.85;
/** Mean difference of neighbouring rays over their median: more is noise. */
const ROUGH = 0.1;
/** Across the edge, from so much of a ray to so much, the image changes by these shares of the contrast. */
const [INSIDE, BEYOND] = [0.7, 1.35];
const [LEAST_STEP, LARGEST_STEP] = [0.7, 1.5];
/** Interquartile range of the distances of an edge from its middle over their median, measured by the ellipse that is like it. */
const UNLIKE_ELLIPSE = 0.22;

/** Rays from a middle through an image, sampled as far as they are read. */
class PlaneRays {
  readonly directions: readonly Offset[];
  readonly samples: number;
  readonly #slice: Slice;
  readonly #middle: Offset;
  readonly #values: Float64Array;
  readonly #isRead: Uint8Array;

  constructor(slice: Slice, middle: Offset, { direction: [c, s], halfMm, ratio }: Expected) {
    this.directions = Array.from({ length: RAYS }, (_, ray) => {
      const [x, y] = [Math.cos((2 * Math.PI * ray) / RAYS), ratio * Math.sin((2 * Math.PI * ray) / RAYS)];
      return [x * c - y * s, x * s + y * c];
    });
    const reach = Math.min(Math.max(REACH * halfMm, LEAST_REACH_MM), LARGEST_REACH_MM);
    this.samples = Math.ceil(reach / STEP_MM) + 1;
    this.#slice = slice;
    this.#middle = middle;
    this.#values = new Float64Array(this.samples * RAYS);
    this.#isRead = new Uint8Array(this.samples * RAYS);
  }

  /** NaN out of view. */
  at(ray: number, sample: number): number {
    const at = sample * RAYS + ray;
    if (this.#isRead[at] !== 1) {
      this.#isRead[at] = 1;
      this.#values[at] = this.#slice(...this.placeAt(ray, sample * STEP_MM));
    }
    return this.#values[at] ?? NaN;
  }

  placeAt(ray: number, mm: number): Offset {
    return moved(this.#middle, this.directions[ray] ?? [NaN, NaN], mm);
  }

  /** Values of all rays up to a sample. */
  upTo(sample: number): number[] {
    return Array.from({ length: (sample + 1) * RAYS }, (_, n) => this.at(n % RAYS, Math.floor(n / RAYS)));
  }

  medianAt(sample: number): number {
    return median(this.directions.map((_, ray) => this.at(ray, sample)));
  }
}

/** The value of the core, and the signed contrast of what is around it where it no longer grows; undefined where there is none. */
function contrastOf(
  rays: PlaneRays,
  halfMm: number,
  leastContrast: number,
): { readonly core: number; readonly contrast: number } | undefined {
  const first = Math.round(Math.max(CORE * halfMm, LEAST_CORE_MM) / STEP_MM);
  const values = rays.upTo(first);
  const core = median(values);
  // Of a normal distribution, the median deviation is 0.67 standard deviations.
  const noise = median(values.map((value) => Math.abs(value - core))) / 0.67;
  const near = Array.from({ length: Math.min(rays.samples, Math.ceil((NEAR * halfMm) / STEP_MM)) }, (_, n) =>
    Math.abs(rays.medianAt(n) - core),
  );
  const largest = near.reduce((most, here) => (here > most ? here : most), 0);
  const least = Math.max(leastContrast, NOISE * noise, TEXTURE * largest);
  const plateau = Math.ceil(Math.max(PLATEAU * halfMm, LEAST_PLATEAU_MM) / STEP_MM);
  for (let n = first; n + plateau < rays.samples; n++) {
    const here = rays.medianAt(n) - core;
    if (!(Math.abs(here) >= least)) continue;
    const contrast = rays.medianAt(n + plateau) - core;
    const growth = (contrast - here) * Math.sign(here);
    if (here * contrast > 0 && Math.abs(contrast) >= least && growth <= PLATEAU_SHARE * Math.abs(here))
      return { core, contrast };
  }
  return undefined;
}

/** Where a ray crosses half the contrast to stay outside, mm along the long diameter; NaN where it does not. */
function crossingOf(rays: PlaneRays, ray: number, core: number, contrast: number): number {
  const shareAt = (n: number): number => (rays.at(ray, n) - core) / contrast;
  let outside = 0;
  for (let n = 1; n < rays.samples; n++) {
    outside = shareAt(n) > 0.5 ? outside + 1 : 0;
    if (outside * STEP_MM < OUTSIDE_MM) continue;
    const first = n - outside + 1;
    const [inner, outer] = [shareAt(first - 1), shareAt(first)];
    const share = outer > inner ? Math.min(Math.max((0.5 - inner) / (outer - inner), 0), 1) : 0;
    return (first - 1 + share) * STEP_MM;
  }
  return NaN;
}

/** Radii without those that were not found: between the nearest neighbours that were. */
function filled(radii: readonly number[]): readonly number[] {
  const at = (ray: number): number => radii[(ray + RAYS) % RAYS] ?? NaN;
  const nearest = (ray: number, step: 1 | -1): number => {
    let distance = 0;
    while (distance < RAYS && Number.isNaN(at(ray + step * distance + RAYS))) distance++;
    return distance;
  };
  return radii.map((mm, ray) => {
    if (!Number.isNaN(mm)) return mm;
    const [before, after] = [nearest(ray, -1), nearest(ray, 1)];
    return (at(ray - before + RAYS) * after + at(ray + after) * before) / (before + after);
  });
}

/** Radii without single outliers, and with the mean of their neighbours. */
function smoothed(radii: readonly number[]): readonly number[] {
  const at = (of: readonly number[], ray: number): number => of[(ray + RAYS) % RAYS] ?? NaN;
  const medians = radii.map((mm, ray) => median([at(radii, ray - 1), mm, at(radii, ray + 1)]));
  return medians.map((mm, ray) => (at(medians, ray - 1) + 2 * mm + at(medians, ray + 1)) / 4);
}

/** Middle of the area within an edge. */
function centroidOf(edge: readonly Offset[]): Offset {
  let [area, a, b] = [0, 0, 0];
  for (const [n, [x, y]] of edge.entries()) {
    const [u, v] = edge[(n + 1) % edge.length] ?? [NaN, NaN];
    const twice = x * v - u * y;
    area += twice;
    a += (x + u) * twice;
    b += (y + v) * twice;
  }
  return [a / (3 * area), b / (3 * area)];
}

/** How much places differ from the ellipse with the second moments of an edge around a middle; 0: not at all. */
function unlikeEllipse(middle: Offset, edge: readonly Offset[], places: readonly Offset[]): number {
  let [xx, xy, yy] = [0, 0, 0];
  for (const [x, y] of edge.map((at) => between(middle, at)))
    [xx, xy, yy] = [xx + x * x, xy + x * y, yy + y * y];
  const distances = places
    .map((at) => between(middle, at))
    .map(([x, y]) => Math.sqrt(yy * x * x - 2 * xy * x * y + xx * y * y))
    .sort((one, other) => one - other);
  const at = (share: number): number => distances[Math.floor(share * distances.length)] ?? NaN;
  return (at(0.75) - at(0.25)) / at(0.5);
}

/** What rays from a middle find. */
interface Outline extends Contour {
  readonly isClear: boolean;
}

function outlineFrom(
  slice: Slice,
  middle: Offset,
  expected: Expected,
  leastContrast: number,
): Outline | undefined {
  const rays = new PlaneRays(slice, middle, expected);
  const found = contrastOf(rays, expected.halfMm, leastContrast);
  if (found === undefined) return undefined;
  const { core, contrast } = found;
  const all = rays.directions.map((_, ray) => crossingOf(rays, ray, core, contrast));
  const typical = median(all);
  const radii = all.map((mm) => (mm <= LEAK * typical ? mm : NaN));
  const isFound = radii.map((mm) => !Number.isNaN(mm));
  if (isFound.filter(Boolean).length < LEAST_FOUND * RAYS) return undefined;
  const whole = filled(radii);
  const edge = smoothed(whole).map((mm, ray) => rays.placeAt(ray, mm));
  const steps = whole.map((mm, ray) => {
    const at = (share: number): number => rays.at(ray, Math.round((share * mm) / STEP_MM));
    return (at(BEYOND) - at(INSIDE)) / contrast;
  });
  const jumps = whole.map((mm, ray) => Math.abs(mm - (whole[(ray + 1) % RAYS] ?? NaN)));
  const roughness = jumps.reduce((sum, mm) => sum + mm, 0) / (RAYS * typical);
  const step = median(steps);
  const isSharp = step >= LEAST_STEP && step <= LARGEST_STEP;
  const places = radii.flatMap((mm, ray) => (Number.isNaN(mm) ? [] : [rays.placeAt(ray, mm)]));
  const isClear = isSharp && roughness <= ROUGH && unlikeEllipse(middle, edge, places) <= UNLIKE_ELLIPSE;
  return { middle, edge, isFound, isClear };
}

/**
 * The edge of the lesion that lies about where it is expected.
 * @param leastContrast less between a lesion and its surroundings is no edge, in the units of the image
 * @returns undefined where no clear edge is found
 */
export function contourAt(slice: Slice, expected: Expected, leastContrast: number): Contour | undefined {
  const largestShift = Math.max(LARGEST_SHIFT * expected.halfMm, LEAST_SHIFT_MM);
  let outline = outlineFrom(slice, expected.middle, expected, leastContrast);
  for (let pass = 0; pass < RECENTRES && outline !== undefined; pass++) {
    const middle = centroidOf(outline.edge);
    if (!(Math.hypot(...between(expected.middle, middle)) <= largestShift)) return undefined;
    outline = outlineFrom(slice, middle, expected, leastContrast);
  }
  return outline?.isClear === true ? outline : undefined;
}
