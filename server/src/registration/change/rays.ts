/**
 * Rays from a point in all directions. They are sampled as far as one of them is read: most questions are answered near the point.
 * @module
 */
import { plus } from '../../geometry/index.ts';
import type { Vector } from '../../geometry/index.ts';
import type { Sampled } from './sampler.ts';

/** Longest ray, mm: a lesion of 44 mm and what is around it. */
const REACH_MM = 26;

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
  /** For each sample those of all rays. */
  readonly #shells: (readonly number[])[] = [];
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
  }

  /** The value of a ray at a sample, registration units; NaN out of view. */
  at(ray: number, sample: number): number {
    return this.#shell(sample)[ray] ?? NaN;
  }

  /** The median over all rays at a sample. */
  medianAt(sample: number): number {
    return (this.#medians[sample] ??= median(this.#shell(sample)));
  }

  #shell(sample: number): readonly number[] {
    return (this.#shells[sample] ??= this.#read(sample * this.stepMm));
  }

  #read(mm: number): readonly number[] {
    const image = this.#image;
    const x = this.#from[0];
    const y = this.#from[1];
    const z = this.#from[2];
    return this.directions.map((direction) =>
      image(x + mm * direction[0], y + mm * direction[1], z + mm * direction[2]),
    );
  }
}

/** Where a thread sorts. */
let scratch = new Float64Array(1024);

/** The middle value; those out of view (NaN) do not count. */
export function median(values: ArrayLike<number>): number {
  if (values.length > scratch.length) scratch = new Float64Array(values.length);
  scratch.set(values);
  // Numbers of a typed array are sorted without a call for each comparison, and NaN after all others.
  const sorted = scratch.subarray(0, values.length).sort();
  let count = sorted.length;
  while (count > 0 && Number.isNaN(sorted[count - 1])) count--;
  return count === 0 ? NaN : (sorted[count >> 1] ?? NaN);
}

/** Places at a distance (mm) from a middle along all rays. */
export function shellAround(middle: Vector, mm: number): Vector[] {
  return FINE.directions.map((direction) => plus(middle, direction, mm));
}
