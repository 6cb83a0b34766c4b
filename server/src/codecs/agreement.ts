/**
 * What a code stream says about its samples, against what the header of its instance says about its pixels. They often differ;
 * nothing is lost where all values mean the same in both ways, and otherwise the frame is refused.
 * @module
 */
import type { Cells, StreamInfo } from './codec.ts';
import { infoOf } from './streamHeader.ts';
import type { EncodedFrame, PixelFormat } from './types.ts';

type Precision = Pick<StreamInfo, 'bitsPerSample' | 'isSigned'>;

/**
 * How a code stream differs from the header of its instance in precision or sign, for a warning; undefined where it does not. Streams
 * as wide as a cell are usual, whatever is stored in them.
 */
export function differenceOf({ transferSyntaxUid, bytes, format }: EncodedFrame): string | undefined {
  const info = infoOf(transferSyntaxUid, bytes);
  if (info === undefined) return undefined;
  const { bitsPerSample, isSigned } = info;
  const isOtherSign = isSigned !== undefined && isSigned !== format.isSigned;
  const isOtherWidth = bitsPerSample !== format.highBit + 1 && bitsPerSample !== format.bitsAllocated;
  return isOtherSign || isOtherWidth ? words(info, format) : undefined;
}

function words(
  { bitsPerSample, isSigned }: Precision,
  { bitsStored, isSigned: isHeaderSigned }: PixelFormat,
): string {
  const sign = (value: boolean): string => (value ? ' signed' : ' unsigned');
  return (
    `the code stream has${isSigned === undefined ? '' : sign(isSigned)} samples of ${String(bitsPerSample)} bits, ` +
    `the header says${sign(isHeaderSigned)} ones of ${String(bitsStored)}`
  );
}

/** Throws where a value of the stream is another one by the header. */
export function requireAgreement(cells: Cells, info: Precision, format: PixelFormat): void {
  if (!areSame(cells, info, format)) throw new Error(words(info, format));
}

function areSame(cells: Cells, { bitsPerSample, isSigned }: Precision, format: PixelFormat): boolean {
  const { highBit, bitsStored } = format;
  // Bits beside the stored ones belong to something else: what they hold is not compared.
  if (highBit !== bitsStored - 1) return bitsPerSample > highBit;
  if (isSigned === true && !format.isSigned) return cells.every((cell) => cell < 2 ** (bitsStored - 1));
  if (bitsPerSample > bitsStored) return cells.every(fitsIn(cells, format));
  // Samples with too few bits have no sign of their own: the highest would be it.
  const isExtended = isSigned === true && cells instanceof Uint16Array;
  const isNarrow = bitsPerSample < bitsStored && format.isSigned && !isExtended;
  return !isNarrow || cells.every((cell) => cell < 2 ** (bitsPerSample - 1));
}

/** Whether the bits above those that are stored are zero, or repeat the sign. Writers pad with values that do not fit. */
function fitsIn(cells: Cells, { bitsStored, isSigned, padding }: PixelFormat): (cell: number) => boolean {
  const bits = 8 * cells.BYTES_PER_ELEMENT;
  const allSet = 2 ** bits - 2 ** (bitsStored - 1);
  return (cell) => {
    if (cell < 2 ** bitsStored || (isSigned && cell >= allSet)) return true;
    const value = isSigned && cell >= 2 ** (bits - 1) ? cell - 2 ** bits : cell;
    return padding !== undefined && value >= padding.low && value <= padding.high;
  };
}
