/**
 * Frames without their finest resolution levels, as cells of the same format.
 * @module
 */
import type { Cells } from './codec.ts';
import { lowPass, sizeAtLevel } from './lowPass.ts';
import type { PixelFormat } from './types.ts';

/** The format of a frame without its `level` finest resolution levels. */
export function formatAtLevel(format: PixelFormat, level: number): PixelFormat {
  const { columns, rows } = format;
  return { ...format, columns: sizeAtLevel(columns, level), rows: sizeAtLevel(rows, level) };
}

/** Lowest and highest stored value. */
function rangeOf({ bitsStored, isSigned }: PixelFormat): readonly [low: number, high: number] {
  return isSigned ? [-(2 ** (bitsStored - 1)), 2 ** (bitsStored - 1) - 1] : [0, 2 ** bitsStored - 1];
}

/** Limits the overshoot of a low-pass band to what can be stored, in place: beyond, the bits would mean something else. */
export function clampCells(cells: Cells, format: PixelFormat): Cells {
  const [low, high] = rangeOf(format);
  const shift = 32 - 8 * cells.BYTES_PER_ELEMENT;
  for (let index = 0; index < cells.length; index += 1) {
    const cell = cells[index] ?? 0;
    const value = format.isSigned ? (cell << shift) >> shift : cell;
    if (value < low) cells[index] = low;
    else if (value > high) cells[index] = high;
  }
  return cells;
}

/** The low-pass band of a frame that was decoded as a whole: what a decoder of a reversible JPEG 2000 stream of it would give. */
export function lowPassCells(cells: Cells, format: PixelFormat, level: number): Cells {
  const { columns, rows, bitsStored, highBit, isSigned } = format;
  const [low, high] = rangeOf(format);
  const values = new Int32Array(cells.length);
  const [left, right] = [31 - highBit, 32 - bitsStored];
  for (let index = 0; index < cells.length; index += 1) {
    const bits = (cells[index] ?? 0) << left;
    values[index] = isSigned ? bits >> right : bits >>> right;
  }
  const band = lowPass({ values, columns, rows }, level).values;
  return Uint16Array.from(
    band,
    (value) => Math.min(high, Math.max(low, value)) << (highBit + 1 - bitsStored),
  );
}
