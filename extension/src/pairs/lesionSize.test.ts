/** What the reader sees of a lesion that has changed. */
import { describe, expect, test } from '@jest/globals';
import { pairOf } from '../testing/examples.ts';
import type { LesionChange } from '../wire.ts';
import { lesionSizesOf, lesionSizeText } from './lesionSize.ts';

const textOf = (change: LesionChange, targetIsLater: boolean): string =>
  lesionSizeText(pairOf('a', { sizes: lesionSizesOf(change, targetIsLater) }));

const smallToLarge = { kind: 'larger', queryDiameterMm: 6.2, targetDiameterMm: 11.7 } as const;

describe('the size of a lesion', () => {
  test.each([
    [smallToLarge, true, 'larger: about 12 mm, was 6 mm'],
    // The reader clicked in the current scan: the target is the prior.
    [smallToLarge, false, 'smaller: about 6 mm, was 12 mm'],
    [
      { kind: 'smaller', queryDiameterMm: 11.7, targetDiameterMm: 6.2 },
      false,
      'larger: about 12 mm, was 6 mm',
    ],
    [
      { kind: 'unchanged', queryDiameterMm: 14.2, targetDiameterMm: 15 },
      false,
      'size unchanged: about 14 mm',
    ],
    [{ kind: 'gone', queryDiameterMm: 8 }, false, 'not seen in the prior: now about 8 mm'],
    [{ kind: 'gone', queryDiameterMm: 8 }, true, 'no longer seen in the current scan: was about 8 mm'],
    [{ kind: 'appeared', targetDiameterMm: 8 }, true, 'not seen in the prior: now about 8 mm'],
    [{ kind: 'appeared', targetDiameterMm: 8 }, false, 'no longer seen in the current scan: was about 8 mm'],
  ] as const)('%j, target later: %j, reads "%s"', (change, targetIsLater, text) => {
    expect(textOf(change, targetIsLater)).toBe(text);
  });

  test('is not shown where none was measured, or at a place that is no longer the measured one', () => {
    const sizes = lesionSizesOf(smallToLarge, true);
    expect(lesionSizeText(pairOf('a'))).toBe('');
    expect(lesionSizeText(pairOf('a', { sizes, state: 'moved' }))).toBe('');
    expect(lesionSizeText(pairOf('a', { sizes, state: 'rejected' }))).toBe('');
  });
});
