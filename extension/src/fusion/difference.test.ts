import { describe, expect, test } from '@jest/globals';
import type { Lattice } from '../linked/field.ts';
import { sampleLattice } from '../linked/testing/encodeField.ts';
import type { LatticeSpec } from '../linked/testing/encodeField.ts';
import type { Lps } from '../wire.ts';
import { differenceIn } from './difference.ts';
import type { Compared, Difference } from './difference.ts';
import { axialGrid, voxelsOf } from './testing/planes.ts';

/** Where the places of the current scan lie in the prior: aside, and stretched. */
const toPrior = ([x, y, z]: Lps): Lps => [x * 1.05 + 3, y - 4, z + 2];
/** A body with a smooth inside, of the current scan. */
const body = ([x, y, z]: Lps): number => 40 * Math.sin(x / 9) + 30 * Math.cos(y / 11) + z;
/** The same body in the prior. */
const bodyBefore = ([x, y, z]: Lps): number => body([(x - 3) / 1.05, y + 4, z - 2]);

const ball =
  (at: Lps, radiusMm: number, value: number) =>
  (lps: Lps): number =>
    Math.hypot(lps[0] - at[0], lps[1] - at[1], lps[2] - at[2]) <= radiusMm ? value : 0;

function latticeOf(changes: Partial<LatticeSpec> = {}): Lattice {
  return sampleLattice({ min: [-45, -45, -40], max: [45, 45, 40], spacingMm: 5, map: toPrior, ...changes });
}

function differenceOf(
  now: (lps: Lps) => number,
  before: (lps: Lps) => number,
  changes: Partial<Compared> = {},
): Difference {
  const current = voxelsOf(now);
  const prior = voxelsOf(before, { dims: [100, 100, 34], origin: [-50, -50, -30] });
  const compared = { current, prior, lattice: latticeOf(), toleranceMm: 2, limitMm: 8, ...changes };
  return differenceIn(compared, axialGrid(1));
}

/** The value at a point of the plane, of the 60 x 60 places. */
const at = (values: Float32Array, x: number, y: number): number => values[(y + 30) * 60 + x + 30] ?? NaN;
const extreme = (values: Float32Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

describe('a difference', () => {
  test('of a body that was only moved and stretched is none, and the prior lies on the current scan', () => {
    const { change, warped } = differenceOf(body, bodyBefore);
    expect(extreme(change)).toBe(0);
    for (const [x, y] of [
      [0, 0],
      [-21, 13],
      [25, -28],
    ] as const)
      expect(at(warped, x, y)).toBeCloseTo(body([x, y, 1]), 0);
  });

  test('is positive where a lesion is new or has grown, negative where one has gone', () => {
    const grown = ball([15, 10, 1], 9, 100);
    const grownBefore = ball(toPrior([15, 10, 1]), 4, 100);
    const resolved = ball(toPrior([-15, 5, 1]), 6, 100);
    const appeared = ball([-5, -18, 1], 6, 100);
    const { change } = differenceOf(
      (lps) => body(lps) + grown(lps) + appeared(lps),
      (lps) => bodyBefore(lps) + grownBefore(lps) + resolved(lps),
    );
    expect(at(change, -5, -18)).toBeGreaterThan(80);
    expect(at(change, 22, 10)).toBeGreaterThan(80);
    expect(at(change, 15, 10)).toBe(0);
    expect(at(change, -15, 5)).toBeLessThan(-80);
    expect(at(change, 0, 25)).toBe(0);
  });

  test('shows no edge where the map errs by less than the tolerance, and shows it without one', () => {
    const edge = ([x]: Lps): number => (x < 5 ? 0 : 200);
    const shifted = { map: ([x, y, z]: Lps): Lps => [x + 1.5, y, z] };
    const lattice = latticeOf(shifted);
    expect(extreme(differenceOf(edge, edge, { lattice }).change)).toBe(0);
    expect(extreme(differenceOf(edge, edge, { lattice, toleranceMm: 0 }).change)).toBeGreaterThan(90);
  });

  test.each<[string, Partial<LatticeSpec>, (lattice: Lattice) => Lattice]>([
    ['the error radius is not known', { radius: ([x]) => (x > 0 ? undefined : 2) }, (lattice) => lattice],
    ['it is above the limit', { radius: ([x]) => (x > 0 ? 9 : 2) }, (lattice) => lattice],
    [
      'the map folds',
      {},
      (lattice) => ({
        ...lattice,
        jacobian: {
          scale: 0.001,
          values: lattice.jacobian.values.map((value, node) => (node % lattice.dims[0] > 9 ? -value : value)),
        },
      }),
    ],
  ])('is blank where %s, and only there', (_, changes, edit) => {
    const { change, warped } = differenceOf(body, bodyBefore, { lattice: edit(latticeOf(changes)) });
    for (const values of [change, warped]) {
      expect(at(values, 15, 0)).toBeNaN();
      expect(at(values, -15, 0)).not.toBeNaN();
    }
  });

  test('is blank where the prior ends, and beyond the map', () => {
    const lattice = latticeOf({ max: [10, 45, 40] });
    expect(at(differenceOf(body, bodyBefore, { lattice }).change, 25, 0)).toBeNaN();
    const outside = latticeOf({ map: ([x, y, z]: Lps): Lps => [x + 40, y, z] });
    const { change } = differenceOf(body, bodyBefore, { lattice: outside });
    expect(at(change, 20, 0)).toBeNaN();
    expect(at(change, -20, 0)).not.toBeNaN();
  });

  test('is blank where an image of the current scan is missing', () => {
    const current = voxelsOf(() => NaN);
    expect(differenceOf(body, bodyBefore, { current }).change.every(Number.isNaN)).toBe(true);
  });
});
