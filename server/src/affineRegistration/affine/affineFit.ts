/**
 * Robust affine maps between point pairs.
 * @module
 */
import { affineFromColumns, determinant, lpsPoint, seededNumbers } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { median, factor, solveFactored } from '../../numerics/index.ts';

/** A point of the query and its match; LPS, mm. */
export interface PointPair {
  readonly from: LpsPoint;
  readonly to: LpsPoint;
  /** From 0 to 1: how much the match is trusted. */
  readonly weight: number;
  readonly similarity: number;
}

/** Samples of four pairs that are tried: with half of the pairs right, one in 16 samples is. */
const SAMPLES = 400;
/** A pair this close to a map supports it, mm: bodies bend, so this is not the accuracy of a match. */
const SUPPORT_MM = 25;
/** Volume ratio and stretch of a map between bodies. A mirror image has a negative one. */
const [LEAST_VOLUME, LARGEST_VOLUME] = [0.3, 3.3];
/** Reweighted fits after the best sample. */
const REFITS = 8;
/** Rounds of {@link reweightedAffine}; it moves by less than 0.01 mm after them. */
const REWEIGHTINGS = 30;
/** Pairs farther off than so many median distances have no weight. */
const CUT_OFF_MEDIANS = 2;
/** No pair this near is an outlier, mm: where a map explains all pairs exactly, the median distance is rounding. */
const LEAST_CUT_OFF_MM = 0.1;
/** The least squares fit is drawn towards a shift by this weight of one pair, so that flat point sets have a solution. */
const RIDGE = 1e-3;

/** An affine map of the query's world to the target's, with its support. */
export interface AffineFit {
  readonly map: Affine;
  /** Share of the pairs' weight that it explains. */
  readonly support: number;
}

type Triple = readonly [number, number, number];

/** Applies an affine map to a world point. */
export function applyTo(m: Affine, p: LpsPoint): LpsPoint {
  return lpsPoint(
    m[0] * p[0] + m[1] * p[1] + m[2] * p[2] + m[3],
    m[4] * p[0] + m[5] * p[1] + m[6] * p[2] + m[7],
    m[8] * p[0] + m[9] * p[1] + m[10] * p[2] + m[11],
  );
}

/**
 * The affine map that most pairs support (RANSAC, seeded; then reweighted least squares).
 * @returns undefined where no plausible map has support
 */
export function robustAffine(pairs: readonly PointPair[]): AffineFit | undefined {
  const [first] = pairs;
  if (first === undefined || pairs.length < 8) return undefined;
  const random = seededNumbers(pairs.length);
  let best: AffineFit | undefined;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const four = Array.from({ length: 6 }, () => pairs[Math.floor(random() * pairs.length)] ?? first);
    const map = leastSquares(four, () => 1);
    if (map === undefined || !isPlausible(map)) continue;
    const support = supportOf(map, pairs);
    if (best === undefined || support > best.support) best = { map, support };
  }
  for (let n = 0; best !== undefined && n < REFITS; n++) {
    const { map } = best;
    const refit: Affine | undefined = leastSquares(pairs, (pair) => pair.weight * trust(map, pair));
    if (refit === undefined || !isPlausible(refit)) break;
    best = { map: refit, support: supportOf(refit, pairs) };
  }
  return best;
}

/** The affine map with the least squared distances of all pairs, outliers included; undefined where there is no pair. */
export function leastSquaresAffine(pairs: readonly PointPair[]): Affine | undefined {
  return leastSquares(pairs, ({ weight }) => weight);
}

/**
 * The affine map near most pairs: least squares, then Tukey's biweight (Holland & Welsch, 1977), cut off at twice the median distance,
 * which are three standard deviations per axis of a normal error. Wrong matches, and parts of the body that move otherwise than the rest,
 * have no influence.
 * @returns undefined where there is no pair
 */
export function reweightedAffine(pairs: readonly PointPair[]): Affine | undefined {
  let map = leastSquaresAffine(pairs);
  for (let round = 0; map !== undefined && round < REWEIGHTINGS; round++) {
    const current: Affine = map;
    const middle = Math.sqrt(median(pairs.map((pair) => squaredError(current, pair))));
    const limit = Math.max(CUT_OFF_MEDIANS * middle, LEAST_CUT_OFF_MM);
    map = leastSquares(pairs, (pair) => pair.weight * biweight(squaredError(current, pair), limit));
  }
  return map;
}

/** Weight of a squared distance: 1 for none, 0 from the limit on. */
function biweight(squared: number, limit: number): number {
  return Math.max(1 - squared / (limit * limit), 0) ** 2;
}

function trust(map: Affine, pair: PointPair): number {
  return 1 / (1 + squaredError(map, pair) / (0.25 * SUPPORT_MM * SUPPORT_MM)) ** 2;
}

function squaredError(map: Affine, { from, to }: PointPair): number {
  const moved = applyTo(map, from);
  return (moved[0] - to[0]) ** 2 + (moved[1] - to[1]) ** 2 + (moved[2] - to[2]) ** 2;
}

function supportOf(map: Affine, pairs: readonly PointPair[]): number {
  let [sum, all] = [0, 0];
  for (const pair of pairs) {
    sum += pair.weight * trust(map, pair);
    all += pair.weight;
  }
  return sum / (all || 1);
}

function isPlausible(map: Affine): boolean {
  const volume = determinant(map);
  return volume > LEAST_VOLUME && volume < LARGEST_VOLUME;
}

/** Weighted least squares, about the centroid; undefined without weight. */
function leastSquares(
  pairs: readonly PointPair[],
  weightOf: (pair: PointPair) => number,
): Affine | undefined {
  const [a, b] = [new Float64Array(9), new Float64Array(9)];
  const weights = pairs.map(weightOf);
  const total = weights.reduce((sum, w) => sum + w, 0);
  if (!(total > 0)) return undefined;
  const mean = (pick: (pair: PointPair) => LpsPoint, axis: 0 | 1 | 2): number =>
    pairs.reduce((sum, pair, n) => sum + (weights[n] ?? NaN) * pick(pair)[axis], 0) / total;
  const centroid = (pick: (pair: PointPair) => LpsPoint): Triple => [
    mean(pick, 0),
    mean(pick, 1),
    mean(pick, 2),
  ];
  const p = centroid(({ from }) => from);
  const q = centroid(({ to }) => to);
  for (const [n, { from, to }] of pairs.entries()) {
    const w = (weights[n] ?? NaN) / total;
    for (let r = 0; r < 3; r++) {
      const x = w * ((from[r] ?? NaN) - (p[r] ?? NaN));
      addProducts(a, 3 * r, x, from, p);
      addProducts(b, 3 * r, x, to, q);
    }
  }
  drawTowardsIdentity(a, b);
  if (!factor(a, 3)) return undefined;
  const row = (c: number): Float64Array => {
    const right = Float64Array.of(b[c] ?? NaN, b[3 + c] ?? NaN, b[6 + c] ?? NaN);
    solveFactored(a, 3, right);
    return right;
  };
  return fromRows([row(0), row(1), row(2)], p, q);
}

/** Adds x times the offset of a point from a centroid to three numbers of a matrix. */
function addProducts(matrix: Float64Array, at: number, x: number, point: LpsPoint, centroid: Triple): void {
  for (let c = 0; c < 3; c++)
    matrix[at + c] = (matrix[at + c] ?? NaN) + x * ((point[c] ?? NaN) - (centroid[c] ?? NaN));
}

/** Where the points have no extent, the map is the identity. */
function drawTowardsIdentity(a: Float64Array, b: Float64Array): void {
  const ridge = RIDGE * ((a[0] ?? NaN) + (a[4] ?? NaN) + (a[8] ?? NaN)) + 1e-6;
  for (const d of [0, 4, 8]) {
    a[d] = (a[d] ?? NaN) + ridge;
    b[d] = (b[d] ?? NaN) + ridge;
  }
}

/** Rows of the linear part, and the centroids that it maps onto each other. */
function fromRows(rows: readonly Float64Array[], p: Triple, q: Triple): Affine {
  const at = (r: number, c: number): number => rows[r]?.[c] ?? NaN;
  const column = (c: number): [number, number, number] => [at(0, c), at(1, c), at(2, c)];
  const shift = (r: 0 | 1 | 2): number => q[r] - at(r, 0) * p[0] - at(r, 1) * p[1] - at(r, 2) * p[2];
  return affineFromColumns(column(0), column(1), column(2), [shift(0), shift(1), shift(2)]);
}
