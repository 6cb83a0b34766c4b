import { modalityValues } from '../codecs/modalityValues.ts';
import { decodeNative } from '../codecs/native.ts';
import { readInstance } from '../readInstance.ts';
import type { EncodedFrame, FrameDecoder } from '../types.ts';

async function decode({ bytes, format }: EncodedFrame): Promise<Int16Array | Float32Array> {
  await Promise.resolve();
  return modalityValues(decodeNative(bytes, format), format);
}

/** Reads uncompressed instances in this thread: for tests of everything but the codecs. */
export function inlineDecoder(): FrameDecoder {
  return {
    threads: 2,
    read: (part10, instance, limits) => readInstance(part10, instance, limits, decode),
    decode,
    close: () => Promise.resolve(),
  };
}
