import type { PixelFormat } from './types.ts';

/**
 * A frame as cells of 8 or 16 bits in the byte order of this machine, sign bits as the codec wrote them:
 * `modalityValues` interprets them.
 */
export type Cells = Uint8Array | Uint16Array;

/**
 * Turns one code stream into the cells of the frame, or of its low-pass band at a resolution level, which only JPEG 2000 has. Throws an
 * Error whose message says what is wrong with the stream.
 */
export type Codec = (bytes: Uint8Array, format: PixelFormat, level?: number) => Cells;

/** Number of cells of a frame. */
export function cellCount(format: PixelFormat): number {
  return format.columns * format.rows;
}

/** What a code stream says about itself. */
export interface StreamInfo {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly componentCount: number;
  /** Only JPEG 2000 says whether its samples are signed. */
  readonly isSigned?: boolean;
}

/** Throws where the code stream contradicts the header of its instance. */
export function checkStream(info: StreamInfo, format: PixelFormat): void {
  if (info.width !== format.columns || info.height !== format.rows) {
    throw new Error(
      `the code stream has ${String(info.width)} x ${String(info.height)} pixels, ` +
        `the header says ${String(format.columns)} x ${String(format.rows)}`,
    );
  }
  if (info.componentCount !== 1 || info.bitsPerSample > format.bitsAllocated) {
    throw new Error(
      `the code stream has ${String(info.componentCount)} components of ${String(info.bitsPerSample)} bits, ` +
        `the header says 1 of ${String(format.bitsStored)} in ${String(format.bitsAllocated)}`,
    );
  }
}

/**
 * Copies what a codec decoded (little endian, one byte per cell up to 8 bits, else two) out of its memory.
 * @throws Error where the length does not match the frame.
 */
export function copyCells(decoded: Uint8Array, bitsPerSample: number, format: PixelFormat): Cells {
  const bytesPerCell = bitsPerSample <= 8 ? 1 : 2;
  const expected = cellCount(format) * bytesPerCell;
  if (decoded.length !== expected) {
    throw new Error(`decoding gave ${String(decoded.length)} bytes instead of ${String(expected)}`);
  }
  const copy = new Uint8Array(decoded);
  return bytesPerCell === 1 ? copy : new Uint16Array(copy.buffer);
}
