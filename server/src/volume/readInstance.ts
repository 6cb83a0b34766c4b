import { ContentDigest, encodedDigest } from './contentDigest.ts';
import type { ParsedFrame } from './parsing/frame.ts';
import { parseInstance } from './parsing/parseInstance.ts';
import { decodeFrame, MAX_VOXELS } from './readVolume.ts';
import type { FrameDecoder, InstanceContent, InstanceIdentity } from './types.ts';

/** One instance by itself, as `readVolume` would read it. */
export interface ReadInstance {
  readonly identity: InstanceIdentity;
  readonly content: InstanceContent;
}

/**
 * Reads one instance to compare it with what was read before: who it says it is, and the digests of what it holds.
 * @param known what was read before; where it was sent in the same way it is not decoded.
 * @throws SamepointError of the volume/ catalogue
 */
export async function readInstance(
  bytes: Uint8Array,
  decoder: FrameDecoder,
  known?: InstanceContent,
): Promise<ReadInstance> {
  const { identity, frames } = parseInstance(bytes, 1, { maxVoxels: MAX_VOXELS, voxelsBefore: 0 });
  const encoded = encodedDigest(frames);
  const digest = known?.encoded === encoded ? known.digest : await decodedDigest(frames, decoder);
  const { sopInstanceUid } = identity;
  return { identity, content: { sopInstanceUid, digest, encoded, bytes: bytes.byteLength } };
}

async function decodedDigest(frames: readonly ParsedFrame[], decoder: FrameDecoder): Promise<string> {
  const digest = new ContentDigest();
  for (const frame of frames) digest.add(frame.header, await decodeFrame(decoder, frame));
  return digest.toString();
}
