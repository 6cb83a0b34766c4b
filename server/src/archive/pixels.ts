/** Pixel data of a stored file, frame by frame, as it is stored: nothing is decoded. */
import type { DataSet, Element } from 'dicom-parser';
import { inflateDataSet, parsePart10 } from '../dicom/index.ts';
import { SamepointError } from '../errors/index.ts';

const PIXEL_DATA = 'x7fe00010';
const EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
const EXPLICIT_VR_BIG_ENDIAN = '1.2.840.10008.1.2.2';
/** A frame of a JPEG family codestream ends with EOI (JPEG, JPEG-LS) or EOC (JPEG 2000): the same two bytes. */
const END_OF_IMAGE = [0xff, 0xd9] as const;

/** Parsed file with its pixel data element, where there is one. */
export interface ParsedPixels {
  readonly dataSet: DataSet;
  readonly element: Element | undefined;
}

/** Frames of one instance. */
export interface Frames {
  /** Transfer syntax of the bytes given out: native frames are always little endian. */
  readonly transferSyntaxUid: string;
  readonly count: number;
  /** Uncompressed; compressed frames have lengths of their own. */
  readonly isNative: boolean;
  /** Bytes of one frame. @param index from 0 */
  frame(index: number): Uint8Array;
}

/** Parses the file to its end. @throws UnreadableDicom when it is cut or damaged */
export function parsePixels(part10: Uint8Array): ParsedPixels {
  const dataSet = parsePart10(part10, { inflate: inflateDataSet });
  return { dataSet, element: dataSet.elements[PIXEL_DATA] };
}

/**
 * Splits the pixel data into frames.
 * @throws SamepointError `archive/unreadable-pixels`
 */
export function readFrames(part10: Uint8Array): Frames {
  const { dataSet, element } = parsePixels(part10);
  if (!element) throw unreadable('the instance has no pixel data');
  const count = dataSet.intString('x00280008') ?? 1;
  if (count < 1) throw unreadable(`NumberOfFrames is ${count}`);
  return element.encapsulatedPixelData === true || element.hadUndefinedLength === true
    ? encapsulatedFrames(dataSet, element, count)
    : nativeFrames(dataSet, element, count);
}

function nativeFrames(dataSet: DataSet, element: Element, count: number): Frames {
  const bitsAllocated = dataSet.uint16('x00280100') ?? 0;
  const frameBits =
    (dataSet.uint16('x00280010') ?? 0) * (dataSet.uint16('x00280011') ?? 0) * sampleBits(dataSet);
  if (frameBits === 0) throw unreadable('Rows, Columns or BitsAllocated is missing');
  if (element.length * 8 < frameBits * count)
    throw unreadable(`${element.length} bytes of pixel data for ${count} frames of ${frameBits} bits`);
  const bytes = dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
  const isBigEndian = dataSet.string('x00020010') === EXPLICIT_VR_BIG_ENDIAN && bitsAllocated > 8;
  return {
    transferSyntaxUid: EXPLICIT_VR_LITTLE_ENDIAN,
    count,
    isNative: true,
    frame(index) {
      if (bitsAllocated === 1) return bitFrame(bytes, index * frameBits, frameBits);
      const size = frameBits / 8;
      const frame = bytes.subarray(index * size, (index + 1) * size);
      return isBigEndian ? swapped(frame, bitsAllocated / 8) : frame;
    },
  };
}

/** Bits per pixel over all samples; YBR_FULL_422 shares the chrominance of two pixels (PS3.3 C.7.6.3.1.2). */
function sampleBits(dataSet: DataSet): number {
  const bitsAllocated = dataSet.uint16('x00280100') ?? 0;
  const samples = dataSet.uint16('x00280002') ?? 1;
  return bitsAllocated * (dataSet.string('x00280004') === 'YBR_FULL_422' ? 2 : samples);
}

/** Frames of single bits follow each other without padding (PS3.5 8.1.1): shift them to a byte of their own. */
function bitFrame(bytes: Uint8Array, firstBit: number, bits: number): Uint8Array {
  const frame = new Uint8Array(Math.ceil(bits / 8));
  for (let bit = 0; bit < bits; bit += 1) {
    const source = firstBit + bit;
    const value = ((bytes[source >> 3] ?? 0) >> (source & 7)) & 1;
    frame[bit >> 3] = (frame[bit >> 3] ?? 0) | (value << (bit & 7));
  }
  return frame;
}

function swapped(bytes: Uint8Array, wordBytes: number): Uint8Array {
  const copy = Buffer.from(bytes);
  return wordBytes === 2 ? copy.swap16() : wordBytes === 4 ? copy.swap32() : copy.swap64();
}

function encapsulatedFrames(dataSet: DataSet, element: Element, count: number): Frames {
  const fragments = (element.fragments ?? []).map(({ offset, position, length }) => ({
    offset,
    bytes: dataSet.byteArray.subarray(position, position + length),
  }));
  const starts = frameStarts(element, fragments, count);
  return {
    transferSyntaxUid: dataSet.string('x00020010') ?? '',
    count,
    isNative: false,
    frame(index) {
      const parts = fragments.slice(starts[index], starts[index + 1]).map(({ bytes }) => bytes);
      const [only] = parts;
      return only && parts.length === 1 ? only : Buffer.concat(parts);
    },
  };
}

interface Fragment {
  /** From the first byte after the basic offset table (PS3.5 A.4). */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Index of the first fragment of each frame. Offset tables come first, then the fragments themselves. */
function frameStarts(element: Element, fragments: readonly Fragment[], count: number): readonly number[] {
  if (count === 1) return [0];
  // The Extended Offset Table (PS3.3 C.7.6.3.1.8) is for instances with one fragment for each frame: it is not needed.
  const offsets = element.basicOffsetTable ?? [];
  if (offsets.length === count) {
    const starts = offsets.map((offset) => fragments.findIndex((fragment) => fragment.offset === offset));
    // Some writers fill the table with zeros.
    if (starts.every((start, frame) => start > (starts[frame - 1] ?? -1))) return starts;
  }
  if (fragments.length === count) return fragments.map((_, index) => index);
  const ends = fragments.flatMap(({ bytes }, index) => (endsImage(bytes) ? [index + 1] : []));
  if (ends.length === count) return [0, ...ends.slice(0, -1)];
  throw unreadable(`${fragments.length} fragments for ${count} frames and no usable offset table`);
}

/** True when a fragment ends with the end marker, padded to even length by one byte at most. */
function endsImage(bytes: Uint8Array): boolean {
  const [first, second] = END_OF_IMAGE;
  const ends = (at: number): boolean => bytes[at] === first && bytes[at + 1] === second;
  return ends(bytes.length - 2) || ends(bytes.length - 3);
}

function unreadable(reason: string): SamepointError {
  return new SamepointError('archive/unreadable-pixels', { reason });
}
