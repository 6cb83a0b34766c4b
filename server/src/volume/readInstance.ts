import { errorFrom, SamepointError } from '../errors/index.ts';
import { ContentDigest, encodedDigest } from './contentDigest.ts';
import type { FrameHeader, ReadFrame, ReadInstance } from './parsing/frame.ts';
import { parseInstance } from './parsing/parseInstance.ts';
import type { ParseLimits } from './parsing/parseInstance.ts';
import type { EncodedFrame } from '../codecs/types.ts';

/** How an instance is to be read. */
export interface ReadTask {
  /** Number of the instance in the stream, 1-based, for messages. */
  readonly instance: number;
  readonly limits: ParseLimits;
}

/** Reads instances and decodes frames in worker threads. May be shared by many reads; must be closed. */
export interface FrameDecoder {
  /** Frames that are decoded at the same time. */
  readonly threads: number;
  /**
   * Parses a Part 10 file, and decodes it where it has one frame. The bytes are copied.
   * @throws SamepointError of the volume/ catalogue
   */
  read(part10: Uint8Array, task: ReadTask): Promise<ReadInstance>;
  /**
   * Modality values of one frame, row by row: Int16Array where every value is integral and fits, else Float32Array.
   * @throws Error with the codec's reason where the code stream is damaged or does not match the format.
   */
  decode(frame: EncodedFrame): Promise<Int16Array | Float32Array>;
  close(): Promise<void>;
}

/**
 * Parses an instance, and decodes it where it has a single frame. The frames of a multi-frame instance stay encoded, so that
 * several threads share them.
 * @throws SamepointError of the volume/ catalogue
 */
export async function readPart10(
  bytes: Uint8Array,
  { instance, limits }: ReadTask,
  decode: FrameDecoder['decode'],
): Promise<ReadInstance> {
  const { identity, frames, omitted } = parseInstance(bytes, instance, limits);
  const common = { identity, encoded: encodedDigest(bytes), omitted };
  const [only, ...others] = frames;
  if (only === undefined) return { ...common, digest: new ContentDigest().toString(), frames };
  if (others.length > 0) return { ...common, frames };
  const values = await decodeAs(only.header, only.encoded, decode);
  const digest = new ContentDigest();
  digest.add(only.header, values);
  return { ...common, digest: digest.toString(), frames: [{ header: only.header, values }] };
}

/** Modality values of a frame. @throws SamepointError volume/corrupt-pixel-data */
export async function valuesOf(frame: ReadFrame, decoder: FrameDecoder): Promise<Int16Array | Float32Array> {
  if ('values' in frame) return frame.values;
  return await decodeAs(frame.header, frame.encoded, (one) => decoder.decode(one));
}

async function decodeAs(
  { source }: FrameHeader,
  encoded: EncodedFrame,
  decode: FrameDecoder['decode'],
): Promise<Int16Array | Float32Array> {
  try {
    return await decode(encoded);
  } catch (thrown) {
    const { sopInstanceUid, frameNumber = 0 } = source;
    const fields = { sopInstanceUid, frameNumber, reason: errorFrom(thrown).message };
    throw new SamepointError('volume/corrupt-pixel-data', fields, { cause: thrown });
  }
}
