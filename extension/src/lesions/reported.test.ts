/** Observations as a time point report has them. */
import { expect, test } from '@jest/globals';
import { lesionOf, marked, pointIn, proposed, uidOf } from '../testing/examples.ts';
import { reportedObservation, reportedObservations } from './reported.ts';

const CURRENT = '1.2.current';
const ENDS = [
  [0, 0, 0],
  [3, 4, 0],
] as const;
const SITE = { value: '10200004', scheme: 'SCT', meaning: 'Liver' };

test('an accepted proposal says how it was found, and what the lesion is', () => {
  const lesion = lesionOf('a', [proposed({ review: 'accepted', longAxis: { mm: 5, ends: ENDS } })], {
    site: SITE,
  });
  expect(reportedObservation(lesion, CURRENT)).toEqual({
    trackingUid: uidOf('a'),
    label: 'Lesion a',
    role: 'target',
    site: SITE,
    status: 'present',
    place: pointIn('current', [0, 0, 20]),
    longAxis: { mm: 5, ends: ENDS },
    carriedOver: {
      fromStudyInstanceUid: '1.2.prior',
      review: 'accepted',
      provenance: {
        model: { id: 'samepoint-ct', version: '1.0.0' },
        method: 'nearest',
        step: 'nearest',
        verdict: 'matched',
        errorRadiusMm: 4,
      },
    },
  });
});

test('a place that the reader marked was not carried over; one that he corrected was', () => {
  const own = reportedObservation(lesionOf('a', [marked('current', [1, 2, 3])]), CURRENT);
  expect(own).not.toHaveProperty('carriedOver');
  const corrected = reportedObservation(lesionOf('a', [proposed({ review: 'corrected' })]), CURRENT);
  expect(corrected?.carriedOver?.review).toBe('corrected');
});

test.each([
  ['a proposal', proposed()],
  ['a rejected one', proposed({ review: 'rejected' })],
  ['one of another study', marked('prior', [0, 0, 0])],
])('%s is not reported', (_name, observation) => {
  expect(reportedObservations([lesionOf('a', [observation])], CURRENT)).toEqual([]);
});

test('a place whose pixel is not known is left to the document that it comes from', () => {
  const place = pointIn('current', [0, 0, 0]);
  const unknown = { ...place, pixel: { ...place.pixel, column: Number.NaN, row: Number.NaN } };
  expect(
    reportedObservation(lesionOf('a', [marked('current', [0, 0, 0], { place: unknown })]), CURRENT),
  ).toBeUndefined();
  const notEvaluable = marked('current', [0, 0, 0], { place: unknown, status: 'not-evaluable' });
  const reported = reportedObservation(lesionOf('a', [notEvaluable]), CURRENT);
  expect(reported).toMatchObject({ status: 'not-evaluable' });
  expect(reported).not.toHaveProperty('place');
});

test('a diameter without ends is not written, and what is not there has none', () => {
  const number = marked('current', [0, 0, 0], { longAxis: { mm: 5 }, shortAxis: { mm: 3, ends: ENDS } });
  const resolved = marked('current', [0, 0, 0], { status: 'resolved', longAxis: { mm: 5, ends: ENDS } });
  for (const observation of [number, resolved]) {
    const reported = reportedObservation(lesionOf('a', [observation]), CURRENT);
    expect(reported).not.toHaveProperty('longAxis');
    expect(reported).not.toHaveProperty('shortAxis');
  }
});
