import type { LpsPoint } from '../../geometry/index.ts';
import { countNodes, fieldAt } from './nodes.ts';
import type { PrecomputedField } from './precomputeField.ts';

/** Where a field puts a point (LPS, mm); undefined where none of its nodes is near. */
export function fieldPlaceOf({ grid }: PrecomputedField, lps: LpsPoint): LpsPoint | undefined {
  return grid && fieldAt(grid, lps)?.lps;
}

/** Nodes that were registered with the images, and all that are there. */
export function nodeCounts({ grid }: PrecomputedField): {
  readonly registered: number;
  readonly all: number;
} {
  return grid === undefined ? { registered: 0, all: 0 } : countNodes(grid);
}
