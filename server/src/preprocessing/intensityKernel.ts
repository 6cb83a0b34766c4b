/**
 * Runs the intensity module (server/src/preprocessing/wasm/intensity.ts) over arrays of any length.
 * @module
 */
import { openIntensity } from './generated/intensityModule.ts';
import type { IntensityExports } from './generated/intensityModule.ts';
import { BLOCK_VALUES } from './intensityLayout.ts';

/** Linear map of a window: a value becomes (value clipped to [low, low + width] - low) * scale + offset. */
export interface WindowMap {
  readonly low: number;
  readonly width: number;
  readonly scale: number;
  readonly offset: number;
}

/** One for the calling thread: it keeps nothing from call to call. */
let opened: IntensityExports | undefined;

/** Writes `values` in whole steps to `into`: rounded, halves upwards, and clipped to int16; 0 for what is no number. */
export function roundTo(into: Int16Array, values: Float32Array, step: number): void {
  const kernel = kernelOf();
  const { buffer } = kernel.memory;
  const converted = new Int16Array(buffer, kernel.CONVERTED.value, BLOCK_VALUES);
  eachBlock(kernel, values, (from, count) => {
    kernel.round(step);
    into.set(converted.subarray(0, count), from);
  });
}

/** Writes `values` under a map to `into`. What is no number is as `low`. */
export function mapTo(into: Float32Array, values: Float32Array, map: WindowMap): void {
  const kernel = kernelOf();
  const converted = new Float32Array(kernel.memory.buffer, kernel.CONVERTED.value, BLOCK_VALUES);
  eachBlock(kernel, values, (from, count) => {
    kernel.mapWindow(map.low, map.width, map.scale, map.offset);
    into.set(converted.subarray(0, count), from);
  });
}

function kernelOf(): IntensityExports {
  return (opened ??= openIntensity({}));
}

/** Copies block after block into the kernel, and calls back for each. */
function eachBlock(
  { memory, VALUES }: IntensityExports,
  values: Float32Array,
  convert: (from: number, count: number) => void,
): void {
  const block = new Float32Array(memory.buffer, VALUES.value, BLOCK_VALUES);
  for (let from = 0; from < values.length; from += BLOCK_VALUES) {
    const count = Math.min(BLOCK_VALUES, values.length - from);
    block.set(values.subarray(from, from + count));
    convert(from, count);
  }
}
