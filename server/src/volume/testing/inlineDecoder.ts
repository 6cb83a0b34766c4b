import { modalityValues } from '../codecs/modalityValues.ts';
import { decodeNative } from '../codecs/native.ts';
import type { FrameDecoder } from '../types.ts';

/** Decodes uncompressed frames in this thread: for tests of everything but the codecs. */
export function inlineDecoder(): FrameDecoder {
  return {
    threads: 2,
    async decode({ bytes, format }) {
      await Promise.resolve();
      return modalityValues(decodeNative(bytes, format), format);
    },
    close: () => Promise.resolve(),
  };
}
