import { describe, expect, test } from '@jest/globals';
import { derivedLesionUid, newLesionUid } from './lesionUid.ts';

describe('newLesionUid', () => {
  test('is the decimal form of a version 4 UUID under 2.25', () => {
    const allOnes = { getRandomValues: <T>(array: T) => (array as Uint8Array).fill(255) as T };
    // ffffffff-ffff-4fff-bfff-ffffffffffff as a number, from Python: int(uuid.UUID(...)).
    expect(newLesionUid(allOnes as Crypto)).toBe('2.25.340282366920937632322261936355783213055');
  });

  test('is a valid UID and new each time', () => {
    const uids = Array.from({ length: 100 }, () => newLesionUid());
    expect(new Set(uids).size).toBe(uids.length);
    for (const uid of uids) {
      expect(uid).toMatch(/^2\.25\.[1-9]\d*$/);
      // PS3.5 9.1: at most 64 characters; a UUID is at most 2^128 - 1.
      expect(uid.length).toBeLessThanOrEqual(64);
      expect(BigInt(uid.slice('2.25.'.length))).toBeLessThan(2n ** 128n);
    }
  });
});

describe('derivedLesionUid', () => {
  test('is one UID for each text', () => {
    const texts = Array.from({ length: 2_000 }, (_, k) => `1.2.840.${k % 40}.${Math.floor(k / 40)} ${k}`);
    const uids = texts.map(derivedLesionUid);
    expect(new Set(uids).size).toBe(uids.length);
    expect(texts.map(derivedLesionUid)).toEqual(uids);
  });

  test('is a UUID of version 8', () => {
    const hex = BigInt(derivedLesionUid('1.2.3 1').slice('2.25.'.length)).toString(16).padStart(32, '0');
    expect(hex).toMatch(/^.{12}8.{3}8.{15}$/u);
  });
});
