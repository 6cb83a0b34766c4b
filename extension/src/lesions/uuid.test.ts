import { describe, expect, test } from '@jest/globals';
import { newUuid } from './uuid.ts';

describe('newUuid', () => {
  test('is a version 4 UUID as text (RFC 9562), new each time', () => {
    const uuids = Array.from({ length: 100 }, () => newUuid());
    expect(new Set(uuids).size).toBe(uuids.length);
    for (const uuid of uuids)
      expect(uuid).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/u);
  });
});
