/** Stand-ins for tests of the application and of what calls it; nothing of the product imports them. @module */
import type { SeriesRef } from '../../dicomweb/index.ts';
import { lpsPoint } from '../../geometry/index.ts';
import type { ConfirmedPair } from '../../report/index.ts';
import type { FakeSeries } from './fakePacs.ts';

/** Current, prior and a second series of the prior study of one patient; a study of another patient; one without. */
export const CURRENT: FakeSeries = {
  studyInstanceUid: '1.2.3.4.1',
  seriesInstanceUid: '1.2.3.4.1.1',
  patientId: 'P1',
  sopInstanceUids: ['1.2.3.4.1.1.1', '1.2.3.4.1.1.2'],
};
export const PRIOR: FakeSeries = {
  studyInstanceUid: '1.2.3.4.2',
  seriesInstanceUid: '1.2.3.4.2.1',
  patientId: 'P1',
  sopInstanceUids: ['1.2.3.4.2.1.1', '1.2.3.4.2.1.2'],
};
export const PRIOR_2: FakeSeries = {
  ...PRIOR,
  seriesInstanceUid: '1.2.3.4.2.2',
  sopInstanceUids: ['1.2.3.4.2.2.1'],
};
export const OTHER_PATIENT: FakeSeries = {
  studyInstanceUid: '1.2.3.4.3',
  seriesInstanceUid: '1.2.3.4.3.1',
  patientId: 'P2',
  sopInstanceUids: ['1.2.3.4.3.1.1'],
};
export const NAMELESS: FakeSeries = {
  studyInstanceUid: '1.2.3.4.5',
  seriesInstanceUid: '1.2.3.4.5.1',
  sopInstanceUids: ['1.2.3.4.5.1.1'],
};

/** Every series of the fake PACS. */
export const ALL_SERIES: FakeSeries[] = [CURRENT, PRIOR, PRIOR_2, OTHER_PATIENT, NAMELESS];

/** The two UIDs that name a series. */
export function refOf({ studyInstanceUid, seriesInstanceUid }: SeriesRef): SeriesRef {
  return { studyInstanceUid, seriesInstanceUid };
}

/** A confirmed pair between the first images of two series. */
export function fakePair(current: FakeSeries = CURRENT, prior: FakeSeries = PRIOR): ConfirmedPair {
  const at = (series: FakeSeries): ConfirmedPair['current'] => ({
    ...refOf(series),
    frameOfReferenceUid: `${series.seriesInstanceUid}.9`,
    lps: lpsPoint(1, 2, 3),
    pixel: {
      sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
      sopInstanceUid: series.sopInstanceUids[0] ?? '',
      column: 4.5,
      row: 6,
      offPlaneMm: 0.5,
    },
  });
  return {
    label: 'Nodule 1',
    lesionUid: '2.25.1234',
    state: 'accepted',
    current: at(current),
    prior: at(prior),
    similarity: 0.9,
    cycleErrorMm: 1.2,
  };
}
