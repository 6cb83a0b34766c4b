import fc from 'fast-check';
import { affineFromColumns, determinant, distanceMm, lpsPoint } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { evenly } from '../../geometry/testing/evenly.ts';
import { applyTo } from '../../affineRegistration/index.ts';
import {
  displacementsOf,
  fieldOfMap,
  latticeAround,
  mappedOn,
  placeIn,
  placeOfNode,
} from './displacementField.ts';
import { inverseField, inverseOf } from './inverse.ts';
import { jacobiansOf, unfolded } from './jacobian.ts';
import { qualityOf } from './quality.ts';

/** 78 x 78 x 96 mm. */
const VOLUME = {
  dims: [40, 40, 25] as const,
  voxelToLps: affineFromColumns([2, 0, 0], [0, 2, 0], [0, 0, 4], [-39, 11, 102]),
};
const LATTICE = latticeAround(VOLUME, 4);

const affines = fc
  .tuple(
    fc.array(evenly(-0.15, 0.15), { minLength: 9, maxLength: 9 }),
    fc.array(evenly(-900, 900), { minLength: 3, maxLength: 3 }),
  )
  .map(([m, t]): Affine => [
    1 + m[0]!, m[1]!, m[2]!, t[0]!, m[3]!, 1 + m[4]!, m[5]!, t[1]!, m[6]!, m[7]!, 1 + m[8]!, t[2]!,
  ]); // prettier-ignore
const inside = fc.tuple(evenly(-35, 35), evenly(14, 86), evenly(104, 196)).map((p) => lpsPoint(...p));

/** A smooth wave of 3 mm over 60 mm: its steepest slope is 0.31. */
function wave([x, y, z]: LpsPoint): readonly [number, number, number] {
  const at = (mm: number): number => 3 * Math.sin((2 * Math.PI * mm) / 60);
  return [at(y), at(z), at(x)];
}

function waved(affine: Affine): (lps: LpsPoint) => LpsPoint {
  return (lps) => {
    const [x, y, z] = applyTo(affine, lps);
    const [dx, dy, dz] = wave(lps);
    return lpsPoint(x + dx, y + dy, z + dz);
  };
}

describe('the lattice around a volume', () => {
  it('reaches to its outer faces in steps that are no longer than requested', () => {
    expect(LATTICE.dims).toEqual([21, 21, 26]);
    expect([...placeOfNode(LATTICE, 0)]).toEqual([-40, 10, 100]);
    const last = placeOfNode(LATTICE, 21 * 21 * 26 - 1);
    [40, 90, 200].forEach((mm, axis) => {
      expect(last[axis]).toBeCloseTo(mm, 9);
    });
  });
});

describe('a displacement field', () => {
  it('of an affine map is that map everywhere, also outside', () => {
    fc.assert(
      fc.property(affines, inside, (affine, lps) => {
        const place = placeIn(fieldOfMap(LATTICE, affine, undefined));
        expect(distanceMm(place(lps), applyTo(affine, lps))).toBeLessThan(1e-9);
        const outside = lpsPoint(lps[0] + 500, lps[1] - 500, lps[2]);
        expect(distanceMm(place(outside), applyTo(affine, outside))).toBeLessThan(1e-9);
      }),
    );
  });

  it('follows a smooth map between its nodes', () => {
    fc.assert(
      fc.property(affines, inside, (affine, lps) => {
        const map = waved(affine);
        // 3 mm (2 pi / 60)² / 8 x 4² mm: 0.07 mm per axis.
        expect(distanceMm(placeIn(fieldOfMap(LATTICE, affine, map))(lps), map(lps))).toBeLessThan(0.12);
      }),
      { numRuns: 20 },
    );
  });

  it('goes on beyond what is known as its nearest known nodes say', () => {
    const identity = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]);
    const field = fieldOfMap(LATTICE, identity, ([x, y, z]) => (x < 0 ? lpsPoint(x + 5, y, z) : undefined));
    expect([...placeIn(field)(lpsPoint(38, 50, 150))]).toEqual([43, 50, 150]);
  });

  it('is written with its affine part', () => {
    const shift = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [7, -8, 9]);
    const values = displacementsOf(fieldOfMap(LATTICE, shift, undefined));
    expect([...values.subarray(300, 303)]).toEqual([7, -8, 9]);
  });

  it('can be mapped on', () => {
    fc.assert(
      fc.property(affines, affines, inside, (affine, then, lps) => {
        const field = fieldOfMap(LATTICE, affine, waved(affine));
        const expected = applyTo(then, placeIn(field)(lps));
        expect(distanceMm(placeIn(mappedOn(field, then))(lps), expected)).toBeLessThan(1e-3);
      }),
      { numRuns: 10 },
    );
  });
});

describe('the inverse', () => {
  it('gives the point that a field puts at a place', () => {
    fc.assert(
      fc.property(affines, inside, (affine, lps) => {
        const field = fieldOfMap(LATTICE, affine, waved(affine));
        expect(distanceMm(inverseOf(field)(placeIn(field)(lps)), lps)).toBeLessThan(0.01);
      }),
      { numRuns: 20 },
    );
  });

  it('is a field on the lattice of the other series, and the quality says how well both fit', () => {
    const shift = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [700, -20, 9]);
    const field = fieldOfMap(LATTICE, shift, waved(shift));
    const other = {
      ...VOLUME,
      voxelToLps: affineFromColumns([2, 0, 0], [0, 2, 0], [0, 0, 4], [661, -9, 111]),
    };
    const inverse = inverseField(field, latticeAround(other, 4));
    const body = { grid: VOLUME, mask: new Uint8Array(40 * 40 * 25).fill(1) };
    const { negativeJacobians, inverseConsistencyMm, bodyNodes } = qualityOf(field, inverse, body);
    expect(bodyNodes).toBeGreaterThan(9000);
    expect(negativeJacobians).toBe(0);
    // Both fields are interpolated.
    expect(inverseConsistencyMm.median).toBeLessThan(0.2);
    const wrong = qualityOf(field, { ...inverse, residuals: inverse.residuals.map((mm) => mm + 1) }, body);
    expect(wrong.inverseConsistencyMm.median).toBeGreaterThan(1.5);
  });
});

describe('folding', () => {
  /** Swaps the order of places around x = 0: 12 mm to the left before it, 12 mm to the right behind. */
  const folding = fieldOfMap(
    LATTICE,
    affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]),
    ([x, y, z]) => lpsPoint(Math.hypot(y - 50, z - 150) < 20 ? x - 12 * Math.tanh(x / 4) : x, y, z),
  );

  it('is a determinant that is not positive; that of an affine map is its own', () => {
    fc.assert(
      fc.property(affines, (affine) => {
        const { values } = jacobiansOf(fieldOfMap(LATTICE, affine, undefined));
        expect(Math.abs(values[1234]! - determinant(affine))).toBeLessThan(1e-5);
      }),
    );
    expect(Math.min(...jacobiansOf(folding).values)).toBeLessThan(0);
  });

  it('is smoothed away, and what does not fold is unchanged', () => {
    const { field, changed } = unfolded(folding);
    expect(Math.min(...jacobiansOf(field).values)).toBeGreaterThan(0);
    expect(changed.size).toBeGreaterThan(0);
    const untouched = [...jacobiansOf(folding).values.keys()].filter((node) => !changed.has(node));
    expect(untouched.length).toBeGreaterThan(5000);
    for (const node of untouched) expect(field.residuals[3 * node]).toBe(folding.residuals[3 * node]);
    expect(unfolded(field).changed.size).toBe(0);
  });
});
