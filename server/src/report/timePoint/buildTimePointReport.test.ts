import { lpsPoint } from '../../geometry/index.ts';
import { elements, sliceMetadata } from '../../findings/testing/documents.ts';
import { placeFinding } from '../../findings/place.ts';
import { imagePlaneOrReason } from '../../findings/plane.ts';
import { readFindings } from '../../findings/readFindings.ts';
import type { Finding, FindingsDocument } from '../../findings/types.ts';
import { instanceOf, pointIn } from '../testing/fixtures.ts';
import { readReport } from '../readReport.ts';
import { buildTimePointReport } from './buildTimePointReport.ts';
import { CARRIED_OVER } from './testing/lesions.ts';
import type { Assessment, LesionObservation, TimePointReportRequest } from './types.ts';

const LIVER = { value: '10200004', scheme: 'SCT', meaning: 'Liver' };
/** Pixel (110, 50) of the plane of {@link findingsOf}, 0.2 mm above it. */
const POINT = pointIn(10, 5, {
  lps: lpsPoint(-100 + 110 * 0.5, -80 + 50 * 0.5, 10.2),
  pixel: { ...pointIn(10, 5).pixel, column: 110, row: 50, offPlaneMm: 0.2 },
});

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

/** Without its place and diameters. */
function withoutPlace({ trackingUid, label, role, status, site }: LesionObservation): LesionObservation {
  return { trackingUid, label, role, status, ...(site === undefined ? {} : { site }) };
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
    lps: [-45, -55, 10.2],
    role: 'target',
    status: 'present',
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

it('says of each lesion its role, its status and where its place comes from', () => {
  const polyp = { value: '41329004', scheme: 'SCT', meaning: 'Polyp' };
  const observations = [
    observation({ role: 'new', finding: polyp, carriedOver: CARRIED_OVER }),
    observation({ trackingUid: '2.25.8', status: 'resolved', role: 'non-target' }),
    observation({ trackingUid: '2.25.9', status: 'not-evaluable', role: 'not-followed' }),
  ];
  const [first, second, third] = findingsOf(requestOf({ observations }));
  expect(first).toMatchObject({
    ...{ role: 'new', status: 'present', finding: polyp, carriedOver: CARRIED_OVER },
  });
  // Viewers draw an arrow where nothing is any more; its text says so.
  expect(second).toMatchObject({
    ...{ kind: 'point', label: 'Läsion 1', comment: 'Läsion 1 (resolved)' },
    ...{ role: 'non-target', status: 'resolved', finding: { value: '52988006' } },
  });
  expect(second).not.toHaveProperty('carriedOver');
  expect(third).toMatchObject({ role: 'not-followed', status: 'not-evaluable', lps: POINT.lps });
});

it('holds lesions without a place, behind the others', () => {
  const observations = [
    withoutPlace(observation({ trackingUid: '2.25.8', status: 'not-covered' })),
    withoutPlace(observation({ trackingUid: '2.25.9', status: 'not-evaluable', site: LIVER })),
    observation(),
  ];
  const [first, second, third] = findingsOf(requestOf({ observations }));
  expect(first).toMatchObject({ trackingUid: '2.25.7', kind: 'point' });
  expect(second).toMatchObject({ trackingUid: '2.25.8', kind: 'none', status: 'not-covered' });
  expect(third).toMatchObject({ trackingUid: '2.25.9', kind: 'none', sites: [LIVER], label: 'Läsion 1' });
  for (const finding of [second, third]) expect(finding).not.toHaveProperty('lps');
});

it('gives the exact place also where the diameters cross beside it', () => {
  const pixel = { ...POINT.pixel, column: 118.123456, row: 52 };
  const lps = lpsPoint(-100 + 118.123456 * 0.5, -80 + 52 * 0.5, 10.2);
  const [finding] = findingsOf(
    requestOf({ observations: [observation({ ...AXES, place: { ...POINT, lps, pixel } })] }),
  );
  expect(finding?.lps).toEqual(lps);
  expect(finding?.image?.column).toBeCloseTo(118.123456, 9);
  expect(finding?.image?.row).toBeCloseTo(52, 9);
});

it('is not read where place and diameters are far from each other', () => {
  const place = { ...POINT, lps: lpsPoint(0, -55, 10) };
  expect(() => findingsOf(requestOf({ observations: [observation({ ...AXES, place })] }))).toThrow(
    'contradicts its mark',
  );
});

it('says of the time point its name, sums, changes and response', () => {
  expect(documentOf(requestOf()).timePoint).toEqual({ name: '2026-03-02' });
  const assessment: Assessment = {
    ...{ sumMm: 10.25, baselineSumMm: 20, nadirSumMm: 10 },
    ...{ changeFromBaselinePercent: -48.75, changeFromNadirPercent: 2.5 },
    response: 'PR',
  };
  expect(documentOf(requestOf({ assessment })).timePoint).toEqual({ name: '2026-03-02', assessment });
});

it('is not older than what it replaces', () => {
  const predecessor = {
    studyInstanceUid: '1.2.826.10',
    seriesInstanceUid: '1.2.3',
    sopInstanceUid: '1.2.3.1',
  };
  const image = { ...instanceOf(10), '00080201': { vr: 'SH', Value: ['+0100'] } };
  const createdAtAfter = (createdAt: string): string | undefined =>
    documentOf(requestOf({ image, predecessors: [{ ...predecessor, createdAt }] })).createdAt;
  expect(createdAtAfter('2026-11-23T10:30:14')).toBe('2026-11-23T10:30:15');
  expect(createdAtAfter('2026-11-23T11:10:00')).toBe('2026-11-23T11:10:00');
});

it.each<readonly [string, Partial<TimePointReportRequest>, string]>([
  ['a sum that is no number', { assessment: { sumMm: NaN } }, 'report/incomplete-context'],
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
  ['no place', [withoutPlace(observation())], 'is present, and has no place'],
  ['resolved, no place', [withoutPlace(observation({ status: 'resolved' }))], 'is resolved, and has no'],
  ['a place out of view', [observation({ status: 'not-covered' })], 'is not-covered, and has a place'],
  [
    'a diameter of nothing',
    [observation({ ...AXES, status: 'resolved' })],
    'is resolved, and has a diameter',
  ],
  ['a bad site', [observation({ site: { ...LIVER, value: '1\\2' } })], 'has a site that is no code'],
  ['a long code', [observation({ finding: { ...LIVER, value: '12345678901234567' } })], 'has a finding that'],
  [
    'an origin that is no study',
    [observation({ carriedOver: { ...CARRIED_OVER, fromStudyInstanceUid: 'x' } })],
    'does not say where its place comes from',
  ],
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
