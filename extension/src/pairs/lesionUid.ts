import { newUuid } from './uuid.ts';

/** A new UID from a random UUID (PS3.5 B.2: "2.25." and the UUID as a decimal number). */
export function newLesionUid(source?: Pick<Crypto, 'getRandomValues'>): string {
  return `2.25.${BigInt(`0x${newUuid(source).replaceAll('-', '')}`).toString()}`;
}
