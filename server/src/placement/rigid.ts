/**
 * Rigid refinement of a translation: turns and shifts that make two images agree.
 * @module
 */
import { affineFromColumns, axisStep, toLps, voxelIndex } from '../geometry/index.ts';
import type { Affine, LpsPoint } from '../geometry/index.ts';

/** A turn is as long as the way of a point this far from the centre, mm: the radius of a trunk. */
const LEVER_MM = 80;
/** Sweeps over the six parameters at most. */
const SWEEPS = 60;

/** What a query and a target have in common under maps of LPS of the query to LPS of the target. */
export interface Comparison {
  /** Mean of the places that are compared, LPS mm. */
  readonly centre: LpsPoint;
  /** Agreement in the overlap, times the root of the share of the query that it holds; at most 1. */
  scoreOf(map: Affine): number;
}

/** Turns and shifts: where the centre of the samples goes, relative to where it is, mm; then turns about x, y, z through it, radians. */
export type Pose = readonly [x: number, y: number, z: number, a: number, b: number, c: number];

/** Improves a pose by steps of a length, mm, and then by half of it, down to the last one (pattern search, Hooke & Jeeves 1961). */
export function refinePose(comparison: Comparison, start: Pose, firstMm: number, lastMm: number): Pose {
  let best: readonly number[] = start;
  let value = comparison.scoreOf(poseMap(comparison, start));
  for (let [sweep, stepMm] = [0, firstMm]; sweep < SWEEPS && stepMm >= lastMm; sweep++) {
    const before = best;
    for (let p = 0; p < start.length; p++) {
      const size = p < 3 ? stepMm : stepMm / LEVER_MM;
      for (const sign of [1, -1]) {
        const tried = best.map((parameter, n) => (n === p ? parameter + sign * size : parameter));
        const score = comparison.scoreOf(poseMap(comparison, poseOf(tried)));
        if (!(score > value)) continue;
        [best, value] = [tried, score];
        break;
      }
    }
    if (best === before) stepMm /= 2;
  }
  return poseOf(best);
}

function poseOf([x = NaN, y = NaN, z = NaN, a = NaN, b = NaN, c = NaN]: readonly number[]): Pose {
  return [x, y, z, a, b, c];
}

/** LPS of the query to LPS of the target. */
export function poseMap({ centre }: Pick<Comparison, 'centre'>, [x, y, z, a, b, c]: Pose): Affine {
  const turn = rotation(a, b, c);
  const [fromX, fromY, fromZ] = centre;
  const moved = toLps(turn, voxelIndex(fromX, fromY, fromZ));
  const shift = [fromX + x - moved[0], fromY + y - moved[1], fromZ + z - moved[2]] as const;
  return affineFromColumns(axisStep(turn, 0), axisStep(turn, 1), axisStep(turn, 2), shift);
}

/** Turns about x, then y, then z, radians. */
function rotation(a: number, b: number, c: number): Affine {
  const [ca, sa, cb, sb, cc, sc] = [
    Math.cos(a),
    Math.sin(a),
    Math.cos(b),
    Math.sin(b),
    Math.cos(c),
    Math.sin(c),
  ];
  return [
    cc * cb, cc * sb * sa - sc * ca, cc * sb * ca + sc * sa, 0,
    sc * cb, sc * sb * sa + cc * ca, sc * sb * ca - cc * sa, 0,
    -sb, cb * sa, cb * ca, 0,
  ]; // prettier-ignore
}
