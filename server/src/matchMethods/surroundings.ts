import { AXES, lpsPoint, perAxis } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { fieldOf } from '../neighbourMap/index.ts';
import type { NeighbourMap } from '../neighbourMap/index.ts';
import { directionsAt, similarityAt } from '../search/index.ts';
import type { SearchSpace } from '../search/index.ts';
import { hasNoDirection } from './nearest.ts';

/** Surroundings are compared this far from a point along each axis, mm: beyond most lesions. */
const SURROUNDINGS_MM = 24;

/** Mean similarity of places around the point with those around its answer, as the neighbour map moves them; nothing where none is body. */
export function surroundingsOf(
  query: SearchSpace,
  target: SearchSpace,
  lps: LpsPoint,
  answer: LpsPoint,
  neighbourMap: NeighbourMap,
): { readonly surroundings?: number } {
  const field = fieldOf(neighbourMap);
  const centre = field.placeOf(lps);
  const similarities = AXES.flatMap((axis) =>
    [-SURROUNDINGS_MM, SURROUNDINGS_MM].map((mm) => [axis, mm]),
  ).flatMap(([axis, mm]) => {
    const [x, y, z] = perAxis((a) => lps[a] + (a === axis ? (mm ?? NaN) : 0));
    const from = lpsPoint(x, y, z);
    const directions = directionsAt(query, from);
    if (hasNoDirection(directions)) return [];
    const to = field.placeOf(from);
    const [tx, ty, tz] = perAxis((a) => to[a] + answer[a] - centre[a]);
    return similarityAt(target, directions, lpsPoint(tx, ty, tz));
  });
  if (similarities.length === 0) return {};
  return { surroundings: similarities.reduce((sum, one) => sum + one, 0) / similarities.length };
}
