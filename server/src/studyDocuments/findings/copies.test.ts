/** What a viewer stores again of our reports. */
import { CODES } from '../../contentTree/codes.ts';
import { codedItem, textItem, uidItem } from '../../contentTree/contentItems.ts';
import {
  elements,
  group,
  measured,
  reportOf,
  scoord,
  sliceMetadata,
} from '../../findings/testing/documents.ts';
import { readFindings } from '../../findings/readFindings.ts';
import { documentOf, LENGTH } from '../../findings/testing/placed.ts';
import type { FindingsDocument } from '../../findings/index.ts';
import type { LesionObservation } from '../../report/index.ts';
import { buildTimePointReport } from '../../report/timePoint/buildTimePointReport.ts';
import { placeAt } from '../../report/timePoint/testing/lesions.ts';
import { withoutCopies } from './copies.ts';
import { currentDocuments, currentFindings } from './current.ts';

const image = { ...sliceMetadata(3), ...elements({ PatientID: ['P1'] }) };

/** Columns of the ends of a line in row 50 of slice 3. */
type Line = readonly [number, number];

function ours(
  minute: number,
  lines: Readonly<Record<string, Line>>,
  { replaced, unseen = [] }: { replaced?: FindingsDocument; unseen?: readonly LesionObservation[] } = {},
): FindingsDocument {
  const seen = Object.entries(lines).map(([label, [from, to]], index): LesionObservation => ({
    ...{ trackingUid: `2.25.${index + 1}`, label, role: 'target', status: 'present' },
    place: placeAt((from + to) / 2, 50, 3),
    longAxis: {
      mm: (to - from) / 2,
      ends: [
        [from, 50],
        [to, 50],
      ],
    },
  }));
  const { part10 } = buildTimePointReport({
    observations: [...seen, ...unseen],
    ...{ timePoint: { name: 'TP' }, image, softwareVersion: '1' },
    now: new Date(Date.UTC(2026, 2, 2, 10, minute)),
    predecessors: replaced === undefined ? [] : [replaced.identity],
  });
  return documentOf(readFindings(part10));
}

/** As stock OHIF stores measurements. */
function theirs(
  minute: number,
  lines: Readonly<Record<string, Line>>,
  replaced?: FindingsDocument,
): FindingsDocument {
  const groups = Object.entries(lines).map(([label, [from, to]], index) =>
    group([
      textItem('HAS OBS CONTEXT', CODES.trackingIdentifier, 'Cornerstone3DTools@^0.1.0:Length'),
      uidItem('HAS OBS CONTEXT', CODES.trackingUniqueIdentifier, `2.25.9${minute}${index}`),
      codedItem('CONTAINS', CODES.finding, ['CORNERSTONEFREETEXT', 'CORNERSTONEJS', label]),
      textItem('CONTAINS', CODES.comment, label),
      measured(LENGTH, (to - from) / 2, 'mm', [scoord('POLYLINE', [from + 0.5, 50.5, to + 0.52, 50.5])]),
    ]),
  );
  const part10 = reportOf(groups, {
    ...{ sopInstanceUid: `1.2.826.20.9.${minute}`, date: '20260302', time: `10${minute}00` },
    ...(replaced === undefined ? {} : { replaces: [replaced.identity.sopInstanceUid] }),
  });
  return documentOf(readFindings(part10));
}

/** Label, tracking UID, role and length of what counts, the newest document first. */
function listed(...documents: readonly FindingsDocument[]): readonly string[] {
  const current = withoutCopies(currentDocuments(documents), documents);
  return currentFindings(current, documents).map(({ finding: { label, trackingUid, role, longAxisMm } }) =>
    [label, trackingUid, role ?? 'not ours', longAxisMm].join(' '),
  );
}

const FIRST = ours(10, { liver: [100, 120], lung: [40, 50] });
const UNSEEN = { trackingUid: '2.25.8', label: 'bone', role: 'target', status: 'not-covered' } as const;

it('a copy beside our report (3.11) is no finding; what is moved, or of another name, is one', () => {
  expect(listed(FIRST, theirs(20, { liver: [100, 120], lung: [40, 50] }))).toEqual(listed(FIRST));
  expect(listed(FIRST, theirs(20, { liver: [100, 130], node: [40, 50] }))).toEqual([
    'liver 2.25.9200 not ours 15',
    'node 2.25.9201 not ours 5',
    ...listed(FIRST),
  ]);
});

it('in the place of our report (3.12 and later) it is of the same lesion, also where it was measured anew', () => {
  const copy = theirs(20, { liver: [100, 130], lung: [40, 50], node: [70, 80] }, FIRST);
  const known = ['liver 2.25.1 target 15', 'lung 2.25.2 target 5', 'node 2.25.9202 not ours 5'];
  expect(listed(FIRST, copy)).toEqual(known);
  expect(listed(FIRST, copy, theirs(30, { liver: [100, 134], lung: [40, 50] }, copy))).toEqual([
    'liver 2.25.1 target 17',
    'lung 2.25.2 target 5',
  ]);
});

it('a newer report of ours has the last word; a lesion that it withdraws does not come back from the copies', () => {
  const copies = [theirs(20, { liver: [100, 130], lung: [40, 50] }, FIRST), theirs(21, { lung: [40, 50] })];
  const last = ours(40, { liver: [100, 132] }, { replaced: FIRST });
  expect(listed(FIRST, ...copies, last)).toEqual(['liver 2.25.1 target 16']);
  expect(listed(FIRST, ...copies, ours(40, {}, { replaced: FIRST }))).toEqual([]);
});

it('lesions without a place, which no viewer shows, stay until a report of ours says else', () => {
  const first = ours(10, { liver: [100, 120] }, { unseen: [UNSEEN] });
  const copy = theirs(20, { liver: [100, 120] }, first);
  expect(listed(first, copy)).toEqual(listed(first));
  expect(listed(first, copy, ours(30, { liver: [100, 120] }, { replaced: first }))).toEqual(
    listed(ours(30, { liver: [100, 120] })),
  );
});

it('two lesions of one name are distinguished by their places only', () => {
  const report = ours(10, { liver: [100, 120] });
  const twice = { ...report, findings: [...report.findings, ...report.findings] };
  expect(listed(twice, theirs(20, { liver: [60, 70] }, twice))).toEqual(['liver 2.25.9200 not ours 5']);
});
