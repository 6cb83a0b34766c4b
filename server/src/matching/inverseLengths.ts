/**
 * 1 / |interpolated unit vector| of a coarse map at every candidate. The squared length is a quadratic form of the
 * corner weights, and its coefficients are the cosines of neighbouring coarse voxels: |Σ w_a c_a|² = Σ w_a w_b c_a·c_b.
 * @module
 */
import type { EmbeddingMap } from '../embedding/types.ts';
import type { Candidates } from './candidates.ts';
import { RUN_WORDS } from './candidates.ts';

/** Where the fine grid's columns (rows, slices) lie on a map: first corner and fraction along one axis. */
export interface AxisTable {
  readonly base: Int32Array;
  readonly fraction: Float32Array;
}

/** Below this squared length an interpolated vector has no direction: opposite unit vectors cancelled. */
const NO_DIRECTION_SQUARED = 1e-12;

/** Steps (di, dj, dk) to one of each pair of opposite neighbours, and to the voxel itself: all pairs of a cell's corners. */
const STEPS = [
  ...[-1, 0, 1].flatMap((di) => [-1, 0, 1].map((dj) => [di, dj, 1] as const)),
  ...[-1, 0, 1].map((di) => [di, 1, 0] as const),
  [1, 0, 0] as const,
  [0, 0, 0] as const,
];

/** Number of the step from one corner to another one, both 0 or 1 along each axis, and whether it is taken backwards. */
function stepBetween(a: Corner, b: Corner): { readonly step: number; readonly backwards: boolean } {
  const delta = [b[0] - a[0], b[1] - a[1], b[2] - a[2]] as const;
  const same = STEPS.findIndex((step) => step.every((x, axis) => x === delta[axis]));
  if (same >= 0) return { step: same, backwards: false };
  return {
    step: STEPS.findIndex((step) => step.every((x, axis) => x === -(delta[axis] ?? 0))),
    backwards: true,
  };
}

type Corner = readonly [number, number, number];
type Dims = readonly [number, number, number];

/** Writes the inverse lengths, one per candidate; 0 where there is no direction. */
export function writeInverseLengths(
  map: EmbeddingMap,
  [ti, tj, tk]: readonly [AxisTable, AxisTable, AxisTable],
  { rowRuns, runs }: Candidates,
  fine: Dims,
  into: Float32Array,
): void {
  const [ni, nj] = map.grid.dims;
  const squares = new LineSquares(map);
  for (let row = 0; row + 1 < rowRuns.length; row++) {
    const [first, last] = [rowRuns[row] as number, rowRuns[row + 1] as number];
    if (first === last) continue;
    const [j, k] = [row % fine[1], Math.floor(row / fine[1])];
    const start = ((tk.base[k] as number) * nj + (tj.base[j] as number)) * ni;
    squares.place(start, tj.fraction[j] as number, tk.fraction[k] as number);
    for (let r = first * RUN_WORDS; r < last * RUN_WORDS; r += RUN_WORDS) {
      const from = runs[r] as number;
      for (let i = from, n = runs[r + 2] as number; i <= (runs[r + 1] as number); i++, n++)
        into[n] = inverse(squares.at(ti.base[i] as number, ti.fraction[i] as number));
    }
  }
}

function inverse(squared: number): number {
  return squared > NO_DIRECTION_SQUARED ? 1 / Math.sqrt(squared) : 0;
}

/** Squared lengths along one line of the map, placed between its rows and slices. */
class LineSquares {
  readonly #ni: number;
  readonly #cosines: Float64Array;
  /** |L_c|² and L_c·L_(c+1) of the line's vectors, interpolated along j and k. */
  readonly #own: Float64Array;
  readonly #next: Float64Array;
  readonly #ownPairs: readonly Pair[];
  readonly #nextPairs: readonly Pair[];

  constructor(map: EmbeddingMap) {
    const { dims } = map.grid;
    this.#ni = dims[0];
    this.#cosines = neighbourCosines(map);
    this.#own = new Float64Array(dims[0]);
    this.#next = new Float64Array(dims[0]);
    this.#ownPairs = pairsOf(dims, 0);
    this.#nextPairs = pairsOf(dims, 1);
  }

  /** @param start flat index of the map's row below */
  place(start: number, fj: number, fk: number): void {
    const weights = [(1 - fj) * (1 - fk), fj * (1 - fk), (1 - fj) * fk, fj * fk] as const;
    for (let c = 0; c < this.#ni; c++) {
      this.#own[c] = this.#sum(this.#ownPairs, start + c, weights);
      if (c + 1 < this.#ni) this.#next[c] = this.#sum(this.#nextPairs, start + c, weights);
    }
  }

  at(base: number, f: number): number {
    const a = this.#own[base] as number;
    if (f === 0) return a;
    const b = this.#own[base + 1] as number;
    return (1 - f) * (1 - f) * a + 2 * f * (1 - f) * (this.#next[base] as number) + f * f * b;
  }

  #sum(pairs: readonly Pair[], at: number, weights: readonly number[]): number {
    let sum = 0;
    for (const { a, b, from, step } of pairs) {
      const weight = (weights[a] as number) * (weights[b] as number);
      if (weight !== 0) sum += weight * (this.#cosines[(at + from) * STEPS.length + step] as number);
    }
    return sum;
  }
}

/** A pair of the line's corners in (j, k): its weights, and where the cosine of the two voxels is found. */
interface Pair {
  readonly a: number;
  readonly b: number;
  /** Flat distance from the line's voxel to the one that the step starts at. */
  readonly from: number;
  readonly step: number;
}

/** All 16 pairs between the four corners of a voxel and those of the voxel `di` further along the line. */
function pairsOf([ni, nj]: Dims, di: 0 | 1): readonly Pair[] {
  const flat = ([i, j, k]: Corner): number => (k * nj + j) * ni + i;
  return [0, 1, 2, 3].flatMap((a) =>
    [0, 1, 2, 3].map((b) => {
      const [one, other]: [Corner, Corner] = [
        [0, a & 1, a >> 1],
        [di, b & 1, b >> 1],
      ];
      const { step, backwards } = stepBetween(one, other);
      return { a, b, from: flat(backwards ? other : one), step };
    }),
  );
}

/** Cosine of every voxel with itself and its neighbours, one per step; 0 beyond the map or where there is no vector. */
function neighbourCosines(map: EmbeddingMap): Float64Array {
  const [ni, nj, nk] = map.grid.dims;
  const cosines = new Float64Array(ni * nj * nk * STEPS.length);
  let entry = 0;
  for (let voxel = 0; voxel < ni * nj * nk; voxel++) {
    const [i, j, k] = [voxel % ni, Math.floor(voxel / ni) % nj, Math.floor(voxel / (ni * nj))];
    for (const [di, dj, dk] of STEPS) {
      const inside = i + di >= 0 && i + di < ni && j + dj < nj && k + dk < nk && j + dj >= 0;
      cosines[entry++] = inside ? cosineStored(map, voxel, voxel + (dk * nj + dj) * ni + di) : 0;
    }
  }
  return cosines;
}

/** Cosine of two stored vectors. */
function cosineStored({ channels, vectors, inverseNorms }: EmbeddingMap, a: number, b: number): number {
  const scale = (inverseNorms[a] as number) * (inverseNorms[b] as number);
  if (scale === 0) return 0;
  let sum = 0;
  for (let c = 0; c < channels; c++)
    sum += (vectors[a * channels + c] as number) * (vectors[b * channels + c] as number);
  return sum * scale;
}
