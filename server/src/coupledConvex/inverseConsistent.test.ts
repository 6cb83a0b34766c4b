import { distanceMm, lpsPoint } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { PLACES, query, target, toTarget } from '../matching/testing/affinePair.ts';
import { coupledConvex, moved } from './coupledConvex.ts';
import type { DenseMap, Displacements } from './coupledConvex.ts';
import { inverseConsistent } from './inverseConsistent.ts';

const identity = (lps: LpsPoint): LpsPoint => lps;
const IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] as const;

/** A map that moves every point of a lattice of 10 mm by the same, added to a guess that moves none. */
function shift(x: number, y: number, z: number): DenseMap {
  const dims = [9, 9, 9] as const;
  const nodes = dims[0] * dims[1] * dims[2];
  const places = Array.from({ length: nodes }, (_, n) => [n % 9, Math.floor(n / 9) % 9, Math.floor(n / 81)]);
  const displacements = {
    dims,
    origin: [0, 0, 0] as const,
    step: [10, 10, 10] as const,
    values: Float32Array.from(places.flatMap(() => [x, y, z])),
  };
  const guesses = Float32Array.from(places.flat().map((index) => 10 * index));
  return { displacements, isActive: new Uint8Array(nodes).fill(1), guesses };
}

const at = (by: Displacements): LpsPoint => moved(by, lpsPoint(40, 40, 40), lpsPoint(40, 40, 40));

describe('inverseConsistent', () => {
  it('meets in the middle of the forward and the backward map', () => {
    const [x, y, z] = at(inverseConsistent(shift(6, 0, -2), shift(-2, 0, 2), IDENTITY));
    expect([x, y, z].map((mm) => mm.toFixed(2))).toEqual(['44.00', '40.00', '38.00']);
  });

  it('keeps maps that agree, also about another affine map', () => {
    const there = shift(6, 3, -2);
    const affine = [1.1, 0, 0, 4, 0, 0.9, 0, 0, 0, 0, 1, -3] as const;
    for (const m of [IDENTITY, affine])
      expect(
        distanceMm(at(inverseConsistent(there, shift(-6, -3, 2), m)), lpsPoint(46, 43, 38)),
      ).toBeLessThan(0.01);
  });

  it('keeps what one direction says where the other one knows nothing', () => {
    const silent = shift(0, 0, 0);
    silent.isActive.fill(0);
    expect(
      distanceMm(at(inverseConsistent(shift(6, 0, 0), silent, IDENTITY)), lpsPoint(46, 40, 40)),
    ).toBeLessThan(1e-4);
  });

  it('finds a known map at least as well as one direction', () => {
    const [there, back] = [coupledConvex(query, target, identity), coupledConvex(target, query, identity)];
    const by = inverseConsistent(there, back, IDENTITY);
    const errorOf = (displacements: Displacements): number =>
      PLACES.reduce((sum, place) => sum + distanceMm(moved(displacements, place, place), toTarget(place)), 0);
    expect(errorOf(by)).toBeLessThan(errorOf(there.displacements) + 0.1);
    for (const place of PLACES) expect(distanceMm(moved(by, place, place), toTarget(place))).toBeLessThan(2);
  });

  it('inverts a map that stretches', () => {
    const scaled = [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0] as const;
    const there = shift(0, 0, 0);
    const doubled = { ...there, guesses: there.guesses.map((mm) => 2 * mm) };
    const halved = { ...there, guesses: there.guesses.map((mm) => mm / 2) };
    const by = inverseConsistent(doubled, halved, scaled);
    expect(Math.max(...by.values.map(Math.abs))).toBeLessThan(1e-4);
  });
});
