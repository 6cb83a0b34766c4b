import { lpsPoint } from '../../geometry/index.ts';
import { gridOf, SYNTHETIC_MODEL, syntheticEmbedding } from './syntheticEmbedding.ts';
import type { MatchRequest } from '../types.ts';

/** A few thousand voxels of 4 mm: made in a tenth of a second, and every step has something to do. */
const GRID = gridOf([28, 28, 20], [4, 4, 4], [0, 0, 0]);
/** Its points lie along the diagonal, mm: some for every thread. */
const PLACES_MM = [20, 30, 40, 50, 60];
/** How far the second series lies from the first, mm. */
const SHIFT_MM = 2;

/** Points of a series that no patient ever was, in another one that shows the same. */
export function warmUpRequest(): MatchRequest {
  return {
    model: SYNTHETIC_MODEL,
    query: syntheticEmbedding({ grid: GRID }),
    target: syntheticEmbedding({
      grid: GRID,
      toAnatomy: ([x, y, z]) => lpsPoint(x + SHIFT_MM, y, z),
      name: '2',
    }),
    points: PLACES_MM.map((mm, n) => ({ id: String(n), lps: lpsPoint(mm, mm, mm) })),
  };
}
