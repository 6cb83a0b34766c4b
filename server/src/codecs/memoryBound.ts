/**
 * The memory of the WebAssembly codecs. What a code stream says about its tiles, precincts and components is believed by the
 * codecs, and a stream of 200 bytes then allocates gigabytes; their builds have no limit of their own below 2 GiB.
 * @module
 */

/** Bytes of a page (WebAssembly core specification 4.2.8). */
const PAGE_BYTES = 2 ** 16;
/** What a codec has before the first frame, and needs for its tables and the code stream, bytes. */
const BASE_BYTES = 96 * 2 ** 20;
/** Bytes per pixel: OpenJPEG holds a sample as 32 bits, in the tile, in the image, and during the wavelet transform. */
const BYTES_PER_PIXEL = 24;

let limitBytes = Infinity;

/** In this thread only: all memories are those of codecs. */
// Called with the memory below.
// eslint-disable-next-line @typescript-eslint/unbound-method
const grow = WebAssembly.Memory.prototype.grow;
WebAssembly.Memory.prototype.grow = function bounded(this: WebAssembly.Memory, pages: number): number {
  // Emscripten treats the exception as a refusal of the system, and its allocation fails.
  if (this.buffer.byteLength + pages * PAGE_BYTES > limitBytes)
    throw new RangeError('the codec needs more memory than the image can need');
  return grow.call(this, pages);
};

/** Runs a codec for a frame of so many pixels. */
export function withBoundedMemory<T>(pixels: number, decode: () => T): T {
  limitBytes = BASE_BYTES + BYTES_PER_PIXEL * pixels;
  try {
    return decode();
  } finally {
    limitBytes = Infinity;
  }
}
