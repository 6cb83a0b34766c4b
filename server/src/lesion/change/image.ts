import { cross, dot, perAxis } from '../../geometry/index.ts';
import type { LpsPoint, Vector } from '../../geometry/index.ts';
import { CORNERS_OF_PLACE } from '../layout.ts';
import { TERMS } from '../../registration/layout.ts';
import type { Prior, Registered } from '../../registration/index.ts';
import { voxelPolynomials } from '../../registration/index.ts';
import type { Level } from '../../pyramid/index.ts';
import type { RayImage } from './rays.ts';
import type { RaysKernel } from './raysKernel.ts';

/** The image of a registered target, as the query sees it. */
export interface Around {
  readonly image: RayImage;
  /** Volume of the target per volume of the query at the point. */
  readonly volumeRatio: number;
}

/** A level around a point (LPS, mm). */
export function aroundPoint(level: Level, point: LpsPoint): RayImage {
  const { origin, spacing } = level;
  const affine = new Float64Array(12);
  for (const axis of [0, 1, 2] as const) {
    affine[4 * axis] = (point[axis] - origin[axis]) / spacing[axis];
    affine[4 * axis + 1 + axis] = 1 / spacing[axis];
  }
  return throughLevel(level, affine);
}

/**
 * A level around a registered point, as the affine part of the registration maps the query's offsets: what is beyond the window would
 * follow the noise of the other part.
 */
export function aroundRegistered(
  level: Level,
  prior: Prior,
  { coefficients, sigma }: Pick<Registered, 'coefficients' | 'sigma'>,
): Around {
  const polynomials = voxelPolynomials(level, prior, coefficients, sigma);
  const at = (axis: number, term: number): number => polynomials[axis * TERMS + term] ?? NaN;
  const [u, v, w] = perAxis((axis): Vector => [
    at(axis, 1) / sigma,
    at(axis, 2) / sigma,
    at(axis, 3) / sigma,
  ]);
  const [mx, my, mz] = level.spacing;
  return {
    image: throughLevel(level, Float64Array.of(at(0, 0), ...u, at(1, 0), ...v, at(2, 0), ...w)),
    volumeRatio: Math.abs(dot(u, cross(v, w))) * mx * my * mz,
  };
}

/** A level whose continuous voxel indices follow from offsets (mm) as {@link RaysKernel.affine} says. */
function throughLevel({ dims, values }: Level, affine: Float64Array): RayImage {
  const steps = cornersOf(dims);
  return {
    open: (kernel) => {
      kernel.affine.set(affine);
      kernel.size.set(dims);
    },
    read: (kernel, { sampling }, shell, mm) => {
      kernel.run.place(mm);
      gather(values, steps, kernel, sampling.directions.length);
      kernel.run.interpolate(shell);
    },
  };
}

/** From a place's first voxel to the voxels around it; nothing along an axis of one voxel. */
function cornersOf([ni, nj, nk]: Level['dims']): Int32Array {
  const [toI, toJ, toK] = [ni > 1 ? 1 : 0, nj > 1 ? ni : 0, nk > 1 ? ni * nj : 0];
  const near = [0, toI, toJ, toJ + toI];
  return Int32Array.from([...near, ...near.map((step) => step + toK)]);
}

/** Hands over the voxels around the places that the kernel reads. Integers only: nothing is allocated, however early it runs. */
function gather(
  values: Int16Array,
  steps: Int32Array,
  { firstVoxel, corners }: RaysKernel,
  rays: number,
): void {
  for (let ray = 0, into = 0; ray < rays; ray++, into += CORNERS_OF_PLACE) {
    const first = firstVoxel[ray] ?? -1;
    if (first < 0) continue;
    for (let n = 0; n < CORNERS_OF_PLACE; n++) corners[into + n] = values[first + (steps[n] ?? 0)] ?? 0;
  }
}
