/**
 * Orthogonal matrices: a set that covers all rotations, the one that is nearest to an affine map, and its angle and axis.
 * @module
 */
import {
  affineFromColumns,
  axisStep,
  compose,
  cross,
  determinant,
  dot,
  invert,
} from '../../geometry/index.ts';
import type { Affine, Vector } from '../../geometry/index.ts';

/**
 * Constants of a super-Fibonacci spiral: quaternions that cover all rotations evenly (Alexa, "Super-Fibonacci Spirals: Fast,
 * Low-Discrepancy Sampling of SO(3)", CVPR 2022).
 */
const [PHI, PSI] = [Math.SQRT2, 1.533751168755204];
/** Steps of Newton's iteration for the orthogonal factor; it converges quadratically. */
const POLAR_STEPS = 20;
/** A turn that is this near to half a turn has its axis read from the symmetric part, degrees. */
const HALF_TURN_FROM_DEG = 175;

/** A linear map without a shift. */
function linear(x: Vector, y: Vector, z: Vector): Affine {
  return affineFromColumns(x, y, z, [0, 0, 0]);
}

function ofQuaternion(x: number, y: number, z: number, w: number): Affine {
  return linear(
    [1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w)],
    [2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w)],
    [2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)],
  );
}

/** So many rotations, evenly spread. */
export function spreadRotations(count: number): Affine[] {
  return Array.from({ length: count }, (_, n) => {
    const s = n + 0.5;
    const [r, q] = [Math.sqrt(s / count), Math.sqrt(1 - s / count)];
    const [alpha, beta] = [(2 * Math.PI * s) / PHI, (2 * Math.PI * s) / PSI];
    return ofQuaternion(r * Math.sin(alpha), r * Math.cos(alpha), q * Math.sin(beta), q * Math.cos(beta));
  });
}

/** The 24 rotations that permute the patient axes: what wrong labels make. The first is the identity. */
export function axisRotations(): Affine[] {
  const axes: readonly Vector[] = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  const signed = axes.flatMap((axis) => [axis, [-axis[0], -axis[1], -axis[2]] as const]);
  return signed.flatMap((x) => signed.filter((y) => dot(x, y) === 0).map((y) => linear(x, y, cross(x, y))));
}

/** The mirror image: left and right exchanged. */
export const MIRROR: Affine = linear([-1, 0, 0], [0, 1, 0], [0, 0, 1]);

/** The linear part of a map, without its shift. */
export function linearPart(m: Affine): Affine {
  return linear(axisStep(m, 0), axisStep(m, 1), axisStep(m, 2));
}

/** Transposed linear part: the inverse of an orthogonal one. */
export function transposed(m: Affine): Affine {
  return linear([m[0], m[1], m[2]], [m[4], m[5], m[6]], [m[8], m[9], m[10]]);
}

/**
 * The orthogonal matrix nearest to the linear part of a map (polar decomposition by Newton's iteration: Higham 1986); of determinant -1
 * where the map mirrors.
 * @throws RangeError where the map is singular
 */
export function nearestOrthogonal(m: Affine): Affine {
  let at = linearPart(m);
  for (let step = 0; step < POLAR_STEPS; step++) {
    const other = transposed(invert(at));
    const mean = (axis: 0 | 1 | 2): Vector => {
      const [a, b] = [axisStep(at, axis), axisStep(other, axis)];
      return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2];
    };
    at = linear(mean(0), mean(1), mean(2));
  }
  return at;
}

/** True for a map that exchanges left- and right-handed. */
export function isMirroring(m: Affine): boolean {
  return determinant(m) < 0;
}

/** Angle of a rotation, 0 to 180 degrees. */
export function angleDeg(rotation: Affine): number {
  const cosine = (rotation[0] + rotation[5] + rotation[10] - 1) / 2;
  return (Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI;
}

/** Angle between two rotations, degrees. */
export function angleBetweenDeg(a: Affine, b: Affine): number {
  return angleDeg(compose(transposed(a), b));
}

/** Unit axis of a rotation that is not the identity; of either sign for half a turn. */
export function axisOf(r: Affine): Vector {
  if (angleDeg(r) < HALF_TURN_FROM_DEG) return unit([r[9] - r[6], r[2] - r[8], r[4] - r[1]]);
  // R + 1 is twice the projection on the axis.
  const columns: readonly Vector[] = [
    [r[0] + 1, r[4], r[8]],
    [r[1], r[5] + 1, r[9]],
    [r[2], r[6], r[10] + 1],
  ];
  return unit([...columns].sort((a, b) => Math.hypot(...b) - Math.hypot(...a))[0] ?? [0, 0, 1]);
}

function unit([x, y, z]: Vector): Vector {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}
