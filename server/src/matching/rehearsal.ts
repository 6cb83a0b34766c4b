import { lpsPoint } from '../geometry/index.ts';
import { gridOf, syntheticEmbedding } from './syntheticEmbedding.ts';
import type { MatchRequest } from './types.ts';

/** A few thousand voxels of 4 mm: made in a tenth of a second, and every step has something to do. */
const GRID = gridOf([28, 28, 20], [4, 4, 4], [0, 0, 0]);
/** Its points lie along the diagonal, mm: enough of them that a lookup is compiled. */
const [POINTS, FROM_MM, TO_MM] = [60, 20, 60];
/** How far the second series lies from the first, mm. */
const SHIFT_MM = 2;

/** Points of a series that no patient ever was, in another one that shows the same; by the methods that readers use. */
export function rehearsalRequests(): readonly MatchRequest[] {
  const pair = {
    query: syntheticEmbedding({ grid: GRID }),
    target: syntheticEmbedding({
      grid: GRID,
      toAnatomy: ([x, y, z]) => lpsPoint(x + SHIFT_MM, y, z),
      name: '2',
    }),
  };
  const points = Array.from({ length: POINTS }, (_, n) => {
    const mm = FROM_MM + ((TO_MM - FROM_MM) * n) / POINTS;
    return { id: String(n), lps: lpsPoint(mm, mm, mm) };
  });
  return (['refined', 'field'] as const).map((method) => ({ ...pair, points, method }));
}
