/** What the reader sees of the certainty of an answer. */
import { describe, expect, test } from '@jest/globals';
import { matchBetween, pairOf } from '../testing/examples.ts';
import { certaintyOf, certaintyText, isMissing, radiusText } from './certainty.ts';
import type { Certainty } from './types.ts';
import { isUncertain } from './types.ts';

const certainty = (changes: Partial<Certainty> = {}): Certainty => ({
  ...certaintyOf(matchBetween('current', 'prior')),
  ...changes,
});

describe('the certainty of a pair', () => {
  test.each([
    [{ errorRadiusMm: 2.7 }, '± 3 mm'],
    [{ verdict: 'uncertain', errorRadiusMm: 14.2 }, '± 14 mm, uncertain — check'],
    [{ verdict: 'out-of-view', outOfView: ['superior'] }, 'not in this scan: lies above the field of view'],
    [
      { verdict: 'out-of-view', outOfView: ['inferior', 'left'] },
      'not in this scan: lies below and left of the field of view',
    ],
    [{ verdict: 'out-of-view' }, 'not in this scan'],
    [{ verdict: 'absent' }, 'not found in this scan'],
  ] as const)('%j reads "%s"', (changes, text) => {
    expect(certaintyText(pairOf('a', { certainty: certainty(changes) }))).toBe(text);
  });

  test('is empty for a pair of an earlier report, and for a place that the reader has set', () => {
    expect(certaintyText(pairOf('a'))).toBe('');
    expect(certaintyText(pairOf('a', { state: 'moved', certainty: certainty() }))).toBe('');
  });

  test('a radius is never nothing', () => {
    expect(radiusText(0.2)).toBe('± 1 mm');
  });

  test('a place that is not in the scan is missing until the reader sets one', () => {
    const missing = certainty({ verdict: 'out-of-view' });
    expect(isMissing(pairOf('a', { certainty: missing }))).toBe(true);
    expect(isMissing(pairOf('a', { certainty: missing, state: 'moved' }))).toBe(false);
    expect(isMissing(pairOf('a', { certainty: certainty() }))).toBe(false);
    expect(isMissing(pairOf('a'))).toBe(false);
  });

  test('the verdict of the server decides what is uncertain; without one the cycle error does', () => {
    expect(isUncertain(pairOf('a', { certainty: certainty(), cycleErrorMm: 30 }))).toBe(false);
    expect(isUncertain(pairOf('a', { certainty: certainty({ verdict: 'uncertain' }) }))).toBe(true);
    expect(isUncertain(pairOf('a', { cycleErrorMm: 30 }))).toBe(true);
  });
});
