/** The axes x, y, z of the patient, or i, j, k of a grid. */
export const AXES = [0, 1, 2] as const;

/** A value for each axis. */
export function perAxis<T>(of: (axis: 0 | 1 | 2) => T): [T, T, T] {
  return [of(0), of(1), of(2)];
}
