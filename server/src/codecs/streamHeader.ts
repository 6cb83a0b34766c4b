/**
 * Size and precision of a JPEG-LS or JPEG 2000 code stream from its header, before the codec sees it: the codecs allocate
 * what the header says, and 100 bytes suffice to claim 60,000 x 60,000 pixels.
 * @module
 */
import { checkStream } from './codec.ts';
import type { StreamInfo } from './codec.ts';
import { codecOf } from './transferSyntaxes.ts';
import type { PixelFormat } from './types.ts';

/** Tiles of one image: 4,096 x 4,096 pixels in tiles of 64 x 64. The codecs hold some kilobytes for each before they read it. */
const MAX_TILES = 4096;

/** Throws where the JPEG 2000 stream (also HTJ2K, also inside a JP2 file) contradicts the header of its instance. */
export function checkJpeg2000(bytes: Uint8Array, format: PixelFormat): void {
  const view = sizOf(bytes);
  if (view === undefined) throw new Error('the stream has no JPEG 2000 header');
  checkStream(jpeg2000Info(view), format);
  const [right = 0, bottom = 0, width = 0, height = 0] = [8, 12, 24, 28].map((at) => view.getUint32(at));
  const tiles = Math.ceil(right / width) * Math.ceil(bottom / height);
  if (!(tiles <= MAX_TILES)) throw new Error(`the code stream has ${String(tiles)} tiles`);
}

/** The code stream from SOC and SIZ on (ITU-T T.800 A.5.1): marker, length, capabilities, then the reference grid. */
function sizOf(bytes: Uint8Array): DataView | undefined {
  const stream = codestreamOf(bytes);
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  return stream.length < 44 || view.getUint32(0) !== 0xff4fff51 ? undefined : view;
}

function jpeg2000Info(view: DataView): StreamInfo {
  const [right = 0, bottom = 0, left = 0, top = 0] = [8, 12, 16, 20].map((at) => view.getUint32(at));
  const precision = view.getUint8(42);
  return {
    width: right - left,
    height: bottom - top,
    componentCount: view.getUint16(40),
    bitsPerSample: (precision & 0x7f) + 1,
    isSigned: precision >= 0x80,
  };
}

/** What a code stream says about itself; undefined where it has no header that is known here. */
export function infoOf(transferSyntaxUid: string, bytes: Uint8Array): StreamInfo | undefined {
  const name = codecOf(transferSyntaxUid);
  if (name === 'jpeg2000' || name === 'htj2k') {
    const view = sizOf(bytes);
    return view && jpeg2000Info(view);
  }
  if (name === 'jpeg') return findFrameHeader(bytes, isJpegFrame);
  return name === 'jpegls' ? findFrameHeader(bytes, isJpegLsFrame) : undefined;
}

/** Markers of the main header (ITU-T T.800 A.2): default coding style, that of one component, and the first tile part. */
const COD = 0xff52;
const COC = 0xff53;
const SOT = 0xff90;

/**
 * Finest resolution levels that a decoder may omit of a JPEG 2000 stream so that what remains is the low-pass band of the stored
 * values, sample n at 2^level n: none where the stored bits are not the samples, or image or tiles begin at an odd place.
 * @param bytes a stream that {@link checkJpeg2000} accepts, or any other one: then 0
 */
export function omissibleLevels(bytes: Uint8Array, format: PixelFormat): number {
  const view = sizOf(bytes);
  if (view === undefined) return 0;
  const { bitsStored, bitsAllocated, highBit, isSigned } = format;
  const isStored = view.getUint8(42) === (isSigned ? 0x80 : 0) + bitsStored - 1;
  if (!isStored || highBit !== bitsStored - 1 || bitsStored <= 8 || bitsAllocated !== 16) return 0;
  const right = view.getUint32(8);
  const bottom = view.getUint32(12);
  const places = [16, 20, 32, 36].map((at) => view.getUint32(at));
  // One tile that holds the whole image may end anywhere.
  const [width, height] = [view.getUint32(24), view.getUint32(28)];
  if (width + (places[2] ?? 0) < right || height + (places[3] ?? 0) < bottom) places.push(width, height);
  const even = Math.min(...places.map((place) => (place === 0 ? Infinity : Math.log2(place & -place))));
  return Math.min(even, decompositionsOf(view));
}

/** Levels of the wavelet transform that the main header names; 0 where it names none, or one component has its own. */
function decompositionsOf(view: DataView): number {
  let levels = 0;
  for (let at = 4 + view.getUint16(4); at + 4 <= view.byteLength; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at);
    if (marker === SOT) return levels;
    if (marker === COC) return 0;
    if (marker === COD && at + 10 <= view.byteLength) levels = view.getUint8(at + 9);
  }
  return 0;
}

/** The first contiguous code stream of a JP2 file (ITU-T T.800 I.4), or the bytes themselves where they are one. */
function codestreamOf(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + 8 <= bytes.length && view.getUint32(at) !== 0xff4fff51) {
    const length = view.getUint32(at);
    if (view.getUint32(at + 4) === 0x6a703263) return bytes.subarray(at + 8);
    if (length < 8) break;
    at += length;
  }
  return at === 0 ? bytes : new Uint8Array();
}

/** SOF0 to SOF15 without DHT, JPG and DAC. */
export function isJpegFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** SOF55 (ITU-T T.87 C.2.2) has the form of the other start-of-frame segments. */
function isJpegLsFrame(marker: number): boolean {
  return marker === 0xf7;
}

/** Throws where the JPEG-LS stream contradicts the header of its instance. */
export function checkJpegLs(bytes: Uint8Array, format: PixelFormat): void {
  checkStream(readFrameHeader(bytes, isJpegLsFrame), format);
}

/**
 * Size, precision and components from the start-of-frame segment (ITU-T T.81 B.2.2).
 * @param isFrame whether this marker begins a frame
 */
export function readFrameHeader(bytes: Uint8Array, isFrame: (marker: number) => boolean): StreamInfo {
  const found = findFrameHeader(bytes, isFrame);
  if (found === undefined) throw new Error('the code stream has no frame header');
  return found;
}

function findFrameHeader(bytes: Uint8Array, isFrame: (marker: number) => boolean): StreamInfo | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Segments follow the two bytes of SOI: marker, then a length that counts itself.
  for (let at = 2; at + 10 <= bytes.length && bytes[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    if (!isFrame(view.getUint8(at + 1))) continue;
    return {
      bitsPerSample: view.getUint8(at + 4),
      height: view.getUint16(at + 5),
      width: view.getUint16(at + 7),
      componentCount: view.getUint8(at + 9),
    };
  }
  return undefined;
}
