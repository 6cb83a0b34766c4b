/**
 * Runs in a worker thread: an instance or a frame in, modality values out. Part 10 bytes are parsed here and nowhere else,
 * because whoever can store an object in the PACS writes them.
 * @module
 */
import { answering, giveBack } from '../../concurrency/index.ts';
import type { DecodedFrame, ReadInstance } from '../parsing/frame.ts';
import { decodePlanned, readPart10 } from '../readInstance.ts';
import type { ReadTask } from '../readInstance.ts';
import type { InPlanePlan } from '../../resampling/reduction/types.ts';
import type { EncodedFrame } from '../../codecs/types.ts';
import { decodeFrame } from '../../codecs/index.ts';

/** What the threads of a frame decoder do. */
export type DecodeTask =
  | {
      readonly kind: 'instance';
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly task: ReadTask;
    }
  | { readonly kind: 'frame'; readonly frame: EncodedFrame; readonly plan: InPlanePlan | undefined };

/** The answer to each. */
export type DecodeAnswer = ReadInstance | DecodedFrame;

async function work(task: DecodeTask): Promise<DecodeAnswer> {
  if (task.kind === 'frame') {
    const decoded = await decodePlanned(task.frame, task.plan, decodeFrame);
    if (decoded.values.buffer !== task.frame.bytes.buffer) giveBack(task.frame.bytes);
    return decoded;
  }
  const read = await readPart10(task.bytes, task.task, decodeFrame);
  // The frames of a multi-frame instance are views of its file.
  if (read.frames.every((frame) => 'values' in frame && frame.values.buffer !== task.bytes.buffer))
    giveBack(task.bytes);
  return read;
}

/** Pixels go back without a copy: values, or the file that the frames of a multi-frame instance are views of. */
function buffersOf(answer: DecodeAnswer): readonly ArrayBuffer[] {
  const arrays =
    'frames' in answer
      ? answer.frames.map((frame) => ('values' in frame ? frame.values : frame.encoded.bytes))
      : [answer.values];
  return arrays.map(({ buffer }) => buffer).filter((buffer) => buffer instanceof ArrayBuffer);
}

export default answering(work, buffersOf);
