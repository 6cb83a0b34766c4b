/** Lesions from what the PACS holds. */
import { describe, expect, test } from '@jest/globals';
import { findingIn, pointIn, proposed, uidOf } from '../testing/examples.ts';
import { omit } from './omit.ts';
import { lesionOfFinding, lesionsOfPairs } from './fromReports.ts';

describe('a finding', () => {
  test('is a lesion with one observation, as it was saved', () => {
    const liver = { value: '10200004', scheme: 'SCT', meaning: 'Liver' };
    const finding = findingIn('prior', 'a', { role: 'target', sites: [liver], longAxis: { mm: 12 } });
    expect(lesionOfFinding(finding, undefined)).toEqual({
      trackingUid: uidOf('a'),
      label: 'Lesion a',
      role: 'target',
      site: liver,
      observation: {
        studyInstanceUid: '1.2.prior',
        series: { studyInstanceUid: '1.2.prior', seriesInstanceUid: '1.2.prior.9' },
        status: 'present',
        place: pointIn('prior', [4, -3, 40]),
        longAxis: { mm: 12 },
        review: 'accepted',
        isSaved: true,
      },
    });
  });

  test.each([
    [{ label: ' a\n b ' }, 'a b'],
    [{ label: '', finding: { value: 'x', scheme: 'y', meaning: 'Nodule' } }, 'Nodule'],
    [{ label: '', trackingIdentifier: 'T1' }, 'T1'],
    [{ label: '', number: 2, trackingIdentifier: 'Cornerstone3DTools@^0.1.0:CircleROI' }, 'Circle ROI 2'],
    [{ label: '', number: 5, trackingIdentifier: 'Cornerstone3DTools@^0.1.0:Probe' }, 'Probe 5'],
    [{ label: '', number: 3 }, 'Finding 3'],
    [{ label: 'x'.repeat(99) }, 'x'.repeat(64)],
  ])('%j is called "%s"', (changes, label) => {
    expect(lesionOfFinding(findingIn('prior', 'a', changes), undefined)?.label).toBe(label);
  });

  test('without a tracking UID it always gets the same one', () => {
    const finding = omit(findingIn('prior', 'a'), 'trackingUid');
    const uid = lesionOfFinding(finding, undefined)?.trackingUid;
    expect(uid).toMatch(/^2\.25\.\d+$/u);
    expect(lesionOfFinding(finding, undefined)?.trackingUid).toBe(uid);
    expect(lesionOfFinding({ ...finding, number: 2 }, undefined)?.trackingUid).not.toBe(uid);
  });

  test('without an image it lies in the series that is compared, its pixel is not known', () => {
    const finding = omit(findingIn('prior', 'a'), 'image');
    expect(lesionOfFinding(finding, undefined)).toBeUndefined();
    const observation = lesionOfFinding(finding, '1.2.prior.5')?.observation;
    expect(observation?.series.seriesInstanceUid).toBe('1.2.prior.5');
    expect(observation?.place?.pixel.column).toBeNaN();
  });

  test('of a match keeps how it was found, and what the reader did with it', () => {
    const { provenance } = proposed().carriedOver!;
    const carriedOver = { fromStudyInstanceUid: '1.2.older', review: 'corrected', provenance } as const;
    const observation = lesionOfFinding({ ...findingIn('prior', 'a'), carriedOver }, undefined)?.observation;
    expect(observation).toMatchObject({
      review: 'corrected',
      carriedOver: { fromStudyInstanceUid: '1.2.older', provenance, outOfView: [] },
    });
  });

  test('that has no place in its document is listed all the same', () => {
    const finding = omit(
      findingIn('prior', 'a', { status: 'not-evaluable' }),
      'lps',
      'frameOfReferenceUid',
      'image',
    );
    const observation = lesionOfFinding(finding, undefined)?.observation;
    expect(observation).toMatchObject({ status: 'not-evaluable', isSaved: true });
    expect(observation).not.toHaveProperty('place');
  });

  test('outside of every series it has no place', () => {
    expect(lesionOfFinding(findingIn('prior', 'a', { status: 'not-covered' }), undefined)).not.toHaveProperty(
      'observation.place',
    );
  });
});

test('a pair of an earlier report is a lesion with an observation in either study, the newest report first', () => {
  const report = (createdAt: string, label: string) => ({
    studyInstanceUid: '1.2.current',
    seriesInstanceUid: '1',
    sopInstanceUid: '2',
    createdAt,
    pairs: [
      {
        label,
        lesionUid: '2.25.1',
        state: 'accepted' as const,
        current: pointIn('current', [0, 0, 20]),
        prior: pointIn('prior', [4, -3, 40]),
        similarity: 0.9,
        cycleErrorMm: 1,
      },
    ],
  });
  const lesions = lesionsOfPairs([report('2024-01-01', 'old'), report('2024-02-01', 'new')]);
  expect(lesions.map(({ label }) => label)).toEqual(['new', 'old']);
  expect(
    lesions[0]?.observations.map(({ studyInstanceUid, isSaved }) => [studyInstanceUid, isSaved]),
  ).toEqual([
    ['1.2.current', true],
    ['1.2.prior', true],
  ]);
});
