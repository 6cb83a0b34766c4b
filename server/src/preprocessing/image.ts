import type { Grid, VolumeModality } from '../volume/types.ts';
import { roundTo } from './intensityKernel.ts';
import type { ImageMap } from './types.ts';

const INT16_MAX = 32767;

/**
 * Modality values on a grid (i fastest) as int16: HU rounded and clipped (half a unit is far below noise), MR and PT in
 * steps of their largest magnitude / 32767. A value that is no number becomes 0. Threads
 * share the result.
 */
export function toImage(values: Float32Array, grid: Grid, modality: VolumeModality): ImageMap {
  const scale = modality === 'CT' ? 1 : largestMagnitude(values) / INT16_MAX || 1;
  const rounded = new Int16Array(new SharedArrayBuffer(values.length * Int16Array.BYTES_PER_ELEMENT));
  roundTo(rounded, values, scale);
  return { grid, values: rounded, scale };
}

/** Largest finite |value|; 0 where there is none. */
function largestMagnitude(values: Float32Array): number {
  let largest = 0;
  for (const value of values) {
    const magnitude = Math.abs(value);
    if (magnitude > largest && magnitude !== Infinity) largest = magnitude;
  }
  return largest;
}
