import fc from 'fast-check';

/** Parts of a range: finer than any tolerance of a test. */
const PARTS = 1_000_000;

/**
 * Numbers from `min` to `max`, all lengths alike. `fc.double` draws all floats alike: half of those from -1 to 1 are smaller than 1e-150,
 * so that nearly every angle, shift and share of it is 0 for practical purposes.
 */
export function evenly(min: number, max: number): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: PARTS }).map((part) => min + ((max - min) * part) / PARTS);
}
