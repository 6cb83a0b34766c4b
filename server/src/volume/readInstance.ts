import { errorFrom, SamepointError } from '../errors/index.ts';
import type { FrameHeader, ReadInstance } from './parsing/frame.ts';
import { parseInstance } from './parsing/parseInstance.ts';
import type { ParseLimits } from './parsing/parseInstance.ts';
import type { EncodedFrame, FrameDecoder } from './types.ts';

/**
 * Parses an instance, and decodes it where it has a single frame. The frames of a multi-frame instance stay encoded, so that
 * several threads share them.
 * @throws SamepointError of the volume/ catalogue
 */
export async function readInstance(
  bytes: Uint8Array,
  instance: number,
  limits: ParseLimits,
  decode: FrameDecoder['decode'],
): Promise<ReadInstance> {
  const { frames, leftOut } = parseInstance(bytes, instance, limits);
  const [only, ...others] = frames;
  if (only === undefined || others.length > 0) return { frames, leftOut };
  const { header, encoded } = only;
  return { frames: [{ header, values: await decodeAs(header, encoded, decode) }], leftOut };
}

/** Decodes a frame. @throws SamepointError volume/corrupt-pixel-data */
export async function decodeAs(
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
