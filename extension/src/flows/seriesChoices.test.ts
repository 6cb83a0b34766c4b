/** Which series of a study is compared. */
import { describe, expect, test } from '@jest/globals';
import type { SeriesChoice } from '../lesions/types.ts';
import type { LoadedSeries } from '../viewer/series.ts';
import { choiceOf, chosenOf, loadedChoices } from './seriesChoices.ts';

const choice = (seriesInstanceUid: string, changes: Partial<SeriesChoice> = {}): SeriesChoice => ({
  seriesInstanceUid,
  title: seriesInstanceUid,
  isComparable: true,
  reasons: [],
  coverage: 1,
  ...changes,
});
const slab = choice('slab', { coverage: 0.3 });
const scout = choice('scout', { isComparable: false });

describe('the series that is compared', () => {
  test.each([
    ['the most suitable', [choice('a'), choice('b')], undefined, [], 'a'],
    ['the one that the reader chose', [choice('a'), choice('b')], 'b', [], 'b'],
    ['none that cannot be compared, though it was chosen', [choice('a'), scout], 'scout', [], 'a'],
    [
      'the one on the screen that covers as much',
      [choice('a'), choice('b', { coverage: 0.95 })],
      undefined,
      ['b'],
      'b',
    ],
    ['no slab, though it is on the screen', [choice('a'), slab], undefined, ['slab'], 'a'],
    ['a slab that was chosen', [choice('a'), slab], 'slab', ['a'], 'slab'],
    [
      'the one on the screen where no coverage is known',
      [choice('a', { coverage: undefined }), slab],
      undefined,
      ['slab'],
      'slab',
    ],
    ['none where none can be', [scout], 'scout', ['scout'], undefined],
  ] as const)('is %s', (_name, choices, wanted, shown, expected) => {
    expect(chosenOf(choices, wanted, new Set(shown))).toBe(expected);
  });
});

test('a series is described for the reader by what the server knows', () => {
  const series = {
    seriesInstanceUid: '1',
    description: 'Thorax',
    modality: 'CT',
    images: 412,
    sliceThicknessMm: 1.25,
    kernel: 'B30f',
    isComparable: true,
    reasons: [],
    coverage: 0.9,
  };
  expect(choiceOf(series)).toEqual({
    seriesInstanceUid: '1',
    title: 'CT · 1.25 mm · 412 images · B30f',
    isComparable: true,
    reasons: [],
    coverage: 0.9,
  });
});

test('or by what the viewer has loaded: the largest first, with what speaks against it', () => {
  const loaded = (seriesInstanceUid: string, changes: Partial<LoadedSeries>): LoadedSeries => ({
    studyInstanceUid: '1',
    seriesInstanceUid,
    modality: 'CT',
    patientKey: 'P',
    studyTime: '',
    title: '',
    studyDescription: '',
    images: 10,
    isVolume: true,
    ...changes,
  });
  const series = [
    loaded('scout', { images: 2, isVolume: false }),
    loaded('pet', { modality: 'PT', images: 50 }),
    loaded('ct', { images: 400 }),
  ];
  expect(
    loadedChoices(series, ['CT']).map(({ seriesInstanceUid, title, reasons }) => [
      seriesInstanceUid,
      title,
      reasons,
    ]),
  ).toEqual([
    ['ct', 'CT · 400 images', []],
    ['pet', 'PT · 50 images', ['PT is not compared']],
    ['scout', 'CT · 2 images', ['A localizer, or too few slices']],
  ]);
  expect(loadedChoices(series, undefined).map(({ isComparable }) => isComparable)).toEqual([
    true,
    true,
    false,
  ]);
});
