/** What the reader sees of the certainty of an answer. */
import { describe, expect, test } from '@jest/globals';
import { marked, matchBetween, proposed } from '../testing/examples.ts';
import { carriedOverBy, certaintyText, isUncertain, radiusText } from './certainty.ts';

describe('the certainty of an observation', () => {
  test.each([
    [{ errorRadiusMm: 2.7 }, '± 3 mm'],
    [{ verdict: 'uncertain', errorRadiusMm: 14.2 }, '± 14 mm, uncertain — check'],
    [{ verdict: 'out-of-view', outOfView: ['superior'] }, 'not in this scan: lies above the field of view'],
    [
      { verdict: 'out-of-view', outOfView: ['inferior', 'left'] },
      'not in this scan: lies below and left of the field of view',
    ],
    [{ verdict: 'out-of-view' }, 'not in this scan'],
    [{ verdict: 'absent' }, 'not found in this scan — check'],
  ] as const)('%j reads "%s"', (match, text) => {
    expect(certaintyText(proposed({}, match))).toBe(text);
  });

  test('is empty for a place that the reader has marked or corrected', () => {
    expect(certaintyText(marked('current', [0, 0, 0]))).toBe('');
    expect(certaintyText(proposed({ review: 'corrected' }))).toBe('');
  });

  test('a radius is never nothing', () => {
    expect(radiusText(0.2)).toBe('± 1 mm');
  });

  test.each([
    ['matched', false],
    ['out-of-view', false],
    ['uncertain', true],
    ['absent', true],
  ] as const)('the verdict "%s" has to be looked at closely: %j', (verdict, expected) => {
    expect(isUncertain(proposed({}, { verdict }))).toBe(expected);
    expect(isUncertain(proposed({ review: 'accepted' }, { verdict }))).toBe(expected);
  });

  test('the match is kept as it was answered, with the diameters that it proposes', () => {
    const axes = {
      longAxis: [
        [0, 0, 0],
        [9, 0, 0],
      ],
      isFitted: true,
    } as const;
    expect(carriedOverBy({ ...matchBetween('prior', 'current'), axes })).toEqual({
      fromStudyInstanceUid: '1.2.prior',
      provenance: {
        model: { id: 'samepoint-ct', version: '1.0.0' },
        method: 'nearest',
        step: 'nearest',
        verdict: 'matched',
        errorRadiusMm: 4,
      },
      similarity: 0.874,
      cycleErrorMm: 1.26,
      outOfView: [],
      axes,
    });
  });
});
