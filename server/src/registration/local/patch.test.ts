import fc from 'fast-check';
import { lpsPoint, perAxis } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { LEVEL_STEP } from '../../pyramid/level.ts';
import type { Level } from '../../pyramid/level.ts';
import { NOT_ACQUIRED } from '../../pyramid/layout.ts';
import { TERMS } from '../layout.ts';
import { Patch } from './patch.ts';
import type { Window } from './patch.ts';
import type { Prior } from './prior.ts';
import { evenly } from '../../geometry/testing/evenly.ts';

/** Writes the terms at an offset (in units of the window's sigma). */
function writeTerms(x: number, y: number, z: number, into: Float64Array): void {
  into[0] = 1;
  into[1] = x;
  into[2] = y;
  into[3] = z;
  into[4] = x * x;
  into[5] = y * y;
  into[6] = z * z;
  into[7] = x * y;
  into[8] = x * z;
  into[9] = y * z;
}

/** The reference: a voxel of the window by the definition. */
interface Voxel {
  readonly phi: Float64Array;
  readonly value: number;
  readonly gradient: readonly [number, number, number];
  readonly weight: number;
}

const REACH = 2.4;
const IDENTITY = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);

function levelOf(dims: Level['dims'], seed: number): Level {
  const values = new Int16Array(dims[0] * dims[1] * dims[2]);
  // No two neighbours alike, no period within a level.
  for (let n = 0; n < values.length; n++)
    values[n] = (90 * Math.sin(1.3 * n + seed) + 40 * Math.cos(0.37 * n)) / LEVEL_STEP;
  return { dims, spacing: [2, 2.5, 3], origin: [-10, 4, 20], values };
}

/** The same level of which nothing was acquired from a column on. */
function cutAt(level: Level, from: number): Level {
  const values = level.values.map((value, n) => (n % level.dims[0] >= from ? NOT_ACQUIRED : value));
  return { ...level, values };
}

/** NaN where nothing was acquired. */
function valueAt({ dims, values }: Level, i: number, j: number, k: number): number {
  const value = values[(k * dims[1] + j) * dims[0] + i] ?? NaN;
  return value === NOT_ACQUIRED ? NaN : value * LEVEL_STEP;
}

/** Every voxel of the window, also those without neighbours on both sides (`isInner` false). */
function* windowOf(level: Level, point: LpsPoint, { sigma, thinned }: Window) {
  const { dims, origin, spacing } = level;
  const margin = 9;
  for (let k = -margin; k < dims[2] + margin; k++)
    for (let j = -margin; j < dims[1] + margin; j++)
      for (let i = -margin; i < dims[0] + margin; i++) {
        if (thinned === true && (i + j + k) % 2 !== 0) continue;
        const index = [i, j, k] as const;
        const [x, y, z] = perAxis((a) => (origin[a] + index[a] * spacing[a] - point[a]) / sigma);
        const squared = x * x + y * y + z * z;
        if (squared > REACH * REACH) continue;
        const isInner = [i, j, k].every((n, axis) => n > 0 && n < (dims[axis] ?? NaN) - 1);
        yield { index, at: [x, y, z] as const, weight: Math.exp(-squared / 2), isInner };
      }
}

function voxelsOf(level: Level, point: LpsPoint, window: Window): readonly Voxel[] {
  const [sx, sy, sz] = level.spacing;
  return [...windowOf(level, point, window)]
    .filter(({ isInner }) => isInner)
    .map(({ index: [i, j, k], at, weight }) => {
      const phi = new Float64Array(TERMS);
      writeTerms(...at, phi);
      const across = (di: number, dj: number, dk: number): number =>
        valueAt(level, i + di, j + dj, k + dk) - valueAt(level, i - di, j - dj, k - dk);
      const gradient = [
        across(1, 0, 0) / (2 * sx),
        across(0, 1, 0) / (2 * sy),
        across(0, 0, 1) / (2 * sz),
      ] as const;
      return { phi, value: valueAt(level, i, j, k), gradient, weight };
    })
    .filter(({ value, gradient }) => Number.isFinite(value + sumOf(gradient)));
}

function trilinear(level: Level, index: readonly number[]): number | undefined {
  if (index.some((n, axis) => !(n >= 0 && n < (level.dims[axis] ?? NaN) - 1))) return undefined;
  const base = index.map(Math.floor);
  let sum = 0;
  for (let corner = 0; corner < 8; corner++) {
    const steps = [corner & 1, (corner >> 1) & 1, corner >> 2];
    const weight = steps.reduce((w, step, axis) => {
      const fraction = (index[axis] ?? NaN) - (base[axis] ?? NaN);
      return w * (step === 1 ? fraction : 1 - fraction);
    }, 1);
    sum +=
      weight *
      valueAt(level, base[0]! + (steps[0] ?? 0), base[1]! + (steps[1] ?? 0), base[2]! + (steps[2] ?? 0));
  }
  return sum;
}

/** Voxels of the window in view of the target, with what the target shows there. */
function seenBy(voxels: readonly Voxel[], target: Level, prior: Prior, theta: Float64Array, sigma: number) {
  return voxels.flatMap((voxel) => {
    const index = [0, 1, 2].map((axis) => {
      let mm =
        (prior.centre[axis] ?? NaN) + sigma * (voxel.phi[1 + axis] ?? NaN) - (target.origin[axis] ?? NaN);
      for (let term = 0; term < TERMS; term++)
        mm += (theta[axis * TERMS + term] ?? NaN) * (voxel.phi[term] ?? NaN);
      return mm / (target.spacing[axis] ?? NaN);
    });
    const moved = trilinear(target, index);
    return moved === undefined || Number.isNaN(moved) ? [] : [{ ...voxel, moved }];
  });
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

const WINDOWS: readonly Window[] = [
  { sigma: 7, terms: 4 },
  { sigma: 6, terms: 10 },
  { sigma: 7, terms: 10, thinned: true },
];
const scene = fc.record({
  point: fc.tuple(evenly(-8, 30), evenly(6, 50), evenly(25, 70)),
  window: fc.constantFrom(...WINDOWS),
  theta: fc.array(evenly(-1, 1), {
    minLength: 3 * TERMS,
    maxLength: 3 * TERMS,
  }),
});

describe('Patch', () => {
  const patch = new Patch();
  const query = levelOf([24, 22, 20], 1);
  // Off the query's lattice: whether a voxel on the border is in view is a matter of rounding.
  const target = { ...levelOf([25, 21, 23], 2), origin: [-9.63, 4.41, 19.17] as const };
  const pairs = fc.constantFrom(
    { query, target },
    { query: cutAt(query, 14), target },
    { query, target: cutAt(target, 12) },
  );

  it('sums the curvature of the window as defined', () => {
    fc.assert(
      fc.property(scene, pairs, ({ point, window }, { query }) => {
        patch.extract(query, lpsPoint(...point), window);
        const voxels = voxelsOf(query, lpsPoint(...point), window);
        const { terms } = window;
        for (let row = 0; row < 3 * terms; row += 5) {
          for (let column = 0; column < 3 * terms; column++) {
            const [c, a, d, b] = [
              Math.floor(row / terms),
              row % terms,
              Math.floor(column / terms),
              column % terms,
            ];
            const products = voxels.map(
              ({ weight, gradient, phi }) =>
                weight * (gradient[c] ?? NaN) * (gradient[d] ?? NaN) * (phi[a] ?? NaN) * (phi[b] ?? NaN),
            );
            const scale = sumOf(products.map(Math.abs)) + 1e-3;
            const found = patch.hessian[(c * TERMS + a) * 3 * TERMS + d * TERMS + b] ?? NaN;
            expect(Math.abs(found - sumOf(products)) / scale).toBeLessThan(1e-4);
          }
        }
      }),
      { numRuns: 12 },
    );
  });

  it('compares with the target under the map, and pulls, as defined', () => {
    fc.assert(
      fc.property(scene, pairs, ({ point, window, theta }, { query, target }) => {
        const at = lpsPoint(...point);
        const prior = { centre: at, linear: IDENTITY, shiftMm: 1, strain: 1, curvature: 1 };
        const { sigma, terms } = window;
        // Terms out of use are 0.
        const state = Float64Array.from(theta, (value, n) => (n % TERMS < terms ? value : 0));
        patch.extract(query, at, window);
        const found = patch.compare(target, prior, state);
        const seen = seenBy(voxelsOf(query, at, window), target, prior, state, sigma);
        const full = sumOf([...windowOf(query, at, window)].map(({ weight }) => weight));
        const sum = sumOf(seen.map(({ weight }) => weight));
        if (sum / full < 0.34) expect(found).toBeUndefined();
        if (found === undefined) {
          expect(sum / full).toBeLessThan(0.36);
          return;
        }
        expect(found.overlap).toBeCloseTo(sum / full, 3);
        const mean = (of: (voxel: (typeof seen)[number]) => number): number =>
          sumOf(seen.map((voxel) => voxel.weight * of(voxel))) / sum;
        const [meanQ, meanT] = [mean(({ value }) => value), mean(({ moved }) => moved)];
        const cov = mean(({ value, moved }) => (value - meanQ) * (moved - meanT));
        const varT = mean(({ moved }) => (moved - meanT) ** 2);
        expect(found.ncc).toBeCloseTo(cov / Math.sqrt(varT * mean(({ value }) => (value - meanQ) ** 2)), 2);
        const gain = Math.min(Math.max(cov / varT, 0.33), 3);
        const residuals = seen.map(({ value, moved }) => value - meanQ - gain * (moved - meanT));
        const noise =
          sumOf(seen.map(({ weight }, n) => weight * Math.abs(residuals[n] ?? NaN))) / sum / 0.798;
        expect(found.noise / noise).toBeCloseTo(1, 2);
        const pull = patch.pull(found);
        for (let row = 0; row < 3 * terms; row++) {
          const parts = seen.map(({ weight, gradient, phi }, n) => {
            const residual = residuals[n] ?? NaN;
            const kept = weight / (1 + (residual / (2 * noise)) ** 2);
            return kept * residual * (gradient[Math.floor(row / terms)] ?? NaN) * (phi[row % terms] ?? NaN);
          });
          const scale = sumOf(parts.map(Math.abs)) + 1e-3;
          expect(Math.abs((pull[row] ?? NaN) - sumOf(parts)) / scale).toBeLessThan(0.01);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('follows a map beyond what was copied of the target', () => {
    const wide = levelOf([90, 22, 20], 3);
    const centre = lpsPoint(10, 30, 45);
    const prior = { centre, linear: IDENTITY, shiftMm: 1, strain: 1, curvature: 1 };
    const window = { sigma: 5, terms: 4 };
    const shifted = (mm: number): Float64Array => {
      const theta = new Float64Array(3 * TERMS);
      theta[0] = mm;
      return theta;
    };
    patch.extract(wide, centre, window);
    expect(patch.compare(wide, prior, shifted(0))?.ncc).toBeCloseTo(1, 5);
    for (const mm of [3.37, 40.61, 80.13, 120.77]) {
      const far = patch.compare(wide, prior, shifted(mm));
      expect(far?.overlap).toBeGreaterThan(0.9);
      // A fresh patch copies that place at once.
      const fresh = new Patch();
      fresh.extract(wide, centre, window);
      expect(far).toEqual(fresh.compare(wide, prior, shifted(mm)));
    }
  });
});
