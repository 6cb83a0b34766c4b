/**
 * The measures of published point benchmarks. README.md beside this file has each definition with its source. Lengths in mm, shares from
 * 0 to 1. Standard deviations are those of the whole set (divided by n, numpy's default). A point without an answer has no length: it
 * counts as a miss in the shares and not at all in the means.
 * @module
 */
import { quantile } from '../statistics.ts';

type Triple = readonly [number, number, number];

/** What a benchmark measures of one answer beside its distance from the truth. */
export type Measures =
  /** DIR-Lab. `snappedMm`: from the centre of the voxel that holds the answer. */
  | { readonly of: 'landmark'; readonly snappedMm: number }
  /** Learn2Reg: the distance only. */
  | { readonly of: 'keypoint' }
  /** Deep longitudinal study. `axesMm`: distance along columns, rows and slices; `radiusMm`: half the long RECIST diameter. */
  | {
      readonly of: 'lesion';
      readonly axesMm: Triple;
      readonly radiusMm: number;
      readonly isInBox: boolean;
    }
  /** PanTrack. `isHit`: the voxel at the answer is of the lesion. */
  | { readonly of: 'segmented lesion'; readonly isHit: boolean };

/** An answered or failed point, as far as the measures need it. */
export interface Measured {
  readonly errorMm: number | undefined;
  readonly measures?: Measures | undefined;
  /** Which pair of volumes the point is of. */
  readonly pair?: string | undefined;
}

/** Every measure with its heading in the printed table. */
export const METRICS = {
  treMm: 'TRE',
  treSdMm: 'sd',
  snappedTreMm: 'TRE snapped',
  snappedTreSdMm: 'sd snapped',
  tre30Mm: 'TRE30',
  medMm: 'MED',
  medSdMm: 'sd of MED',
  xMm: 'x',
  xSdMm: 'sd x',
  yMm: 'y',
  ySdMm: 'sd y',
  zMm: 'z',
  zSdMm: 'sd z',
  cpm10: 'CPM@10mm',
  cpm10Plain: '<=10 mm, any radius',
  cpmRadius: 'CPM@Radius',
  cpmBox: 'in box',
  pointErrorMm: 'point error',
  pointErrorSdMm: 'sd of point error',
  hit: 'in lesion',
} as const;

/** What a row has of them; only numbers that exist. */
export type Metrics = Readonly<Partial<Record<keyof typeof METRICS, number>>>;

const CPM_MM = 10;
/** The smallest radius by which the published evaluation divides, mm. */
const SMALLEST_RADIUS_MM = 1e-3;
const TRE30_SHARE = 0.3;
const DIGITS = 4;

interface Spread {
  readonly mean: number;
  readonly sd: number;
}

function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, sd: Math.sqrt(variance) };
}

/** Means of each pair's errors, of the pairs that have any. */
function pairMeans(points: readonly Measured[]): number[] {
  const pairs = new Map<string, number[]>();
  for (const { errorMm, pair = '' } of points) {
    if (errorMm !== undefined) pairs.set(pair, [...(pairs.get(pair) ?? []), errorMm]);
  }
  return [...pairs.values()].map((errors) => spreadOf(errors).mean);
}

function errorsOf(points: readonly Measured[]): number[] {
  return points.flatMap(({ errorMm }) => (errorMm === undefined ? [] : [errorMm]));
}

function ofLandmarks(points: readonly Measured[]): Metrics {
  const exact = spreadOf(errorsOf(points));
  const snapped = spreadOf(
    points.flatMap(({ measures }) => (measures?.of === 'landmark' ? [measures.snappedMm] : [])),
  );
  return {
    treMm: exact.mean,
    treSdMm: exact.sd,
    snappedTreMm: snapped.mean,
    snappedTreSdMm: snapped.sd,
  };
}

function ofKeypoints(points: readonly Measured[]): Metrics {
  const means = pairMeans(points);
  const { mean, sd } = spreadOf(means);
  return { treMm: mean, treSdMm: sd, tre30Mm: quantile(means, TRE30_SHARE) };
}

function ofLesions(points: readonly Measured[]): Metrics {
  const lesions = points.flatMap(({ errorMm, measures }) =>
    errorMm !== undefined && measures?.of === 'lesion' ? [{ errorMm, ...measures }] : [],
  );
  const share = (holds: (lesion: (typeof lesions)[number]) => boolean): number =>
    lesions.filter(holds).length / points.length;
  const med = spreadOf(lesions.map(({ errorMm }) => errorMm));
  const [x, y, z] = ([0, 1, 2] as const).map((axis) =>
    spreadOf(lesions.map(({ axesMm }) => axesMm[axis])),
  ) as [Spread, Spread, Spread];
  return {
    medMm: med.mean,
    medSdMm: med.sd,
    xMm: x.mean,
    xSdMm: x.sd,
    yMm: y.mean,
    ySdMm: y.sd,
    zMm: z.mean,
    zSdMm: z.sd,
    cpm10: share(({ errorMm, radiusMm }) => errorMm <= Math.min(radiusMm, CPM_MM)),
    cpm10Plain: share(({ errorMm }) => errorMm <= CPM_MM),
    cpmRadius: share(({ errorMm, radiusMm }) => errorMm / Math.max(radiusMm, SMALLEST_RADIUS_MM) < 1),
    cpmBox: share(({ isInBox }) => isInBox),
  };
}

function ofSegmentedLesions(points: readonly Measured[]): Metrics {
  const { mean, sd } = spreadOf(errorsOf(points));
  const hits = points.filter(({ measures }) => measures?.of === 'segmented lesion' && measures.isHit);
  return { pointErrorMm: mean, pointErrorSdMm: sd, hit: hits.length / points.length };
}

const OF = {
  landmark: ofLandmarks,
  keypoint: ofKeypoints,
  lesion: ofLesions,
  'segmented lesion': ofSegmentedLesions,
} as const satisfies Record<Measures['of'], (points: readonly Measured[]) => Metrics>;

/**
 * The measures of all points of a row, rounded to 4 digits.
 * @returns undefined for points that no published benchmark measures, or of which none was answered.
 */
export function metricsOf(points: readonly Measured[]): Metrics | undefined {
  const kind = points.find(({ measures }) => measures !== undefined)?.measures?.of;
  if (kind === undefined) return undefined;
  const entries = Object.entries(OF[kind](points));
  return Object.fromEntries(entries.map(([name, value]) => [name, Number(value.toFixed(DIGITS))]));
}
