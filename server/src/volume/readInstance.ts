import { modalityValues } from './codecs/modalityValues.ts';
import { decodeNative } from './codecs/native.ts';
import { codecOf } from './codecs/transferSyntaxes.ts';
import { ContentDigest } from './contentDigest.ts';
import { parseInstance } from './parsing/parseInstance.ts';
import { decodeFrame, MAX_VOXELS } from './readVolume.ts';
import type { EncodedFrame, FrameDecoder, InstanceContent, InstanceIdentity } from './types.ts';

/** One instance by itself, as `readVolume` would read it. */
export interface ReadInstance {
  readonly identity: InstanceIdentity;
  readonly content: InstanceContent;
}

/** Uncompressed frames up to this size are decoded in this thread, bytes: 1 ms, and a thread takes 50 ms to start. */
const MAX_BYTES_HERE = 2 ** 20;

/**
 * Reads one instance to compare it with what was read before: who it says it is, and the digest of what it holds.
 * @throws SamepointError of the volume/ catalogue
 */
export async function readInstance(bytes: Uint8Array, decoder: FrameDecoder): Promise<ReadInstance> {
  const { identity, frames } = parseInstance(bytes, 1, { maxVoxels: MAX_VOXELS, voxelsBefore: 0 });
  const digest = new ContentDigest();
  const quick = { ...decoder, decode: (frame: EncodedFrame) => decodeQuickly(frame, decoder) };
  await Promise.all(
    frames.map(async (frame) => {
      digest.add(frame.header, await decodeFrame(quick, frame));
    }),
  );
  const { sopInstanceUid } = identity;
  return { identity, content: { sopInstanceUid, digest: digest.toString(), bytes: bytes.byteLength } };
}

async function decodeQuickly(frame: EncodedFrame, decoder: FrameDecoder): ReturnType<FrameDecoder['decode']> {
  const { transferSyntaxUid, bytes, bigEndianWords, format } = frame;
  const isNative = codecOf(transferSyntaxUid) === 'native' && !bigEndianWords;
  return isNative && bytes.byteLength <= MAX_BYTES_HERE
    ? modalityValues(decodeNative(bytes, format), format)
    : await decoder.decode(frame);
}
