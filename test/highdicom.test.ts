/** Reports of time points as another implementation of the standard reads them: highdicom, of PyPI. */
import { buildTimePointReport } from '../server/src/index.ts';
import type { LesionObservation } from '../server/src/index.ts';
import { instanceOf, pointIn } from '../server/src/report/testing/fixtures.ts';
import { readByHighdicom } from './support/highdicom.ts';
import { describeWith } from './support/requirements.ts';

const LIVER = { value: '10200004', scheme: 'SCT', meaning: 'Liver' };
const NODE = { value: '59441001', scheme: 'SCT', meaning: 'Lymph node' };

/** A diameter along the rows from column 100, of an image of 0.5 mm pixels. */
function along(mm: number, row: number): NonNullable<LesionObservation['longAxis']> {
  return {
    mm,
    ends: [
      [100, row],
      [100 + 2 * mm, row],
    ],
  };
}

/** A lesion of the study with this number. */
function lesion(study: number, changes: Partial<LesionObservation>): LesionObservation {
  return {
    ...{ trackingUid: '2.25.7', label: 'Läsion 1', role: 'target', status: 'present' },
    place: pointIn(study, 5),
    ...changes,
  };
}

/** The same lesions in two studies: one grows, one resolves, one is new, one is not covered by the second study. */
function observationsOf(study: 10 | 20): readonly LesionObservation[] {
  const isFirst = study === 10;
  const unseen = { trackingUid: '2.25.9', label: 'x', role: 'target', status: 'not-covered' } as const;
  return [
    lesion(study, { longAxis: along(isFirst ? 10.25 : 14.125, 50), shortAxis: along(4.5, 60), site: LIVER }),
    isFirst
      ? lesion(study, { trackingUid: '2.25.8', longAxis: along(7, 70), finding: NODE })
      : lesion(study, { trackingUid: '2.25.8', status: 'resolved', finding: NODE }),
    isFirst ? lesion(study, { trackingUid: '2.25.9', longAxis: along(8, 80) }) : unseen,
    ...(isFirst ? [] : [lesion(study, { trackingUid: '2.25.10', role: 'new', longAxis: along(5, 90) })]),
  ];
}

function reportOf(study: 10 | 20): Uint8Array {
  return buildTimePointReport({
    observations: observationsOf(study),
    timePoint: { name: `TP ${study}`, type: study === 10 ? 'baseline' : 'posttreatment' },
    assessment: { sumMm: 14.125, baselineSumMm: 17.25, changeFromBaselinePercent: -18.1, response: 'SD' },
    image: instanceOf(study),
    softwareVersion: '1.2.3',
    now: new Date('2026-11-23T09:30:15.250Z'),
  }).part10;
}

/** A measurement as highdicom gives it: SCOORD counts from the corner of the first pixel. */
function measured(name: string, study: number, axis: NonNullable<LesionObservation['longAxis']>): object {
  const points = axis.ends.flat().map((coordinate) => coordinate + 0.5);
  return { name, value: axis.mm, unit: 'mm', points, image: pointIn(study, 5).pixel.sopInstanceUid };
}

function group(trackingUid: string, measurements: readonly object[], changes: object = {}): object {
  return { trackingUid, finding: 'SCT 52988006', sites: [], measurements, ...changes };
}

const [LONG, SHORT, LENGTH] = ['SCT 103339001', 'SCT 103340004', 'SCT 410668003'] as const;

describeWith(['highdicom'], 'highdicom reads reports of two time points', () => {
  test('by the same Tracking UIDs, with sizes, sites and places', async () => {
    const { column, row, sopInstanceUid: image } = pointIn(20, 5).pixel;
    const tip = [column + 0.5, row + 0.5].map((coordinate) => Math.fround(coordinate));
    const arrow = {
      ...{ name: 'DCM 111010', value: 0, unit: '1', image },
      points: expect.arrayContaining(tip) as number[],
    };
    const node = { finding: 'SCT 59441001' };
    const liver = { sites: ['SCT 10200004'] };
    expect(await readByHighdicom([reportOf(10), reportOf(20)])).toEqual([
      [
        group('2.25.7', [measured(LONG, 10, along(10.25, 50)), measured(SHORT, 10, along(4.5, 60))], liver),
        group('2.25.8', [measured(LENGTH, 10, along(7, 70))], node),
        group('2.25.9', [measured(LENGTH, 10, along(8, 80))]),
      ],
      [
        group('2.25.7', [measured(LONG, 20, along(14.125, 50)), measured(SHORT, 20, along(4.5, 60))], liver),
        group('2.25.8', [arrow], node),
        group('2.25.10', [measured(LENGTH, 20, along(5, 90))]),
      ],
    ]);
  });
});
