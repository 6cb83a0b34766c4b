import fc from 'fast-check';
import { perAxis, affineFromColumns, distanceMm, lpsPoint, spacingOf } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { TERMS } from '../../registration/index.ts';
import type { Registered } from '../../registration/index.ts';
import { emptyGrid, fieldAt, placeOf, writePredicted, writeRegistered } from './nodes.ts';
import type { NodeGrid } from './nodes.ts';
import { evenly } from '../../geometry/testing/evenly.ts';

const GRID = {
  dims: [40, 30, 25] as const,
  voxelToLps: affineFromColumns([2, 0, 0], [0, 2, 0], [0, 0, 3], [-40, 10, 100]),
};
const STEP_MM = 20;
const IDENTITY = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);

const inside = fc.tuple(evenly(-35, 35), evenly(15, 65), evenly(105, 170)).map((p) => lpsPoint(...p));
const linears = fc
  .array(evenly(-0.3, 0.3), { minLength: 9, maxLength: 9 })
  .map((values) => Float64Array.from(values, (value, n) => (n % 4 === 0 ? 1 + value : value)));
const offsets = fc.tuple(evenly(-9, 9), evenly(-9, 9), evenly(-9, 9));

function* nodesOf({ dims }: NodeGrid): Generator<number> {
  for (let node = 0; node < dims[0] * dims[1] * dims[2]; node++) yield node;
}

function times(m: Float64Array, v: readonly number[]): number[] {
  return [0, 3, 6].map((row) => m[row]! * v[0]! + m[row + 1]! * v[1]! + m[row + 2]! * v[2]!);
}

/** A grid whose nodes all know the affine map centre + linear · p. */
function affineGrid(linear: Float64Array, shift: readonly number[], spreadMm = 2): NodeGrid {
  const grid = emptyGrid(GRID, STEP_MM);
  for (const node of nodesOf(grid)) {
    const [x, y, z] = times(linear, placeOf(grid, node)).map((mm, axis) => mm + shift[axis]!);
    writePredicted(grid, node, { lps: lpsPoint(x!, y!, z!), linear, spreadMm, support: 9 });
  }
  return grid;
}

function registered(lps: LpsPoint, coefficients: Float64Array, sigma: number): Registered {
  return { lps, ncc: 0.8, sdMm: 1, movedMm: 0, overlap: 1, offset: 0, coefficients, sigma };
}

describe('an empty grid', () => {
  const grid = emptyGrid(GRID, STEP_MM);

  it('has nodes about as far apart as requested, half a step inside of the volume', () => {
    // 80, 60 and 75 mm.
    expect(grid.dims).toEqual([4, 3, 4]);
    expect(spacingOf(grid.nodeToLps)).toEqual([20, 20, 18.75]);
    const last = grid.dims[0] * grid.dims[1] * grid.dims[2] - 1;
    // From -41, 9 and 98.5 to 39, 69 and 173.5 mm: the outer faces of the voxels.
    expect([...placeOf(grid, 0)]).toEqual([-31, 19, 98.5 + 18.75 / 2]);
    expect([...placeOf(grid, last)]).toEqual([29, 59, 173.5 - 18.75 / 2]);
  });

  it('has two nodes along an axis at least', () => {
    const flat = { dims: [40, 30, 1] as const, voxelToLps: GRID.voxelToLps };
    expect(emptyGrid(flat, STEP_MM).dims).toEqual([4, 3, 2]);
  });

  it('knows nothing', () => {
    fc.assert(
      fc.property(inside, (lps) => {
        expect(fieldAt(grid, lps)).toBeUndefined();
      }),
    );
  });
});

describe('a field', () => {
  it('is an affine map where every node knows the same one, beyond the outer nodes too', () => {
    fc.assert(
      fc.property(linears, offsets, inside, (linear, shift, lps) => {
        const found = fieldAt(affineGrid(linear, shift), lps)!;
        const [x, y, z] = times(linear, lps).map((mm, axis) => mm + shift[axis]!);
        expect(distanceMm(found.lps, lpsPoint(x!, y!, z!))).toBeLessThan(1e-3);
        expect(found.spreadMm).toBeLessThan(1e-3);
        expect(found.correlation).toBe(0);
        for (const mm of [found.sdMm, found.cycleErrorMm]) expect(mm).toBeCloseTo(2, 6);
      }),
      { numRuns: 40 },
    );
  });

  it('is a node’s own answer at the node', () => {
    const grid = affineGrid(IDENTITY, [0, 0, 0]);
    const there = lpsPoint(100, 200, 300);
    writePredicted(grid, 17, { lps: there, linear: IDENTITY, spreadMm: 5, support: 9 });
    const found = fieldAt(grid, placeOf(grid, 17))!;
    expect(distanceMm(found.lps, there)).toBeLessThan(1e-3);
    expect([found.sdMm, found.cycleErrorMm]).toEqual([5, 5]);
  });

  it('interpolates only between nodes with a prediction', () => {
    const grid = emptyGrid(GRID, STEP_MM);
    writePredicted(grid, 0, { lps: lpsPoint(1, 2, 3), linear: IDENTITY, spreadMm: 1, support: 9 });
    const [x, y, z] = placeOf(grid, 0);
    expect(distanceMm(fieldAt(grid, lpsPoint(x + 5, y, z))!.lps, lpsPoint(6, 2, 3))).toBeLessThan(1e-4);
    // In another cell.
    expect(fieldAt(grid, lpsPoint(x + 45, y, z))).toBeUndefined();
  });

  it('weighs nodes by their precision, and says how much they disagree', () => {
    const grid = affineGrid(IDENTITY, [0, 0, 0]);
    const [a, b] = [placeOf(grid, 0), placeOf(grid, 1)];
    const at = (node: number, shift: number, spreadMm: number): void => {
      const [x, y, z] = placeOf(grid, node);
      writePredicted(grid, node, { lps: lpsPoint(x + shift, y, z), linear: IDENTITY, spreadMm, support: 9 });
    };
    at(0, 0, 1);
    at(1, 10, 2);
    const middle = lpsPoint((a[0] + b[0]) / 2, a[1], a[2]);
    const found = fieldAt(grid, middle)!;
    // Precisions of 1 and 1/4: a fifth of the way.
    expect(found.lps[0] - middle[0]).toBeCloseTo(2, 3);
    expect(found.sdMm).toBeCloseTo(0.8 * 1 + 0.2 * 2, 4);
    // Root mean square of 2 mm (four fifths) and 8 mm (one fifth).
    expect(found.spreadMm).toBeCloseTo(Math.sqrt(0.8 * 4 + 0.2 * 64), 3);
  });

  it('assumes no node to be better than half a millimetre', () => {
    const grid = affineGrid(IDENTITY, [0, 0, 0], 0.5);
    const [x, y, z] = placeOf(grid, 1);
    writePredicted(grid, 1, { lps: lpsPoint(x + 10, y, z), linear: IDENTITY, spreadMm: 0, support: 9 });
    const [a] = placeOf(grid, 0);
    expect(fieldAt(grid, lpsPoint((a + x) / 2, y, z))!.lps[0] - (a + x) / 2).toBeCloseTo(5, 3);
  });

  it('is smooth from cell to cell', () => {
    const grid = affineGrid(IDENTITY, [0, 0, 0]);
    for (const node of nodesOf(grid)) {
      const [x, y, z] = placeOf(grid, node);
      const shift = 5 * Math.sin(7 * node);
      writePredicted(grid, node, {
        lps: lpsPoint(x + shift, y, z),
        linear: IDENTITY,
        spreadMm: 2,
        support: 9,
      });
    }
    fc.assert(
      fc.property(inside, (lps) => {
        const moved = lpsPoint(lps[0] + 1e-4, lps[1] - 1e-4, lps[2] + 1e-4);
        expect(distanceMm(fieldAt(grid, lps)!.lps, fieldAt(grid, moved)!.lps)).toBeLessThan(2e-3);
      }),
    );
  });
});

describe('a node that was registered', () => {
  const coefficientLists = fc.array(evenly(-0.2, 0.2), { minLength: 3 * TERMS, maxLength: 3 * TERMS });

  it('maps its neighbourhood as the registration does', () => {
    fc.assert(
      fc.property(coefficientLists, linears, evenly(4, 12), offsets, (list, linear, sigma, offset) => {
        const coefficients = Float64Array.from(list);
        const grid = emptyGrid(GRID, STEP_MM);
        const answer = lpsPoint(12, -34, 56);
        writeRegistered(grid, 5, registered(answer, coefficients, sigma), linear, 3);
        const place = placeOf(grid, 5);
        const found = fieldAt(
          grid,
          lpsPoint(place[0] + offset[0], place[1] + offset[1], place[2] + offset[2]),
        )!;
        // answer + linear · (offset + displacement(offset) - displacement(0)), offsets in sigmas in the polynomial.
        const [x, y, z] = perAxis((axis) => offset[axis] / sigma);
        const terms = [0, x, y, z, x * x, y * y, z * z, x * y, x * z, y * z];
        const own = offset.map((mm, c) =>
          terms.reduce((sum, value, term) => sum + value * coefficients[c * TERMS + term]!, mm),
        );
        const expected = times(linear, own).map((mm, axis) => mm + answer[axis]!);
        expect(distanceMm(found.lps, lpsPoint(expected[0]!, expected[1]!, expected[2]!))).toBeLessThan(1e-3);
        expect(found.correlation).toBeCloseTo(0.8, 6);
        expect([found.sdMm, found.cycleErrorMm]).toEqual([1, 3]);
      }),
      { numRuns: 60 },
    );
  });
});
