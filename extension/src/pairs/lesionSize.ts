/**
 * What became of a lesion between two scans, in words for the reader.
 * @module
 */
import type { LesionChange } from '../wire.ts';
import type { LesionSizes, Pair } from './types.ts';

/** The sizes of a lesion by time point. @param targetIsLater whether the match went from the prior to the current scan */
export function lesionSizesOf(change: LesionChange, targetIsLater: boolean): LesionSizes {
  const { kind, queryDiameterMm, targetDiameterMm } = change;
  const [currentMm, priorMm] = targetIsLater
    ? [targetDiameterMm, queryDiameterMm]
    : [queryDiameterMm, targetDiameterMm];
  return { isUnchanged: kind === 'unchanged', currentMm, priorMm };
}

/** "about 12 mm"; whole millimetres, because the images are compared at 2 mm. */
function diameterText(mm: number): string {
  return `about ${Math.max(1, Math.round(mm))} mm`;
}

/** The change in words; empty where none was measured, or the place is no longer the one that was measured. */
export function lesionSizeText({ sizes, state }: Pair): string {
  if (sizes === undefined || state === 'moved' || state === 'rejected') return '';
  const { isUnchanged, currentMm, priorMm } = sizes;
  if (currentMm === undefined)
    return priorMm === undefined ? '' : `no longer seen in the current scan: was ${diameterText(priorMm)}`;
  if (priorMm === undefined) return `not seen in the prior: now ${diameterText(currentMm)}`;
  if (isUnchanged) return `size unchanged: ${diameterText(currentMm)}`;
  const word = currentMm > priorMm ? 'larger' : 'smaller';
  return `${word}: ${diameterText(currentMm)}, was ${diameterText(priorMm).replace('about ', '')}`;
}
