import fc from 'fast-check';
import { affineFromColumns, lpsPoint } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { fieldOfMap, latticeAround } from '../field/displacementField.ts';
import type { Voxels } from '../types.ts';
import { BLANK, differenceSlices } from './difference.ts';
import type { DifferenceRequest } from './difference.ts';
import { rangesAround } from './localRange.ts';
import { sigmaOfCoarser, smoothedSlices } from './smoothSlices.ts';

const N = 24;
const GRID = {
  dims: [N, N, N] as const,
  voxelToLps: affineFromColumns([2, 0, 0], [0, 2, 0], [0, 0, 2], [0, 0, 0]),
};
const IDENTITY = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]);
const BODY = { grid: GRID, mask: new Uint8Array(N ** 3).fill(1) };
const CENTRE = lpsPoint(20, 24, 26);

/** Soft tissue behind x = `edgeMm`, lung before it, and a ball of soft tissue in the lung. */
function image(edgeMm: number, ballRadiusMm: number): Voxels {
  const data = Int16Array.from({ length: N ** 3 }, (_, at) => {
    const [x, y, z] = [2 * (at % N), 2 * (Math.floor(at / N) % N), 2 * Math.floor(at / (N * N))];
    const isBall = Math.hypot(x - CENTRE[0], y - CENTRE[1], z - CENTRE[2]) <= ballRadiusMm;
    return isBall || x >= edgeMm ? 40 : -850;
  });
  return { ...GRID, data };
}

function difference(changes: Partial<DifferenceRequest> = {}): {
  readonly at: (lps: LpsPoint) => number;
  readonly blank: number;
  readonly all: Int16Array;
} {
  const field = fieldOfMap(latticeAround(GRID, 4), IDENTITY, undefined);
  const request = {
    ...{ fixed: image(40, 8), moving: image(40, 4), field, body: BODY, limitMm: 8, toleranceMm: 0 },
    ...changes,
  };
  const slices = [...differenceSlices(request)];
  const all = Int16Array.from(slices.flatMap(({ values }) => [...values]));
  return {
    at: ([x, y, z]) => all[((z / 2) * N + y / 2) * N + x / 2]!,
    blank: slices.reduce((sum, slice) => sum + slice.blank, 0),
    all,
  };
}

describe('a difference', () => {
  it('is zero where nothing has changed, and the change where a ball has grown', () => {
    const { at, blank } = difference();
    expect(at(CENTRE)).toBe(0);
    expect(at(lpsPoint(26, 24, 26))).toBe(890);
    expect(at(lpsPoint(4, 4, 4))).toBe(0);
    expect(blank).toBe(0);
  });

  it('is negative where a ball has gone', () => {
    expect(difference({ fixed: image(40, -1), moving: image(40, 8) }).at(CENTRE)).toBe(-890);
  });

  it('has no edges of a map that errs by less than the tolerance', () => {
    const displaced = { moving: image(42, 4) };
    const edge = lpsPoint(40, 10, 10);
    expect(difference(displaced).at(edge)).toBe(890);
    const tolerant = difference({ ...displaced, toleranceMm: 2 });
    expect(Math.abs(tolerant.at(edge))).toBeLessThan(250);
    expect(Math.abs(tolerant.at(lpsPoint(38, 10, 10)))).toBeLessThan(250);
    // The ball has grown by more: two of its 4 mm are left.
    expect(tolerant.at(lpsPoint(28, 24, 26))).toBeGreaterThan(500);
    expect(tolerant.at(lpsPoint(24, 24, 26))).toBe(0);
  });

  it('is none where the prior blurs what is thin', () => {
    // A plate of one voxel, 2 mm; the prior has voxels of 4 mm along x, half of which it fills.
    const plate = image(100, -1).data.map((hu, at) => (at % N === 12 ? 600 : hu));
    const [nx, fixed] = [N / 2, { ...GRID, data: Int16Array.from(plate) }];
    const moving = {
      dims: [nx, N, N] as const,
      voxelToLps: affineFromColumns([4, 0, 0], [0, 2, 0], [0, 0, 2], [1, 0, 0]),
      data: Int16Array.from({ length: nx * N * N }, (_, at) => (at % nx === 6 ? -125 : -850)),
    };
    const on = lpsPoint(24, 20, 20);
    const plain = difference({ fixed, moving }).at(on);
    expect(plain).toBeGreaterThan(700);
    expect(difference({ fixed, moving, toleranceMm: 2 }).at(on)).toBeLessThan(plain / 2);
  });

  it('is blank outside of the body', () => {
    const mask = new Uint8Array(N ** 3);
    mask.fill(1, 0, N * N * 4);
    const { at, blank } = difference({ body: { grid: GRID, mask } });
    expect(at(lpsPoint(10, 10, 20))).toBe(BLANK);
    expect(at(lpsPoint(10, 10, 2))).toBe(0);
    expect(blank).toBe(0);
  });

  it('is blank where the error radius is above the limit, or unknown', () => {
    const errorRadiusAt = ([x]: LpsPoint): number | undefined => (x < 16 ? 3 : x < 32 ? 9 : undefined);
    const { at, blank } = difference({ errorRadiusAt });
    expect([2, 24, 44].map((x) => at(lpsPoint(x, 10, 10)))).toEqual([0, BLANK, BLANK]);
    expect(blank).toBeGreaterThan(N ** 3 / 2);
  });

  it('is blank where the prior shows nothing', () => {
    const moving = {
      ...image(40, 4),
      voxelToLps: affineFromColumns([2, 0, 0], [0, 2, 0], [0, 0, 2], [0, 0, 20]),
    };
    expect(difference({ moving }).at(lpsPoint(10, 10, 10))).toBe(BLANK);
  });

  it('is blank where the prior does not show all within the tolerance', () => {
    const moving = {
      ...image(40, 4),
      voxelToLps: affineFromColumns([2, 0, 0], [0, 2, 0], [0, 0, 2], [0, 0, 3]),
    };
    const valuesAt = (toleranceMm: number): readonly boolean[] =>
      [2, 4, 6].map((z) => difference({ moving, toleranceMm }).at(lpsPoint(10, 10, z)) === BLANK);
    expect(valuesAt(0)).toEqual([true, false, false]);
    expect(valuesAt(2)).toEqual([true, true, false]);
  });

  it('is blank where the field folds', () => {
    const folding = fieldOfMap(latticeAround(GRID, 4), IDENTITY, ([x, y, z]) =>
      lpsPoint(x < 24 ? x + 12 : x - 12, y, z),
    );
    const { all } = difference({ field: folding });
    expect(all.filter((value) => value === BLANK).length).toBeGreaterThan(N * N * 2);
  });
});

describe('the range around a voxel', () => {
  it('is that of all voxels of its box', () => {
    const dims = [4, 3, 3] as const;
    const values = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 36, maxLength: 36 });
    fc.assert(
      fc.property(values, fc.nat(2), fc.nat(2), fc.nat(1), (numbers, ri, rj, rk) => {
        const slices = [0, 1, 2].map((k) => Float32Array.from(numbers.slice(12 * k, 12 * k + 12)));
        const found = [...rangesAround(slices.values(), dims, [ri, rj, rk])];
        numbers.forEach((_, at) => {
          const [i, j, k] = [at % 4, Math.floor(at / 4) % 3, Math.floor(at / 12)];
          const box = numbers.filter(
            (__, n) =>
              Math.abs((n % 4) - i) <= ri &&
              Math.abs((Math.floor(n / 4) % 3) - j) <= rj &&
              Math.abs(Math.floor(n / 12) - k) <= rk,
          );
          expect(found[k]!.low[at % 12]).toBe(Math.min(...box));
          expect(found[k]!.high[at % 12]).toBe(Math.max(...box));
        });
      }),
    );
  });

  it('is not known where one of them is none', () => {
    const [range] = [...rangesAround([Float32Array.of(NaN, 5, 7)].values(), [3, 1, 1], [1, 0, 0])];
    expect([...range!.low]).toEqual([NaN, NaN, 5]);
    expect([...range!.high]).toEqual([NaN, NaN, 7]);
  });
});

describe('an image smoothed to the resolution of another one', () => {
  it('keeps what is constant, to its faces, and the sum of a point', () => {
    const data = Float32Array.from({ length: 13 ** 3 }, (_, at) => (at === 6 * 169 + 6 * 13 + 6 ? 1000 : 0));
    const grid = { dims: [13, 13, 13] as const, voxelToLps: IDENTITY };
    const all = [...smoothedSlices({ ...grid, data }, [0.5, 0.7, 0.9])].flatMap((slice) => [...slice]);
    expect(all.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1000, 1);
    const flat = smoothedSlices({ ...grid, data: new Int16Array(13 ** 3).fill(7) }, [0.5, 0.7, 0.9]);
    for (const slice of flat) for (const value of slice) expect(value).toBeCloseTo(7, 4);
  });

  it('has the variance of the wanted resolution', () => {
    const data = Float32Array.from({ length: 21 }, (_, at) => (at === 10 ? 1 : 0));
    const grid = { dims: [21, 1, 1] as const, voxelToLps: IDENTITY };
    const [line] = [...smoothedSlices({ ...grid, data }, [1.2, 0.5, 0.5])];
    const variance = line!.reduce((sum, value, at) => sum + value * (at - 10) ** 2, 0);
    expect(Math.sqrt(variance)).toBeCloseTo(1.2, 1);
  });

  it('is that of the coarser one along each axis, however the other one is stored', () => {
    const fixed = {
      dims: [8, 8, 8] as const,
      voxelToLps: affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 4], [0, 0, 0]),
    };
    // Sagittal: its slices, 3 mm apart, go along x.
    const other = {
      dims: [8, 8, 8] as const,
      voxelToLps: affineFromColumns([0, 2, 0], [0, 0, 2], [3, 0, 0], [0, 0, 0]),
    };
    const [x, y, z] = sigmaOfCoarser(fixed, other);
    expect([x, y, z].map((value) => Number(value.toFixed(6)))).toEqual([1.5, 1, 0.5]);
  });
});
