import type { Element } from 'dicom-parser';

/** Where the bytes of each frame lie in the file. Throws an Error whose message says what is wrong. */
export interface PixelDataLayout {
  readonly file: Uint8Array;
  readonly pixelData: Element;
  readonly frames: number;
  /** Bytes of one uncompressed frame. */
  readonly frameLength: number;
  /** Compressed, so that only the encapsulated form is possible. */
  readonly mustBeEncapsulated: boolean;
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
  if (available < frames * frameLength) {
    throw new Error(`${String(available)} bytes of pixels instead of ${String(frames * frameLength)}`);
  }
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
  const { file, frames } = layout;
  const fragments: readonly Fragment[] = layout.pixelData.fragments ?? [];
  const broken = fragments.find(({ position, length }) => position + length > file.length);
  if (broken !== undefined) throw new Error('a fragment ends behind the end of the file');
  return fragmentsOfFrames(layout, fragments).map((own, frame) => {
    if (own.length === 0) throw new Error(`frame ${String(frame + 1)} of ${String(frames)} has no fragment`);
    const views = own.map(({ position, length }) => file.subarray(position, position + length));
    return views.length === 1 ? (views[0] ?? new Uint8Array()) : Buffer.concat(views);
  });
}

function fragmentsOfFrames(
  { pixelData, frames, extendedOffsets }: PixelDataLayout,
  fragments: readonly Fragment[],
): readonly (readonly Fragment[])[] {
  if (frames === 1) return [fragments];
  const basic = pixelData.basicOffsetTable ?? [];
  const offsets = extendedOffsets.length === frames ? extendedOffsets : basic;
  if (offsets.length === frames) {
    return offsets.map((start, frame) =>
      fragments.slice(
        firstAtOrAfter(fragments, start),
        firstAtOrAfter(fragments, offsets[frame + 1] ?? Infinity),
      ),
    );
  }
  if (fragments.length !== frames) {
    throw new Error(
      `${String(fragments.length)} fragments for ${String(frames)} frames, and no offset table`,
    );
  }
  return fragments.map((fragment) => [fragment]);
}

/** Index of the first fragment that begins there or later; fragments lie in the order of their offsets. */
function firstAtOrAfter(fragments: readonly Fragment[], offset: number): number {
  let low = 0;
  let high = fragments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((fragments[middle]?.offset ?? Infinity) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
