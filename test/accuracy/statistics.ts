/**
 * From answered points to a row of the table. Lengths in mm, shares 0 to 1.
 * @module
 */
import { coverageCurve, judged } from './coverage.ts';
import type { LesionChange } from '../../server/src/matching/index.ts';
import type { Cost } from './cpuTime.ts';
import type { Measures, Metrics } from './datasets/metrics.ts';

/** One point of the benchmark with a method's answer. */
export interface Scored {
  /** Distance of the answer from the true point, mm; undefined where the method gave an error instead of an answer. */
  readonly errorMm: number | undefined;
  /** The radius that the answer claims to hold the true point with 90 % probability, mm. */
  readonly radiusMm?: number | undefined;
  /** What the answer says of itself: matched, uncertain, out-of-view, absent. */
  readonly verdict?: string | undefined;
  /** What a published benchmark measures of the answer. */
  readonly measures?: Measures | undefined;
  /** Name of the pair of volumes. */
  readonly pair?: string | undefined;
  /** What became of the lesion at the point, where it is known, and what the answer says of it. */
  readonly change?: { readonly truth: LesionChange; readonly said: LesionChange | undefined } | undefined;
}

/** Times of a pair: embedding both volumes (nothing where a method embeds nothing), then answering its points. */
export interface PairTime {
  readonly embed: Cost;
  readonly match: Cost;
}

/** What a row is about. */
export interface RowKey {
  readonly data: string;
  readonly case: string;
  readonly model: string;
  readonly method: string;
}

/** One row of accuracy.json. `null`: the number does not exist, e.g. a median of which half the points failed. */
export interface Row extends RowKey {
  /** Query points, failed ones included. */
  readonly n: number;
  readonly medianMm: number | null;
  /** Over the answered points only: a failure has no finite distance. */
  readonly meanMm: number | null;
  readonly p95Mm: number | null;
  readonly within10mm: number | null;
  readonly within5mm: number | null;
  /** For one pair: both embeddings and all its points. */
  readonly seconds: number;
  readonly embedSeconds?: number;
  /** Processor time of the same: comparable also when the machine is busy with other things. */
  readonly cpuSeconds?: number;
  /** Points that gave an error; they count as outside of every distance. */
  readonly failed?: number;
  /** Share farther off than {@link GROSS_MM}. */
  readonly gross?: number;
  /** Shares of the verdicts. */
  readonly answered?: number;
  readonly uncertain?: number;
  readonly outOfView?: number;
  readonly absent?: number;
  readonly within10mmMatched?: number;
  /** Share of the points with a radius that lie within it. */
  readonly radiusCoverage?: number;
  readonly medianRadiusMm?: number;
  /** Shares within the radius scaled to the probabilities 0.05, 0.1 to 0.95 (coverage.ts). */
  readonly coverage?: readonly number[];
  /** Shares of the points of which the answer says rightly, or wrongly, what became of the lesion; of the others it says nothing. */
  readonly changeRight?: number;
  readonly changeWrong?: number;
  /** Median error of the diameters that were said with the right change. */
  readonly diameterErrorMm?: number;
  /** The measures of the benchmark that published the data. */
  readonly metrics?: Metrics;
}

/** An answer farther off than this is in another part of the body, mm. */
export const GROSS_MM = 30;
const SHARE_DIGITS = 4;
const COVERAGE_DIGITS = 3;
const MM_DIGITS = 3;
const SECONDS_DIGITS = 2;

/**
 * Quantile by linear interpolation between order statistics (as numpy's default). Infinite values are allowed; the
 * result is infinite as soon as one of the two neighbours is.
 * @returns NaN for no values.
 */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? NaN;
  const high = sorted[Math.ceil(at)] ?? NaN;
  return high === Infinity
    ? at === Math.floor(at)
      ? low
      : Infinity
    : low + (at - Math.floor(at)) * (high - low);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function share<T>(values: readonly T[], holds: (value: T) => boolean): number {
  return values.filter(holds).length / values.length;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function millimetres(value: number): number | null {
  return Number.isFinite(value) ? rounded(value, MM_DIGITS) : null;
}

function timeFields(times: readonly PairTime[]): Pick<Row, 'seconds' | 'embedSeconds' | 'cpuSeconds'> {
  if (times.length === 0) return { seconds: 0 };
  const meanOf = (of: (time: PairTime) => number): number => rounded(mean(times.map(of)), SECONDS_DIGITS);
  const embedSeconds = meanOf(({ embed }) => embed.seconds);
  return {
    seconds: meanOf(({ embed, match }) => embed.seconds + match.seconds),
    ...(embedSeconds > 0 ? { embedSeconds } : {}),
    cpuSeconds: meanOf(({ embed, match }) => embed.cpuSeconds + match.cpuSeconds),
  };
}

type VerdictShares = Pick<Row, 'answered' | 'uncertain' | 'outOfView' | 'absent'>;

/** Nothing where the method gives no verdicts. */
function verdictShares(points: readonly Scored[]): VerdictShares {
  if (points.every(({ verdict }) => verdict === undefined)) return {};
  const of = (name: string): number =>
    rounded(
      share(points, ({ verdict }) => verdict === name),
      SHARE_DIGITS,
    );
  return {
    answered: of('matched'),
    uncertain: of('uncertain'),
    outOfView: of('out-of-view'),
    absent: of('absent'),
  };
}

function matchedFields(points: readonly Scored[]): Pick<Row, 'within10mmMatched'> {
  const matched = points.filter(({ verdict }) => verdict === 'matched');
  if (matched.length === 0) return {};
  return {
    within10mmMatched: rounded(
      share(matched, ({ errorMm = Infinity }) => errorMm <= 10),
      SHARE_DIGITS,
    ),
  };
}

function radiusFields(
  points: readonly Scored[],
): Pick<Row, 'radiusCoverage' | 'medianRadiusMm' | 'coverage'> {
  const known = judged(points);
  if (known.length === 0) return {};
  const coverage = share(known, ({ errorMm, radiusMm }) => errorMm <= radiusMm);
  const radii = known.map(({ radiusMm }) => radiusMm);
  return {
    radiusCoverage: rounded(coverage, SHARE_DIGITS),
    medianRadiusMm: rounded(quantile(radii, 0.5), MM_DIGITS),
    coverage: coverageCurve(points).map((observed) => rounded(observed, COVERAGE_DIGITS)),
  };
}

/** Nothing where no answer says what became of a lesion. */
function changeFields(
  points: readonly Scored[],
): Pick<Row, 'changeRight' | 'changeWrong' | 'diameterErrorMm'> {
  const said = points.flatMap(({ change }) =>
    change?.said === undefined ? [] : [{ ...change, said: change.said }],
  );
  if (said.length === 0) return {};
  const right = said.filter((change) => change.said.kind === change.truth.kind);
  const errors = right.flatMap((change) =>
    (['queryDiameterMm', 'targetDiameterMm'] as const).flatMap((side) => {
      const [truth, measured] = [change.truth[side], change.said[side]];
      return truth === undefined || measured === undefined ? [] : [Math.abs(truth - measured)];
    }),
  );
  return {
    changeRight: rounded(right.length / points.length, SHARE_DIGITS),
    changeWrong: rounded((said.length - right.length) / points.length, SHARE_DIGITS),
    ...(errors.length === 0 ? {} : { diameterErrorMm: rounded(quantile(errors, 0.5), MM_DIGITS) }),
  };
}

/**
 * The row of points whose true place is known and in view. A failed point is farther off than anything else: it counts
 * in every share and quantile, only not in the mean.
 */
export function summarise(key: RowKey, points: readonly Scored[], times: readonly PairTime[]): Row {
  const errors = points.map(({ errorMm = Infinity }) => errorMm);
  const answered = errors.filter(Number.isFinite);
  const within = (mm: number): number =>
    rounded(
      share(errors, (error) => error <= mm),
      SHARE_DIGITS,
    );
  return {
    ...key,
    n: points.length,
    medianMm: millimetres(quantile(errors, 0.5)),
    meanMm: millimetres(mean(answered)),
    p95Mm: millimetres(quantile(errors, 0.95)),
    within10mm: within(10),
    within5mm: within(5),
    ...timeFields(times),
    failed: errors.length - answered.length,
    gross: rounded(1 - share(errors, (error) => error <= GROSS_MM), SHARE_DIGITS),
    ...verdictShares(points),
    ...matchedFields(points),
    ...radiusFields(points),
    ...changeFields(points),
  };
}

/** The row of points whose true place is outside the target: no distance, only what the answers say of themselves. */
export function summariseOutside(key: RowKey, points: readonly Scored[], times: readonly PairTime[]): Row {
  return {
    ...key,
    n: points.length,
    medianMm: null,
    meanMm: null,
    p95Mm: null,
    within10mm: null,
    within5mm: null,
    ...timeFields(times),
    failed: points.filter(({ errorMm, verdict }) => errorMm === undefined && verdict === undefined).length,
    ...verdictShares(points),
  };
}
