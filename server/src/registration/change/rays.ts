/**
 * Rays from a point in all directions. A ray is sampled as far as it is read: most questions are answered near the point.
 * @module
 */
import { plus } from '../../geometry/index.ts';
import type { Vector } from '../../geometry/index.ts';
import type { Sampled } from './sampler.ts';

/** Longest ray, mm: a lesion of 44 mm and what is around it. */
const REACH_MM = 26;
/** Stands for a sample that was not read yet: no image has this value. */
const UNREAD = Infinity;

/** How densely a place is sampled. */
export interface Sampling {
  /** Evenly spread over the sphere. */
  readonly directions: readonly Vector[];
  /** Distance of the samples along a ray. */
  readonly stepMm: number;
}

/** Samples along a ray are half a voxel of the working image apart. */
export const FINE: Sampling = { directions: directionsOf(96), stepMm: 1 };
/** A tenth of the samples. */
export const COARSE: Sampling = { directions: directionsOf(20), stepMm: 2 };

/** Directions on the Fibonacci lattice. */
function directionsOf(count: number): Vector[] {
  return Array.from({ length: count }, (_, n) => {
    const z = 1 - (2 * n + 1) / count;
    const r = Math.sqrt(1 - z * z);
    const turn = n * Math.PI * (3 - Math.sqrt(5));
    return [r * Math.cos(turn), r * Math.sin(turn), z];
  });
}

/** The rays from a point of an image. */
export class Rays {
  readonly directions: readonly Vector[];
  readonly stepMm: number;
  /** Samples of a ray, from the point on. */
  readonly samples: number;
  readonly #image: Sampled;
  readonly #from: Vector;
  /** Sample after sample, and for each sample ray after ray. */
  readonly #values: Float64Array;
  readonly #medians: number[] = [];

  /**
   * @param image registration units at offsets, mm
   * @param from the point, as an offset
   */
  constructor(image: Sampled, from: Vector, { directions, stepMm }: Sampling) {
    this.directions = directions;
    this.stepMm = stepMm;
    this.samples = REACH_MM / stepMm + 1;
    this.#image = image;
    this.#from = from;
    this.#values = new Float64Array(this.samples * directions.length).fill(UNREAD);
  }

  /** The value of a ray at a sample, registration units; NaN out of view. */
  at(ray: number, sample: number): number {
    const at = sample * this.directions.length + ray;
    const value = this.#values[at] ?? NaN;
    return value === UNREAD ? (this.#values[at] = this.#read(ray, sample)) : value;
  }

  /** The median over all rays at a sample. */
  medianAt(sample: number): number {
    return (this.#medians[sample] ??= median(this.directions.map((_, ray) => this.at(ray, sample))));
  }

  #read(ray: number, sample: number): number {
    const direction = this.directions[ray] ?? NOWHERE;
    const mm = sample * this.stepMm;
    const from = this.#from;
    return this.#image(from[0] + mm * direction[0], from[1] + mm * direction[1], from[2] + mm * direction[2]);
  }
}

const NOWHERE: Vector = [NaN, NaN, NaN];

/** The middle value; those out of view (NaN) do not count. */
export function median(values: ArrayLike<number>): number {
  // Numbers of a typed array are sorted without a call for each comparison, and NaN after all others.
  const sorted = Float64Array.from(values).sort();
  let count = sorted.length;
  while (count > 0 && Number.isNaN(sorted[count - 1])) count--;
  return count === 0 ? NaN : (sorted[count >> 1] ?? NaN);
}

/** Places at a distance (mm) from a middle along all rays. */
export function shellAround(middle: Vector, mm: number): Vector[] {
  return FINE.directions.map((direction) => plus(middle, direction, mm));
}
