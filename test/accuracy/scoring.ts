import { distanceMm } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import type { TruthPoint } from './scenes.ts';
import type { Scored } from './statistics.ts';

/** Scores an answer (LPS mm, frame of the target) to a point: its distance from the truth, and what the data measure of it. */
export function scoreAnswer(truth: TruthPoint, answer: LpsPoint): Scored {
  const errorMm = distanceMm(answer, truth.target);
  return truth.measure === undefined ? { errorMm } : { errorMm, measures: truth.measure(answer) };
}
