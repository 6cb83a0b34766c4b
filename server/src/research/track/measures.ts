/**
 * The measures by which papers of lesion tracking compare: Cai et al., "Deep Lesion Tracker", CVPR 2021; Bai et al., UAE, 2023.
 * @module
 */
import { distanceMm } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';

/** An answer and the true place, LPS mm; no answer where the point could not be matched. */
export interface TrackedPoint {
  readonly answer: LpsPoint | undefined;
  readonly truth: LpsPoint;
}

/** Lengths in mm, of the answered points; shares of all points, from 0 to 1. */
export interface TrackMeasures {
  readonly n: number;
  /** Points without an answer. */
  readonly failed: number;
  /** Mean Euclidean distance (MED), and its standard deviation (divided by n). */
  readonly medMm: number;
  readonly medSdMm: number;
  /** Mean absolute distance along the axes of the patient. */
  readonly xMm: number;
  readonly yMm: number;
  readonly zMm: number;
  /** CPM@10mm as UAE counts it: share within 10 mm, whatever the size of the lesion. */
  readonly cpm10: number;
}

const CPM_MM = 10;

/** The measures of the points of all later series together; undefined where no point has an answer. */
export function trackMeasures(points: readonly TrackedPoint[]): TrackMeasures | undefined {
  const answered = points.flatMap(({ answer, truth }) => (answer === undefined ? [] : [{ answer, truth }]));
  if (answered.length === 0) return undefined;
  const mean = (value: (point: (typeof answered)[number]) => number): number =>
    answered.reduce((sum, point) => sum + value(point), 0) / answered.length;
  const error = ({ answer, truth }: (typeof answered)[number]): number => distanceMm(answer, truth);
  const along = (axis: 0 | 1 | 2): number =>
    mean(({ answer, truth }) => Math.abs(answer[axis] - truth[axis]));
  const medMm = mean(error);
  return {
    n: points.length,
    failed: points.length - answered.length,
    medMm,
    medSdMm: Math.sqrt(mean((point) => (error(point) - medMm) ** 2)),
    xMm: along(0),
    yMm: along(1),
    zMm: along(2),
    cpm10: answered.filter((point) => error(point) <= CPM_MM).length / points.length,
  };
}
