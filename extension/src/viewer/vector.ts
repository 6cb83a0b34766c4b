import type { Lps } from '../wire.ts';

/** Component-wise a - b. */
export function subtract(a: Lps, b: Lps): Lps {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

/** Scalar product. */
export function dot(a: Lps, b: Lps): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** Vector product a × b. */
export function cross(a: Lps, b: Lps): Lps {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/** The vector with length 1; a zero vector stays zero. */
export function unit(a: Lps): Lps {
  const length = Math.hypot(...a);
  return length === 0 ? a : [a[0] / length, a[1] / length, a[2] / length];
}

/** Three finite numbers from whatever the host calls a vector. */
export function toLps(values: ArrayLike<number> | undefined): Lps | undefined {
  const [x, y, z] = values === undefined ? [] : Array.from(values);
  if (x === undefined || y === undefined || z === undefined) return undefined;
  return [x, y, z].every(Number.isFinite) ? [x, y, z] : undefined;
}
