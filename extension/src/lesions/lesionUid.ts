import { newUuid } from './uuid.ts';

/** A new UID from a random UUID (PS3.5 B.2: "2.25." and the UUID as a decimal number). */
export function newLesionUid(source?: Pick<Crypto, 'getRandomValues'>): string {
  return uidOf(newUuid(source).replaceAll('-', ''));
}

function uidOf(hex: string): string {
  return `2.25.${BigInt(`0x${hex}`).toString()}`;
}

/** Multipliers and start values of four 32-bit hashes that are mixed with each other (MurmurHash3). */
const MULTIPLIERS = [597_399_067, 2_869_860_233, 951_274_213, 2_716_044_179];
const SEEDS = [1_779_033_703, 3_144_134_277, 1_013_904_242, 2_773_480_762];

/**
 * The UID of a lesion that its document gives none: always the same for the same text, so that work on it is found again. A UUID of
 * version 8 (RFC 9562 5.8) under 2.25.
 */
export function derivedLesionUid(text: string): string {
  const words = SEEDS.map((seed, n) => {
    const multiplier = MULTIPLIERS[n] ?? 1;
    let hash = seed;
    for (let k = 0; k < text.length; k += 1)
      hash = Math.imul(hash ^ text.charCodeAt(k), multiplier) ^ (hash >>> 15);
    return (hash ^ (hash >>> 16)) >>> 0;
  });
  const hex = words.map((word) => word.toString(16).padStart(8, '0')).join('');
  // Version 8 and variant 10 in their places.
  return uidOf(`${hex.slice(0, 12)}8${hex.slice(13, 16)}8${hex.slice(17)}`);
}
