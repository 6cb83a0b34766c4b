import { distanceMm, lpsPoint } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';

/** Rounds of Weiszfeld's iteration; it converges in a few. */
const ROUNDS = 50;
/** Answers nearer than this to the place count as if they were this far: the iteration would divide by zero, mm. */
const LEAST_MM = 0.5;

/**
 * The place that several answers agree on: their geometric median (Weiszfeld 1937), the point of the smallest sum of distances. One
 * answer of three that lies far off moves it little. Of two it is the middle.
 */
export function geometricMedian(places: readonly LpsPoint[]): LpsPoint {
  let centre = weightedMean(places, () => 1);
  for (let round = 0; round < ROUNDS; round++) {
    const from = centre;
    centre = weightedMean(places, (place) => 1 / Math.max(distanceMm(place, from), LEAST_MM));
  }
  return centre;
}

function weightedMean(places: readonly LpsPoint[], weightOf: (place: LpsPoint) => number): LpsPoint {
  let [x, y, z, sum] = [0, 0, 0, 0];
  for (const place of places) {
    const weight = weightOf(place);
    x += weight * place[0];
    y += weight * place[1];
    z += weight * place[2];
    sum += weight;
  }
  return lpsPoint(x / sum, y / sum, z / sum);
}
