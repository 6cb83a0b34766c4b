/** Reports of time points as the validators of others see them. */
import { buildTimePointReport } from '../server/src/index.ts';
import type { LesionObservation, TimePointReportRequest } from '../server/src/index.ts';
import { CARRIED_OVER } from '../server/src/report/timePoint/testing/lesions.ts';
import { instanceOf, pointIn } from '../server/src/report/testing/fixtures.ts';
import { dumpReport, validationErrors } from './support/dicomTools.ts';

const LESION: LesionObservation = {
  trackingUid: '2.25.7',
  label: 'Läsion 1',
  role: 'target',
  status: 'present',
  place: pointIn(10, 5),
};
const LONG_AXIS = {
  mm: 10.25,
  ends: [
    [100, 50],
    [120, 50],
  ],
} as const;
const SHORT_AXIS = {
  mm: 4.5,
  ends: [
    [110, 47],
    [110, 53],
  ],
} as const;
const PREDECESSOR = { studyInstanceUid: '1.2.826.10', seriesInstanceUid: '1.2.3', sopInstanceUid: '1.2.3.1' };

const REQUEST: TimePointReportRequest = {
  observations: [
    {
      ...LESION,
      longAxis: LONG_AXIS,
      shortAxis: SHORT_AXIS,
      site: { value: '10200004', scheme: 'SCT', meaning: 'Liver' },
    },
    { ...LESION, trackingUid: '2.25.8', longAxis: LONG_AXIS },
    { ...LESION, trackingUid: '2.25.9', status: 'resolved', carriedOver: CARRIED_OVER },
    { trackingUid: '2.25.10', label: 'Lesion 4', role: 'non-target', status: 'not-covered' },
  ],
  assessment: {
    ...{ sumMm: 10.25, baselineSumMm: 20, nadirSumMm: 10 },
    ...{ changeFromBaselinePercent: -48.75, changeFromNadirPercent: 2.5 },
    response: 'PR',
  },
  timePoint: { name: '2026-03-02', type: 'baseline', subjectIdentifier: 'TP0', protocolIdentifier: 'BL' },
  image: instanceOf(10),
  softwareVersion: '1.2.3',
  now: new Date('2026-11-23T09:30:15.250Z'),
  observerName: 'Doe^Jane',
};

test.each<readonly [string, Partial<TimePointReportRequest>]>([
  ['with diameters and without', {}],
  ['that replaces another', { predecessors: [PREDECESSOR] }],
  ['of lesions without a place', { observations: REQUEST.observations.slice(3) }],
  ['that withdraws another', { predecessors: [PREDECESSOR], observations: [] }],
])('dciodvfy finds no error in a report %s, and dcmtk reads it', (_, changes) => {
  const { part10 } = buildTimePointReport({ ...REQUEST, ...changes });
  expect(validationErrors(part10)).toEqual([]);
  expect(dumpReport(part10)).toContain('Imaging Measurement Report');
});

test('dcmtk reads the time point, the diameters, what became of each lesion, and the assessment', () => {
  const text = dumpReport(buildTimePointReport(REQUEST).part10);
  for (const part of [
    '"Time Point"',
    'Subject Time Point Identifier',
    'Long Axis',
    'Short Axis',
    '"10.25"',
    'Liver',
    'Algorithm Name',
    '"method=refined"',
    'Corrected by the reader',
    'Resolved',
    'Not covered by the study',
    'Sum of diameters',
    '"-48.75"',
    'RECIST 1.1',
    'Partial response',
  ])
    expect(text).toContain(part);
});
