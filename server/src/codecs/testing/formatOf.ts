import type { PixelFormat } from '../types.ts';

/** Unsigned pixels of 12 bits in words, 4 columns and 3 rows, with changes. */
export function formatOf(changes: Partial<PixelFormat> = {}): PixelFormat {
  return {
    columns: 4,
    rows: 3,
    bitsAllocated: 16,
    bitsStored: 12,
    highBit: 11,
    isSigned: false,
    slope: 1,
    intercept: 0,
    ...changes,
  };
}
