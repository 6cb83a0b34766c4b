import { createHash, randomUUID } from 'node:crypto';

/** A UUID, 32 hexadecimal digits, as a UID (PS3.5 B.2): `2.25.` and the UUID as a decimal number. */
function uidOf(hex: string): string {
  return `2.25.${BigInt(`0x${hex}`)}`;
}

/** A new UID from a random UUID. */
export function newUid(): string {
  return uidOf(randomUUID().replaceAll('-', ''));
}

/** The UIDs of a report. */
export interface ReportUids {
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  /** The next UID for what the report says of its pairs. */
  readonly next: () => string;
}

/** UIDs that no other report has. */
export function randomUids(): ReportUids {
  return { seriesInstanceUid: newUid(), sopInstanceUid: newUid(), next: newUid };
}

/** What decides the UIDs of a report. */
export interface SaveRequest {
  /** Names one wish of the reader to save: all attempts at it carry the same. Without it the content stands for itself. */
  readonly key?: string | undefined;
  readonly studyInstanceUid: string;
  /** What is to be saved, in a form in which equal is the same text. */
  readonly content: string;
}

/**
 * UIDs that the same request gets again, whoever sends it and whenever, so that a second attempt to store is the same object. The
 * series follows from study and key, the instance from the content as well: another request never meets the object of this one,
 * and a key that comes again with other content finds its series in use.
 */
export function derivedUids({ key, studyInstanceUid, content }: SaveRequest): ReportUids {
  const digest = createHash('sha256').update(content).digest('hex');
  const sopInstanceUid = derivedUid('instance', studyInstanceUid, key ?? '', digest);
  let count = 0;
  return {
    seriesInstanceUid: derivedUid('series', studyInstanceUid, key ?? digest),
    sopInstanceUid,
    next: () => derivedUid('item', sopInstanceUid, String((count += 1))),
  };
}

/** Bytes of a UUID. */
const UUID_BYTES = 16;

/** A UUID of version 8 (RFC 9562 5.8): the first bytes of a SHA-256, as a UID. */
function derivedUid(...parts: readonly string[]): string {
  const bytes = createHash('sha256')
    .update(JSON.stringify(['samepoint', ...parts]))
    .digest()
    .subarray(0, UUID_BYTES);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return uidOf(bytes.toString('hex'));
}
