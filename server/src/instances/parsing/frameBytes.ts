import type { Element } from 'dicom-parser';
import { joined } from '../../dicom/index.ts';

/** Where the bytes of each frame lie in the file. Throws an Error whose message says what is wrong. */
export interface PixelDataLayout {
  readonly file: Uint8Array;
  readonly pixelData: Element;
  readonly frames: number;
  /** Bytes of one uncompressed frame. */
  readonly frameLength: number;
  /** Compressed, so that only the encapsulated form is possible. */
  readonly mustBeEncapsulated: boolean;
  /** A frame begins with a start marker: that of JPEG, JPEG-LS or JPEG 2000. */
  readonly hasMarkers: boolean;
  /** Value of ExtendedOffsetTable (PS3.3 C.7.6.3.1.8), empty where absent. */
  readonly extendedOffsets: readonly number[];
}

/** The bytes of each frame, as views of the file where they lie in one piece. */
export function frameBytes(layout: PixelDataLayout): readonly Uint8Array[] {
  const { pixelData } = layout;
  if (pixelData.encapsulatedPixelData === true || pixelData.fragments !== undefined)
    return encapsulated(layout);
  if (layout.mustBeEncapsulated) throw new Error('compressed pixel data is not encapsulated');
  return native(layout);
}

function native({ file, pixelData, frames, frameLength }: PixelDataLayout): readonly Uint8Array[] {
  const available = Math.min(pixelData.length, file.length - pixelData.dataOffset);
  const needed = frames * frameLength;
  // A few bytes more are padding; twice as many are another size, another depth or more frames than the header says.
  if (available < needed || available >= 2 * needed)
    throw new Error(`${String(available)} bytes of pixels instead of ${String(needed)}`);
  return Array.from({ length: frames }, (_, frame) => {
    const start = pixelData.dataOffset + frame * frameLength;
    return file.subarray(start, start + frameLength);
  });
}

interface Fragment {
  /** From the first byte of the item tag of the first fragment, as offset tables count (PS3.5 A.4). */
  readonly offset: number;
  readonly position: number;
  readonly length: number;
}

function encapsulated(layout: PixelDataLayout): readonly Uint8Array[] {
  const { file } = layout;
  // Some writers end with an empty fragment, or put one behind each frame.
  const fragments = (layout.pixelData.fragments ?? []).filter(({ length }) => length > 0);
  const broken = fragments.find(({ position, length }) => position + length > file.length);
  if (broken !== undefined) throw new Error('a fragment ends behind the end of the file');
  return fragmentsOfFrames(layout, fragments).map((own) => {
    const views = own.map(({ position, length }) => file.subarray(position, position + length));
    return views.length === 1 ? (views[0] ?? new Uint8Array()) : joined(views);
  });
}

/**
 * Which fragments are those of each frame. The start markers decide where there are as many as frames, then the number of
 * fragments; offset tables come last, because in some files they are empty, full of zeros, or count from another byte.
 */
function fragmentsOfFrames(
  layout: PixelDataLayout,
  fragments: readonly Fragment[],
): readonly (readonly Fragment[])[] {
  const { frames } = layout;
  if (frames === 1 && fragments.length > 0) return [fragments];
  const starts = startsByMarker(layout, fragments) ?? startsByNumber(fragments, frames);
  const first = starts ?? startsByTable(layout, fragments);
  if (first !== undefined)
    return first.map((start, frame) => fragments.slice(start, first[frame + 1] ?? fragments.length));
  throw new Error(
    `${String(fragments.length)} fragments for ${String(frames)} frames, and no usable offset table`,
  );
}

function startsByMarker(
  { file, frames, hasMarkers }: PixelDataLayout,
  fragments: readonly Fragment[],
): readonly number[] | undefined {
  if (!hasMarkers) return undefined;
  const starts = fragments.flatMap(({ position }, index) => (beginsImage(file, position) ? [index] : []));
  return starts.length === frames && starts[0] === 0 ? starts : undefined;
}

/** SOI of JPEG and JPEG-LS, SOC and SIZ of JPEG 2000, or the signature box of a JP2 file. */
function beginsImage(file: Uint8Array, position: number): boolean {
  const [a, b, c, d] = file.subarray(position, position + 4);
  if (a === 0xff && b === 0xd8) return true;
  return (
    (a === 0xff && b === 0x4f && c === 0xff && d === 0x51) || (a === 0 && b === 0 && c === 0 && d === 12)
  );
}

function startsByNumber(fragments: readonly Fragment[], frames: number): readonly number[] | undefined {
  return fragments.length === frames ? fragments.map((_, index) => index) : undefined;
}

/** A table whose every offset is that of a fragment, in their order. */
function startsByTable(
  { pixelData, frames, extendedOffsets }: PixelDataLayout,
  fragments: readonly Fragment[],
): readonly number[] | undefined {
  const indices = new Map(fragments.map(({ offset }, index) => [offset, index]));
  for (const table of [extendedOffsets, pixelData.basicOffsetTable ?? []]) {
    const starts = table.map((offset) => indices.get(offset) ?? -1);
    const isRising = starts.every((start, frame) =>
      frame === 0 ? start === 0 : start > (starts[frame - 1] ?? 0),
    );
    if (starts.length === frames && isRising) return starts;
  }
  return undefined;
}
