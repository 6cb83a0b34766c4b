import { randomUUID } from 'node:crypto';

/** A new UID from a random UUID (PS3.5 B.2): `2.25.` and the UUID as a decimal number. */
export function newUid(): string {
  return `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;
}

/** Longest UID (PS3.5 9.1). */
const UID_LENGTH = 64;
/** Components without leading zeros, separated by dots (PS3.5 9.1). */
const UID_FORM = /^(0|[1-9]\d*)(\.(0|[1-9]\d*))+$/;

/** True for a well-formed UID. */
export function isUid(text: string): boolean {
  return text.length <= UID_LENGTH && UID_FORM.test(text);
}
