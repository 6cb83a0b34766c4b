import { lpsPoint } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import type { FixedPoint } from './fixedPoints.ts';
import { fitHuber } from './huber.ts';

type Triple = readonly [number, number, number];

/**
 * Where each pair puts the counterpart of a point (LPS, mm): its target, moved by the linear part of a robust affine
 * through all pairs over the way from its query to the point. The second half of the fixed-point inference of UAE (Bai et al., 2023).
 */
export function transport(pairs: readonly FixedPoint[], lps: LpsPoint): readonly LpsPoint[] {
  const rows = linearPart(pairs);
  return pairs.map(({ query, target }) => {
    const way = [lps[0] - query[0], lps[1] - query[1], lps[2] - query[2]] as const;
    const moved = (axis: 0 | 1 | 2): number =>
      target[axis] + rows[axis][0] * way[0] + rows[axis][1] * way[1] + rows[axis][2] * way[2];
    return lpsPoint(moved(0), moved(1), moved(2));
  });
}

/**
 * The linear part of the affine, row by row. Targets in one plane of constant z say nothing about the slope along z:
 * x and y are fitted on x and y only, and along z millimetres stay millimetres (the paper's ratio of spacings, in mm).
 */
function linearPart(pairs: readonly FixedPoint[]): readonly [Triple, Triple, Triple] {
  const isFlat = pairs.every(({ target }) => target[2] === pairs[0]?.target[2]);
  const from = pairs.map(({ query: [x, y, z] }) => [x, y, isFlat ? 0 : z] as const);
  const row = (axis: 0 | 1 | 2): Triple =>
    fitHuber(
      from,
      pairs.map(({ target }) => target[axis]),
    ).slopes;
  return [row(0), row(1), isFlat ? [0, 0, 1] : row(2)];
}
