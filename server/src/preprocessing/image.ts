import type { Grid, VolumeModality } from '../volume/types.ts';
import type { ImageMap } from './types.ts';

const INT16_MIN = -32768;
const INT16_MAX = 32767;

/**
 * Modality values on a grid (i fastest) as int16: HU rounded and clipped (half a unit is far below noise), MR and PT in
 * steps of their largest magnitude / 32767. A value that is no number becomes 0. Threads
 * share the result.
 */
export function toImage(values: Float32Array, grid: Grid, modality: VolumeModality): ImageMap {
  const scale = modality === 'CT' ? 1 : largestMagnitude(values) / INT16_MAX || 1;
  const rounded = new Int16Array(new SharedArrayBuffer(values.length * Int16Array.BYTES_PER_ELEMENT));
  for (let index = 0; index < values.length; index += 1) {
    // Three times as fast as Math.round.
    const steps = Math.floor((values[index] ?? NaN) / scale + 0.5);
    rounded[index] = steps > INT16_MAX ? INT16_MAX : steps < INT16_MIN ? INT16_MIN : steps;
  }
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
