/** The sizes of a lesion that has changed, by time point. */
import { expect, test } from '@jest/globals';
import { lesionSizesOf } from './lesionSize.ts';

const smallToLarge = { kind: 'larger', queryDiameterMm: 6, targetDiameterMm: 12 } as const;

test.each([
  [smallToLarge, true, { isUnchanged: false, laterMm: 12, earlierMm: 6 }],
  // The reader clicked in the later scan: the target is the earlier one.
  [smallToLarge, false, { isUnchanged: false, laterMm: 6, earlierMm: 12 }],
  [
    { kind: 'unchanged', queryDiameterMm: 14, targetDiameterMm: 15 },
    false,
    { isUnchanged: true, laterMm: 14, earlierMm: 15 },
  ],
  [{ kind: 'gone', queryDiameterMm: 8 }, true, { isUnchanged: false, laterMm: undefined, earlierMm: 8 }],
  [{ kind: 'appeared', targetDiameterMm: 8 }, true, { isUnchanged: false, laterMm: 8, earlierMm: undefined }],
] as const)('%j, target later: %j', (change, targetIsLater, sizes) => {
  expect(lesionSizesOf(change, targetIsLater)).toEqual(sizes);
});
