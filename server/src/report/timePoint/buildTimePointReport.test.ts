import { elements, sliceMetadata } from '../findings/testing/documents.ts';
import { placeFinding } from '../findings/place.ts';
import { imagePlaneOrReason } from '../findings/plane.ts';
import { readFindings } from '../findings/readFindings.ts';
import type { Finding, FindingsDocument } from '../findings/types.ts';
import { instanceOf, pointIn } from '../testing/fixtures.ts';
import { readReport } from '../readReport.ts';
import { buildTimePointReport } from './buildTimePointReport.ts';
import type { LesionObservation, TimePointReportRequest } from './types.ts';

const LIVER = { value: '10200004', scheme: 'SCT', meaning: 'Liver' };
const POINT = pointIn(10, 5);

function observation(changes: Partial<LesionObservation> = {}): LesionObservation {
  return {
    trackingUid: '2.25.7',
    label: 'Läsion 1',
    role: 'target',
    status: 'present',
    place: POINT,
    ...changes,
  };
}

const AXES = {
  longAxis: {
    mm: 10.25,
    ends: [
      [100, 50],
      [120, 50],
    ],
  },
  shortAxis: {
    mm: 4.5,
    ends: [
      [110, 47],
      [110, 53],
    ],
  },
} as const;

function requestOf(changes: Partial<TimePointReportRequest> = {}): TimePointReportRequest {
  return {
    observations: [observation({ ...AXES, site: LIVER })],
    timePoint: { name: '2026-03-02', type: 'baseline', subjectIdentifier: 'TP0' },
    image: instanceOf(10),
    softwareVersion: '1.2.3',
    now: new Date('2026-11-23T09:30:15.250Z'),
    ...changes,
  };
}

function documentOf(request: TimePointReportRequest): FindingsDocument {
  const read = readFindings(buildTimePointReport(request).part10);
  if (!read.ok) throw new Error(read.reason);
  return read.document;
}

function findingsOf(request: TimePointReportRequest): readonly Finding[] {
  const metadata = sliceMetadata(5, elements({ Rows: [512], PixelSpacing: [0.5, 0.5] }));
  return documentOf(request).findings.map((finding) => {
    const placed = placeFinding(finding, () => imagePlaneOrReason(metadata));
    if (!placed.ok) throw new Error(placed.reason);
    return placed.finding;
  });
}

it('says of each lesion its Tracking UID, name, site, place and diameters', () => {
  const [first, second, third, ...others] = findingsOf(
    requestOf({
      observations: [
        observation({ ...AXES, site: LIVER }),
        observation({ trackingUid: '2.25.8', label: 'Lesion 2', longAxis: AXES.longAxis }),
        observation({ trackingUid: '2.25.9', label: 'Lesion 3' }),
      ],
    }),
  );
  expect(others).toEqual([]);
  expect(first).toMatchObject({
    trackingUid: '2.25.7',
    trackingIdentifier: 'Cornerstone3DTools@^0.1.0:Bidirectional',
    label: 'Läsion 1',
    sites: [LIVER],
    kind: 'bidirectional',
    lps: [-100 + 110 * 0.5, -80 + 50 * 0.5, 10],
    longAxis: {
      mm: 10.25,
      ends: [
        [-50, -55, 10],
        [-40, -55, 10],
      ],
    },
    shortAxis: { mm: 4.5 },
    image: { seriesInstanceUid: POINT.seriesInstanceUid, sopInstanceUid: POINT.pixel.sopInstanceUid },
  });
  expect(second).toMatchObject({ kind: 'line', trackingUid: '2.25.8', longAxis: { mm: 10.25 } });
  expect(second).not.toHaveProperty('shortAxis');
  expect(third).toMatchObject({ kind: 'point', trackingUid: '2.25.9' });
  expect(third?.image?.column).toBeCloseTo(POINT.pixel.column, 3);
});

it('is in the study of its image, names what it replaces, and is no report of pairs', () => {
  const predecessor = {
    studyInstanceUid: '1.2.826.10',
    seriesInstanceUid: '1.2.3',
    sopInstanceUid: '1.2.3.1',
  };
  const request = requestOf({ predecessors: [predecessor] });
  expect(documentOf(request)).toMatchObject({
    identity: { studyInstanceUid: '1.2.826.10', patientId: 'P-1' },
    replaces: ['1.2.3.1'],
  });
  expect(documentOf(requestOf({ predecessors: [predecessor], observations: [] }))).toMatchObject({
    replaces: ['1.2.3.1'],
    findings: [],
  });
  expect(readReport(buildTimePointReport(request).part10)).toMatchObject({ ok: false, isDamaged: false });
});

it.each<readonly [string, Partial<TimePointReportRequest>, string]>([
  ['nothing to say', { observations: [] }, 'report/no-pairs'],
  ['a study without UID', { image: {} }, 'report/incomplete-context'],
  ['a time point without name', { timePoint: { name: ' ' } }, 'report/incomplete-context'],
])('refuses %s', (_, changes, code) => {
  const build = (): unknown => {
    try {
      return buildTimePointReport(requestOf(changes));
    } catch (error) {
      return error;
    }
  };
  expect(build()).toMatchObject({ code });
});

it.each<readonly [string, readonly LesionObservation[], string]>([
  ['two of one lesion', [observation(), observation()], 'Tracking Unique Identifier of another'],
  ['a bad UID', [observation({ trackingUid: '1..2' })], 'no well-formed'],
  ['an empty label', [observation({ label: ' ' })], 'label that is empty'],
  ['another study', [observation({ place: pointIn(20, 5) })], 'another study'],
  ['a short axis only', [observation({ shortAxis: AXES.shortAxis })], 'without a long one'],
  [
    'axes that are swapped',
    [observation({ longAxis: AXES.shortAxis, shortAxis: AXES.longAxis })],
    'longer than',
  ],
  ['a length of 0', [observation({ longAxis: { ...AXES.longAxis, mm: 0 } })], 'no length'],
  [
    'an end outside',
    [
      observation({
        longAxis: {
          mm: 5,
          ends: [
            [1, 1],
            [513, 1],
          ],
        },
      }),
    ],
    'outside its image',
  ],
])('refuses %s', (_, observations, problem) => {
  expect(() => buildTimePointReport(requestOf({ observations }))).toThrow(problem);
});
