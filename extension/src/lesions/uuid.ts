const UUID_BYTES = 16;
/** Lengths of the groups of a UUID's text, in hexadecimal digits (RFC 9562 4). */
const GROUPS = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;

/**
 * A new random UUID. `crypto.randomUUID` exists only on HTTPS pages, and viewers inside a hospital are often served over plain
 * HTTP; `getRandomValues` is always there.
 */
export function newUuid(source: Pick<Crypto, 'getRandomValues'> = globalThis.crypto): string {
  const bytes = source.getRandomValues(new Uint8Array(UUID_BYTES));
  // RFC 9562, 5.4: version 4 in the high bits of octet 6, variant 10 in those of octet 8.
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(GROUPS, '$1-$2-$3-$4-$5');
}
