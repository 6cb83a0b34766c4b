import { lpsPoint } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import type { Prediction } from '../neighbourMap/index.ts';
import type { QueryDirections, SearchSpace } from '../search/index.ts';
import { posteriorAt } from './posterior.ts';

/** What is known of a point before its own similarity is looked at. */
export interface ExpectedFrom {
  readonly query: SearchSpace;
  readonly target: SearchSpace;
  /** Of the query; LPS, mm. */
  readonly lps: LpsPoint;
  /** Of the query at the point. */
  readonly directions: QueryDirections;
  readonly prediction: Pick<Prediction, 'lps' | 'linear'>;
}

/** Share of a point's distance from the mean of what is similar to it in its own series that its counterpart keeps. */
const KEPT = 0.5;

/**
 * Where the point of another patient lies. The mean of the similar places is drawn to the middle of an organ, in both series alike: the
 * point's own distance from it, moved to the target, is added in part. In full it would bring back the error with which the point was
 * marked. Where nothing of the body is near, it is where the neighbours put it.
 */
export function expectedBetweenPatients({
  query,
  target,
  lps,
  directions,
  prediction,
}: ExpectedFrom): LpsPoint {
  const there = posteriorAt(target, directions, prediction.lps);
  const here = posteriorAt(query, directions, lps);
  if (there === undefined || here === undefined) return prediction.lps;
  const [x, y, z] = [0, 1, 2].map((row) =>
    [0, 1, 2].reduce(
      (sum, axis) =>
        sum + (prediction.linear[3 * row + axis] ?? NaN) * ((lps[axis] ?? NaN) - (here[axis] ?? NaN)),
      0,
    ),
  );
  const along = (from: number, by: number | undefined): number => from + KEPT * (by ?? NaN);
  return lpsPoint(along(there[0], x), along(there[1], y), along(there[2], z));
}
