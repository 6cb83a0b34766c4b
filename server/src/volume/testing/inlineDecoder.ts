import { modalityValues } from '../../codecs/modalityValues.ts';
import { decodeNative } from '../../codecs/native.ts';
import { decodePlanned, readPart10 } from '../../instances/readInstance.ts';
import type { EncodedFrame } from '../../codecs/types.ts';
import type { FrameDecoder } from '../../instances/readInstance.ts';

async function decode({ bytes, format }: EncodedFrame): Promise<Int16Array | Float32Array> {
  await Promise.resolve();
  return modalityValues(decodeNative(bytes, format), format);
}

/** Reads uncompressed instances in this thread: for tests of everything but the codecs. */
export function inlineDecoder(): FrameDecoder {
  return {
    threads: 2,
    read: (part10, task) => readPart10(part10, task, decode),
    decode: (frame, plan) => decodePlanned(frame, plan, decode),
    close: () => Promise.resolve(),
  };
}
