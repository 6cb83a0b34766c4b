import { createHash } from 'node:crypto';

/** A UUID-derived UID (PS3.5 B.2) from the content: 128 bits of SHA-256 as a version 8 UUID (RFC 9562). */
export function derivedUid(content: Uint8Array | string, role: string): string {
  const digest = createHash('sha256').update(role).update(content).digest();
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x80;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  return `2.25.${BigInt(`0x${digest.subarray(0, 16).toString('hex')}`).toString()}`;
}

/** The frame of reference of images that name none: that of their series, and of no other one. */
export function ownFrameOfReference(seriesInstanceUid: string): string {
  return derivedUid(seriesInstanceUid, 'frame of reference');
}
