/**
 * Answers in a target that was embedded in a turned world, back in the world of its series.
 * @module
 */
import { determinant, invert, toLps, voxelIndex } from '../geometry/index.ts';
import type { Affine, LpsPoint } from '../geometry/index.ts';
import { sidesOf } from './confidence/view.ts';
import { lpsPoint } from '../geometry/index.ts';
import type { Axes, Match, OutOfViewSide, ProposedAxes, SeriesPoint } from './types.ts';

/** Where each side lies, seen from the middle of a volume, LPS. */
const DIRECTIONS: Readonly<Record<OutOfViewSide, LpsPoint>> = {
  left: lpsPoint(1, 0, 0),
  right: lpsPoint(-1, 0, 0),
  posterior: lpsPoint(0, 1, 0),
  anterior: lpsPoint(0, -1, 0),
  superior: lpsPoint(0, 0, 1),
  inferior: lpsPoint(0, 0, -1),
};
/** A direction of unit length is scaled so that only its larger parts are named: more than half of it, mm (see `sidesOf`). */
const NAMED_SCALE_MM = 2;

/**
 * A match whose target point and sides are in the turned world, in that of the target series. Its pixel is the same in both. An
 * answer in a mirror image is never more than uncertain: which of the two scans shows the right side is not known.
 * @param turn LPS of the target series to the LPS of its embedding; orthogonal, of either handedness
 */
export function inWorldOfSeries(match: Match, turn: Affine): Match {
  const back = invert(turn);
  const isMirrored = determinant(turn) < 0;
  const verdict = isMirrored && match.verdict === 'matched' ? 'uncertain' : match.verdict;
  const target: SeriesPoint = { ...match.target, lps: movedBy(back, match.target.lps) };
  const { outOfView, runnerUp, fixedPoints } = match;
  return {
    ...match,
    verdict,
    target,
    ...(runnerUp?.lps === undefined ? {} : { runnerUp: { ...runnerUp, lps: movedBy(back, runnerUp.lps) } }),
    ...(outOfView === undefined ? {} : { outOfView: sidesUnder(back, outOfView) }),
    ...(fixedPoints === undefined
      ? {}
      : { fixedPoints: fixedPoints.map((pair) => ({ ...pair, target: movedBy(back, pair.target) })) }),
  };
}

/** Diameters in the turned world, in that of the target series. */
export function axesInWorldOfSeries(axes: ProposedAxes, turn: Affine): ProposedAxes {
  const back = invert(turn);
  const ends = ([one, other]: Axes['longAxis']): Axes['longAxis'] => [
    movedBy(back, one),
    movedBy(back, other),
  ];
  const inWorld = ({ longAxis, shortAxis }: Axes): Axes => ({
    longAxis: ends(longAxis),
    ...(shortAxis === undefined ? {} : { shortAxis: ends(shortAxis) }),
  });
  return {
    ...inWorld(axes),
    isFitted: axes.isFitted,
    ...(axes.carried === undefined ? {} : { carried: inWorld(axes.carried) }),
  };
}

function movedBy(m: Affine, [x, y, z]: LpsPoint): LpsPoint {
  return toLps(m, voxelIndex(x, y, z));
}

/** The sides of the series' own volume that turned sides mean, the nearest direction first. */
function sidesUnder(back: Affine, sides: readonly OutOfViewSide[]): readonly OutOfViewSide[] {
  const [ox, oy, oz] = movedBy(back, lpsPoint(0, 0, 0));
  const named = sides.flatMap((side) => {
    const [x, y, z] = movedBy(back, DIRECTIONS[side]);
    const scale = NAMED_SCALE_MM;
    return sidesOf(lpsPoint((x - ox) * scale, (y - oy) * scale, (z - oz) * scale));
  });
  return [...new Set(named)];
}
