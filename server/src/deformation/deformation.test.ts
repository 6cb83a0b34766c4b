import fc from 'fast-check';
import { distanceMm, lpsPoint, seededNumbers } from '../geometry/index.ts';
import type { Affine } from '../geometry/index.ts';
import { evenly } from '../geometry/testing/evenly.ts';
import { applyTo } from '../affineRegistration/index.ts';
import { pointOf } from './inverse.ts';
import {
  errorRadiusAt,
  fitted,
  latticeOver,
  mappedBy,
  nodesOf,
  placeOf,
  spacingFor,
  widened,
} from './lattice.ts';
import { determinantsOf, unfold } from './regular.ts';
import { AFFINE, BOX, sampled, SHAPE, wavy } from './testing/lattices.ts';

const inside = fc.tuple(evenly(-55, 60), evenly(-35, 45), evenly(105, 205)).map((p) => lpsPoint(...p));

describe('a lattice', () => {
  it('covers its box, its nodes evenly apart', () => {
    const last = placeOf(SHAPE, nodesOf(SHAPE) - 1);
    for (const axis of [0, 1, 2] as const) {
      expect(SHAPE.origin[axis]).toBeLessThanOrEqual(BOX.low[axis]);
      expect(last[axis]).toBeGreaterThanOrEqual(BOX.high[axis]);
      expect(last[axis] - BOX.high[axis]).toBeLessThan(10);
    }
  });

  it('says an affine map exactly, and its determinant at every node', () => {
    const lattice = sampled((lps) => applyTo(AFFINE, lps));
    fc.assert(
      fc.property(inside, (lps) => {
        expect(distanceMm(mappedBy(lattice, lps), applyTo(AFFINE, lps))).toBeLessThan(1e-3);
      }),
    );
    const expected = 1.1 * (0.95 * 1.04) - 0.05 * (-0.03 * 1.04 - 0.02 * 0.01);
    for (const determinant of lattice.determinants) expect(determinant).toBeCloseTo(expected, 3);
  });

  it('knows no radius where a node around knows none, nor beyond its nodes', () => {
    const lattice = sampled((lps) => lps);
    lattice.errorRadii[0] = NaN;
    const [x, y, z] = SHAPE.origin;
    expect(errorRadiusAt(lattice, lpsPoint(x + 1, y + 1, z + 1))).toBeNaN();
    expect(errorRadiusAt(lattice, lpsPoint(x + 11, y + 1, z + 1))).toBeCloseTo(2.1);
    expect(errorRadiusAt(lattice, lpsPoint(x + 11, y - 1, z + 1))).toBeNaN();
  });

  it('is nearer to a bent map when it is fitted to samples than when it is them', () => {
    const plain = sampled(wavy);
    const fit = { ...plain, displacements: fitted(plain.displacements, SHAPE) };
    const random = seededNumbers(7);
    const squares = [0, 0];
    for (let n = 0; n < 500; n++) {
      const lps = lpsPoint(-40 + 80 * random(), -20 + 50 * random(), 120 + 70 * random());
      for (const [which, lattice] of [plain, fit].entries())
        squares[which] = squares[which]! + distanceMm(mappedBy(lattice, lps), wavy(lps)) ** 2;
    }
    expect(Math.sqrt(squares[1]! / squares[0]!)).toBeLessThan(0.55);
  });

  it('widens what is marked by one node along each axis', () => {
    const shape = { dims: [4, 4, 4] as const };
    const marked = new Uint8Array(64);
    marked[0] = 1;
    const nodes = [...widened(marked, shape).entries()].filter(([, one]) => one === 1).map(([node]) => node);
    expect(nodes).toEqual([0, 1, 4, 5, 16, 17, 20, 21]);
  });
});

describe('the inverse', () => {
  const lattice = sampled(wavy);

  it('ends at the point', () => {
    fc.assert(
      fc.property(inside, (lps) => {
        const back = pointOf(lattice, AFFINE, mappedBy(lattice, lps));
        expect(back.isFound).toBe(true);
        expect(distanceMm(back.lps, lps)).toBeLessThan(0.02);
      }),
    );
  });

  it('says when it has found no point, as with a wrong affine part', () => {
    const mirrored: Affine = [-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];
    expect(pointOf(lattice, mirrored, lpsPoint(30, 0, 450)).isFound).toBe(false);
  });
});

describe('unfolding', () => {
  const everywhere = new Uint8Array(nodesOf(SHAPE)).fill(1);

  it('removes a fold and changes nothing far from it', () => {
    const folded = sampled(wavy);
    const middle = Math.floor(nodesOf(SHAPE) / 2) + 5;
    const before = folded.displacements.slice();
    folded.displacements[3 * middle] = folded.displacements[3 * middle]! + 30;
    expect(Math.min(...determinantsOf(folded))).toBeLessThan(0);
    unfold(folded, everywhere);
    expect(Math.min(...determinantsOf(folded))).toBeGreaterThan(0.1);
    const changed = before.reduce(
      (sum, mm, n) => sum + (Math.abs(mm - folded.displacements[n]!) > 0.01 ? 1 : 0),
      0,
    );
    expect(changed / before.length).toBeLessThan(0.05);
  });

  it('changes nothing of a map that folds only where it does not count', () => {
    const folded = sampled(wavy);
    folded.displacements[300] = 90;
    const before = folded.displacements.slice();
    unfold(folded, new Uint8Array(nodesOf(SHAPE)));
    expect(folded.displacements).toEqual(before);
  });
});

describe('the spacing', () => {
  it('keeps a whole trunk below a megabyte, and a small part fine', () => {
    const trunk = { low: [-220, -140, 0] as const, high: [220, 140, 750] as const };
    const spacing = spacingFor([trunk, trunk]);
    expect(2 * 9 * nodesOf(latticeOver(trunk, spacing))).toBeLessThan(1e6);
    expect(spacing).toBeLessThan(13);
    expect(spacingFor([BOX, BOX])).toBe(6);
  });
});
