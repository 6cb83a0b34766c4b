/**
 * Made-up images for tests of what is said of a lesion.
 * @module
 */
import { norm, plus } from '../../../geometry/index.ts';
import type { Vector } from '../../../geometry/index.ts';
import type { Sampled } from './sampled.ts';

/** A sphere in even tissue, with an edge of 3 mm. */
export interface Sphere {
  readonly radiusMm: number;
  readonly middle?: Vector;
  /** Values of the sphere and of what is around it, registration units. */
  readonly inside?: number;
  readonly outside?: number;
}

const EDGE_MM = 3;

/** Tissue whose value changes by a few units from place to place. */
export function tissueOf(value: number): Sampled {
  return (x, y, z) => value + 4 * Math.sin(x / 4 + y / 7) + 3 * Math.cos(z / 3 - x / 5);
}

/** The image of a sphere; of the tissue only where the radius is 0. */
export function imageOf({ radiusMm, middle = [0, 0, 0], inside = 40, outside = 110 }: Sphere): Sampled {
  const tissue = tissueOf(outside);
  if (radiusMm === 0) return tissue;
  return (...at) => {
    const share = 0.5 + (radiusMm - norm(plus(at, middle, -1))) / EDGE_MM;
    return tissue(...at) + Math.min(Math.max(share, 0), 1) * (inside - outside);
  };
}
