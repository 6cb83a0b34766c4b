import { ContentDigest, encodedDigest, decodedOf } from '../instances/index.ts';
import { MAX_VOXELS } from '../volume/types.ts';
import type { InstanceContent, InstanceIdentity } from '../volume/types.ts';
import type { FrameDecoder } from '../instances/index.ts';

/** One instance by itself, as `readVolume` would read it. */
export interface SingleInstance {
  /** Absent where the bytes are those that were read before: then it is what it was. */
  readonly identity?: InstanceIdentity;
  readonly content: InstanceContent;
}

/**
 * Reads one instance to compare it with what was read before: who it says it is, and the digests of what it holds.
 * @param known what was read before: the same bytes are not read again, others without the resolution levels that were omitted then.
 * @throws SamepointError of the volume/ catalogue
 */
export async function readInstance(
  bytes: Uint8Array,
  decoder: FrameDecoder,
  known?: InstanceContent,
): Promise<SingleInstance> {
  if (known?.bytes === bytes.byteLength && known.encoded === encodedDigest(bytes)) return { content: known };
  const limits = { maxVoxels: MAX_VOXELS, voxelsBefore: 0 };
  const levels = known?.level === undefined ? {} : { level: known.level };
  const { identity, encoded, digest, frames } = await decoder.read(bytes, { instance: 1, limits, ...levels });
  const { sopInstanceUid } = identity;
  const content = { sopInstanceUid, encoded, bytes: bytes.byteLength, ...levels };
  if (digest !== undefined) return { identity, content: { ...content, digest } };
  const digests = new ContentDigest();
  for (const frame of frames) digests.add(frame.header, await decodedOf(frame, decoder));
  return { identity, content: { ...content, digest: digests.toString() } };
}
