/**
 * Runs in a worker thread: an instance or a frame in, modality values out. Part 10 bytes are parsed here and nowhere else,
 * because whoever can store an object in the PACS writes them.
 * @module
 */
import { answering } from '../../threads/index.ts';
import type { ReadInstance } from '../parsing/frame.ts';
import type { ParseLimits } from '../parsing/parseInstance.ts';
import { readInstance } from '../readInstance.ts';
import type { EncodedFrame } from '../types.ts';
import { decodeFrame } from './decodeFrame.ts';

/** What the threads of a frame decoder do. */
export type DecodeTask =
  | {
      readonly kind: 'instance';
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly instance: number;
      readonly limits: ParseLimits;
    }
  | { readonly kind: 'frame'; readonly frame: EncodedFrame };

/** The answer to each. */
export type DecodeAnswer = ReadInstance | Int16Array | Float32Array;

function work(task: DecodeTask): Promise<DecodeAnswer> {
  return task.kind === 'frame'
    ? decodeFrame(task.frame)
    : readInstance(task.bytes, task.instance, task.limits, decodeFrame);
}

/** Pixels go back without a copy: values, or the file that the frames of a multi-frame instance are views of. */
function buffersOf(answer: DecodeAnswer): readonly ArrayBuffer[] {
  const arrays =
    'frames' in answer
      ? answer.frames.map((frame) => ('values' in frame ? frame.values : frame.encoded.bytes))
      : [answer];
  return arrays.map(({ buffer }) => buffer).filter((buffer) => buffer instanceof ArrayBuffer);
}

export default answering(work, buffersOf);
