import fc from 'fast-check';
import { perAxis, affineFromColumns, distanceMm, lpsPoint, seededNumbers } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { applyTo } from '../affineRegistration/index.ts';
import { NODE_NUMBERS } from './layout.ts';
import { packedPairs, SmoothField } from './smoothField.ts';
import { evenly } from '../geometry/testing/evenly.ts';

const AFFINE = affineFromColumns([1.02, 0.05, 0], [-0.04, 0.97, 0.01], [0, 0.02, 1.05], [12, -8, 300]);
const SIGMA_MM = 25;

interface Pair {
  readonly from: LpsPoint;
  readonly to: LpsPoint;
  readonly weight: number;
}

/** Pairs on a cloud of 200 mm that deviate from the affine map by `off`. */
function pairsOf(count: number, seed: number, off: (from: LpsPoint) => readonly number[]): Pair[] {
  const random = seededNumbers(seed);
  return Array.from({ length: count }, () => {
    const from = lpsPoint(200 * random() - 100, 200 * random() - 100, 200 * random() - 100);
    const [x, y, z] = applyTo(AFFINE, from);
    const [dx = NaN, dy = NaN, dz = NaN] = off(from);
    return { from, to: lpsPoint(x + dx, y + dy, z + dz), weight: 0.2 + 0.8 * random() };
  });
}

function fieldOf(pairs: readonly Pair[], reach?: number): SmoothField {
  return new SmoothField(AFFINE, packedPairs(AFFINE, pairs), SIGMA_MM, reach);
}

/** A small dense system by Gauss-Jordan elimination with pivots: another way than the code's. */
function solved(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, n) => [...row, right[n]!]);
  rows.forEach((_, column) => {
    const pivot = rows.slice(column).reduce((a, b) => (Math.abs(b[column]!) > Math.abs(a[column]!) ? b : a));
    rows[rows.indexOf(pivot)] = rows[column]!;
    rows[column] = pivot;
    for (const row of rows) {
      if (row === pivot) continue;
      const factor = row[column]! / pivot[column]!;
      row.forEach((value, n) => (row[n] = value - factor * pivot[n]!));
    }
  });
  return rows.map((row, n) => row.at(-1)! / row[n]!);
}

/** Moving least squares by their definition: what the field adds to the affine map. */
function naive(
  pairs: readonly Pair[],
  at: LpsPoint,
  except?: LpsPoint,
): { shift: number[]; support: number } {
  const near = pairs
    .filter(
      ({ from }) =>
        distanceMm(from, at) <= 3 * SIGMA_MM && (except === undefined || distanceMm(from, except) > 0),
    )
    .map(({ from, to, weight }) => {
      const [x, y, z] = perAxis((axis) => (from[axis] - at[axis]) / SIGMA_MM);
      const plain = applyTo(AFFINE, from);
      return {
        phi: [1, x, y, z, x * x, y * y, z * z, x * y, x * z, y * z],
        off: to.map((mm, axis) => mm - plain[axis]!),
        w: weight * Math.exp(-(x * x + y * y + z * z) / 2),
      };
    });
  const matrix = Array.from({ length: 10 }, (_r, a) =>
    Array.from({ length: 10 }, (_c, b) =>
      near.reduce((sum, { phi, w }) => sum + w * phi[a]! * phi[b]!, a === b ? (a < 4 ? 0.15 : 1) : 0),
    ),
  );
  const shift = [0, 1, 2].map(
    (axis) =>
      solved(
        matrix,
        Array.from({ length: 10 }, (_, a) =>
          near.reduce((sum, { phi, off, w }) => sum + w * phi[a]! * off[axis]!, 0),
        ),
      )[0]!,
  );
  return { shift, support: near.reduce((sum, { w }) => sum + w, 0) };
}

const coordinate = evenly(-130, 130);
const points = fc.tuple(coordinate, coordinate, coordinate).map((p) => lpsPoint(...p));
const wavy = (from: LpsPoint): number[] => [
  8 * Math.sin(from[2] / 30),
  5 * Math.cos(from[0] / 25),
  from[1] / 20,
];

describe('packedPairs', () => {
  it('sorts the pairs from inferior to superior, each with its deviation from the affine map', () => {
    const pairs = pairsOf(40, 1, wavy);
    const nodes = packedPairs(AFFINE, pairs);
    expect(nodes).toHaveLength(40 * NODE_NUMBERS);
    const heights = Array.from({ length: 40 }, (_, n) => nodes[n * NODE_NUMBERS + 2]!);
    expect(heights).toEqual([...heights].sort((a, b) => a - b));
    for (let n = 0; n < 40; n++) {
      const [x, y, z, dx, dy, dz, weight] = nodes.subarray(n * NODE_NUMBERS);
      const pair = pairs.find(({ from }) => from[2] === z)!;
      expect([...pair.from]).toEqual([x, y, z]);
      expect(weight).toBe(pair.weight);
      const off = wavy(pair.from);
      [dx, dy, dz].forEach((mm, axis) => {
        expect(mm).toBeCloseTo(off[axis]!, 9);
      });
    }
  });

  it('lie in memory that threads share; the list stays unchanged', () => {
    const pairs = pairsOf(5, 2, wavy);
    const before = [...pairs];
    expect(packedPairs(AFFINE, pairs).buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(pairs).toEqual(before);
  });
});

describe('SmoothField', () => {
  it('is what moving least squares are by their definition', () => {
    const pairs = pairsOf(120, 3, wavy);
    const field = fieldOf(pairs);
    fc.assert(
      fc.property(points, (at) => {
        const { shift, support } = naive(pairs, at);
        const plain = applyTo(AFFINE, at);
        const found = field.at(at);
        expect(
          distanceMm(found.lps, lpsPoint(plain[0] + shift[0]!, plain[1] + shift[1]!, plain[2] + shift[2]!)),
        ).toBeLessThan(1e-6);
        expect(found.support).toBeCloseTo(support, 9);
        expect(field.placeOf(at)).toEqual(found.lps);
      }),
    );
  });

  it('omits a pair on request: only the others determine its place', () => {
    const pairs = pairsOf(120, 4, wavy);
    const field = fieldOf(pairs);
    for (const { from } of pairs.slice(0, 20)) {
      const { shift } = naive(pairs, from, from);
      const plain = applyTo(AFFINE, from);
      const expected = lpsPoint(plain[0] + shift[0]!, plain[1] + shift[1]!, plain[2] + shift[2]!);
      expect(distanceMm(field.placeOf(from, from), expected)).toBeLessThan(1e-6);
      expect(distanceMm(field.placeOf(from), expected)).toBeGreaterThan(1e-6);
    }
  });

  it('is the affine map of the whole body where no pair is near, and says so', () => {
    const far = lpsPoint(900, -900, 900);
    for (const field of [fieldOf(pairsOf(50, 5, wavy)), fieldOf([])]) {
      const found = field.at(far);
      expect(distanceMm(found.lps, applyTo(AFFINE, far))).toBeLessThan(1e-9);
      expect(found.support).toBe(0);
      // The spread of that map around the truth, 10 mm.
      expect(found.spreadMm).toBeCloseTo(10, 9);
      expect([...found.linear]).toEqual([1.02, -0.04, 0, 0.05, 0.97, 0.02, 0, 0.01, 1.05]);
    }
  });

  it('has a linear part that is the derivative of the place', () => {
    const field = fieldOf(pairsOf(400, 6, ([x, y]) => [x / 20, (x - y) / 30, y / 25]));
    fc.assert(
      fc.property(fc.constantFrom<0 | 1 | 2>(0, 1, 2), evenly(-40, 40), (axis, x) => {
        const at = lpsPoint(x, 10, -x / 2);
        const step = perAxis((other) => (other === axis ? 1 : 0));
        const beside = field.placeOf(lpsPoint(at[0] + step[0], at[1] + step[1], at[2] + step[2]));
        const { lps, linear } = field.at(at);
        for (const row of [0, 1, 2]) expect(beside[row]! - lps[row]!).toBeCloseTo(linear[3 * row + axis]!, 1);
      }),
    );
  });

  it('says how much the pairs around a point scatter', () => {
    const still = fieldOf(pairsOf(300, 7, () => [0, 0, 0])).at(lpsPoint(0, 0, 0));
    const random = seededNumbers(8);
    const noisy = fieldOf(pairsOf(300, 7, () => [12 * random() - 6, 12 * random() - 6, 12 * random() - 6]));
    expect(still.spreadMm).toBeLessThan(noisy.at(lpsPoint(0, 0, 0)).spreadMm);
    // Uniform within 6 mm along each axis: 6 mm root mean square, less what ten terms fit away.
    expect(noisy.at(lpsPoint(0, 0, 0)).spreadMm).toBeGreaterThan(4);
    expect(noisy.at(lpsPoint(0, 0, 0)).spreadMm).toBeLessThan(7);
  });

  it('uses no pair beyond its reach', () => {
    const far = { from: lpsPoint(0, 0, 2.5 * SIGMA_MM), to: lpsPoint(0, 0, 500), weight: 1 };
    expect(fieldOf([far], 3).at(lpsPoint(0, 0, 0)).support).toBeGreaterThan(0);
    expect(fieldOf([far], 2).at(lpsPoint(0, 0, 0)).support).toBe(0);
  });

  it('keeps two fields apart that are evaluated in turn', () => {
    const [one, other] = [fieldOf(pairsOf(60, 9, wavy)), fieldOf(pairsOf(2_500, 10, () => [1, 2, 3]))];
    const third = fieldOf(pairsOf(70, 11, () => [-4, 0, 4]));
    const at = lpsPoint(5, -5, 5);
    const separate = [one, other, third].map((field) => field.at(at).lps);
    for (let round = 0; round < 3; round++)
      expect([one, other, third].map((field) => field.at(at).lps)).toEqual(separate);
  });
});
