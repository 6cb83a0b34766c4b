/**
 * What became of a lesion between two scans.
 * @module
 */
import type { LesionChange } from '../wire.ts';
import type { LesionSizes } from './types.ts';

/** The sizes of a lesion by time point. @param targetIsLater whether the match went from the earlier to the later scan */
export function lesionSizesOf(change: LesionChange, targetIsLater: boolean): LesionSizes {
  const { kind, queryDiameterMm, targetDiameterMm } = change;
  const [laterMm, earlierMm] = targetIsLater
    ? [targetDiameterMm, queryDiameterMm]
    : [queryDiameterMm, targetDiameterMm];
  return { isUnchanged: kind === 'unchanged', laterMm, earlierMm };
}
