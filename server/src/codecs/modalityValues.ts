import type { PixelFormat } from './types.ts';
import type { Cells } from './codec.ts';

const INT16_MIN = -32768;
const INT16_MAX = 32767;

/** Interprets `bits` low bits of a cell as two's complement or unsigned. */
function interpret(cell: number, bits: number, isSigned: boolean): number {
  const value = cell & (2 ** bits - 1);
  return isSigned && value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
}

/**
 * Table from cell to modality value. BitsStored bits below HighBit are the value; the bits above may hold overlays
 * or anything else (PS3.5 8.1.1). Padding is compared with the value and with the whole cell, because some writers pad
 * with a value that does not fit BitsStored.
 */
function modalityTable(format: PixelFormat): Float64Array {
  const { bitsAllocated, bitsStored, highBit, isSigned, slope, intercept, padding } = format;
  const table = new Float64Array(2 ** bitsAllocated);
  const shift = highBit + 1 - bitsStored;
  const isPadding = (value: number): boolean =>
    padding !== undefined && value >= padding.low && value <= padding.high;
  for (let cell = 0; cell < table.length; cell += 1) {
    const stored = interpret(cell >> shift, bitsStored, isSigned);
    const padded = isPadding(stored) || isPadding(interpret(cell, bitsAllocated, isSigned));
    table[cell] = padded && padding !== undefined ? padding.value : stored * slope + intercept;
  }
  return table;
}

/** Modality values of all cells. */
interface Tables {
  readonly key: string;
  readonly exact: Float64Array;
  /** The same where all of them are 16-bit integers: a quarter of the memory, which the cache of a processor holds. */
  readonly integral?: Int16Array;
}

let cached: Tables | undefined;

/** The slices of a CT share one table; PET has one per slice. */
function tablesOf(format: PixelFormat): Tables {
  const key = JSON.stringify(format);
  if (cached?.key === key) return cached;
  const exact = modalityTable(format);
  const fits = exact.every((value) => Number.isInteger(value) && value >= INT16_MIN && value <= INT16_MAX);
  cached = { key, exact, ...(fits ? { integral: Int16Array.from(exact) } : {}) };
  return cached;
}

/**
 * Modality values of a decoded frame: stored value * RescaleSlope + RescaleIntercept (PS3.3 C.11.1.1.2), padding replaced.
 * Int16Array where all values are integral and fit, else Float32Array.
 * @param isTransient the values are read before the next call in this thread, which may overwrite them
 */
export function modalityValues(
  cells: Cells,
  format: PixelFormat,
  isTransient = false,
): Int16Array | Float32Array {
  const { exact: table, integral: short } = tablesOf(format);
  if (short !== undefined) return shorts(cells, short, isTransient);
  const integral = Number.isInteger(format.slope) && Number.isInteger(format.intercept);
  return (integral ? asInt16(cells, table) : undefined) ?? asFloat32(cells, table);
}

/** Values that live until the next frame: new memory for each costs as much as looking them up. */
let scratch = new Int16Array(0);

function scratchOf(length: number): Int16Array {
  if (scratch.length < length) scratch = new Int16Array(length);
  return scratch.subarray(0, length);
}

function shorts(cells: Cells, table: Int16Array, isTransient: boolean): Int16Array {
  const values = isTransient ? scratchOf(cells.length) : new Int16Array(cells.length);
  for (let index = 0; index < cells.length; index += 1) values[index] = table[cells[index] ?? 0] ?? 0;
  return values;
}

function asInt16(cells: Cells, table: Float64Array): Int16Array | undefined {
  const values = new Int16Array(cells.length);
  let low = 0;
  let high = 0;
  for (let index = 0; index < cells.length; index += 1) {
    const value = table[cells[index] ?? 0] ?? 0;
    if (value < low) low = value;
    if (value > high) high = value;
    values[index] = value;
  }
  return low >= INT16_MIN && high <= INT16_MAX ? values : undefined;
}

function asFloat32(cells: Cells, table: Float64Array): Float32Array {
  const values = new Float32Array(cells.length);
  for (let index = 0; index < cells.length; index += 1) values[index] = table[cells[index] ?? 0] ?? 0;
  return values;
}
