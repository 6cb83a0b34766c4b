import { cellCount } from './codec.ts';
import type { Cells, Codec } from './codec.ts';

/** Uncompressed cells in the byte order of this machine (little endian: the only one that Node's prebuilt addons run on). */
export const decodeNative: Codec = (bytes, format) => {
  const length = cellCount(format) * (format.bitsAllocated / 8);
  if (bytes.length < length) {
    throw new Error(`${String(bytes.length)} bytes of pixels instead of ${String(length)}`);
  }
  if (format.bitsAllocated === 8) return bytes.subarray(0, length);
  const { buffer, byteOffset } = bytes;
  if (byteOffset % Uint16Array.BYTES_PER_ELEMENT === 0)
    return new Uint16Array(buffer, byteOffset, cellCount(format));
  return new Uint16Array(bytes.slice(0, length).buffer);
};

/** The same for big endian words (Explicit VR Big Endian, OW). */
export const decodeNativeBigEndian: Codec = (bytes, format): Cells => {
  const swapped = bytes.slice(0, bytes.length - (bytes.length % 2));
  Buffer.from(swapped.buffer).swap16();
  return decodeNative(swapped, format);
};
