import { buildReport } from '../../report/buildReport.ts';
import { elements, rejectionOf, sliceMetadata } from '../../findings/testing/documents.ts';
import { readFindings } from '../../findings/readFindings.ts';
import { documentOf } from '../../findings/testing/placed.ts';
import type { FindingsDocument } from '../../findings/index.ts';
import { pairOf } from '../../report/testing/fixtures.ts';
import { buildTimePointReport } from '../../report/timePoint/buildTimePointReport.ts';
import { placeAt } from '../../report/timePoint/testing/lesions.ts';
import { currentDocuments, currentFindings, timePointReports } from './current.ts';

const PATIENT = elements({ PatientID: ['P1'] });
const image = { ...sliceMetadata(3), ...PATIENT };
const at = (minute: number): Date => new Date(Date.UTC(2026, 2, 2, 10, minute));

function pairs(minute: number, labels: Readonly<Record<string, string>>): FindingsDocument {
  const confirmed = Object.entries(labels).map(([lesionUid, label]) =>
    pairOf({
      ...{ lesionUid, label, current: placeAt(110, 50, 3) },
      prior: { ...placeAt(90, 50, 4), studyInstanceUid: '1.2.826.19' },
    }),
  );
  const algorithm = { name: 'Samepoint', version: '1', parameters: [] };
  const { part10 } = buildReport({ pairs: confirmed, current: image, algorithm, now: at(minute) });
  return documentOf(readFindings(part10));
}

function timePoint(
  minute: number,
  labels: Readonly<Record<string, string>>,
  predecessors: readonly FindingsDocument[] = [],
): FindingsDocument {
  const observations = Object.entries(labels).map(
    ([trackingUid, label]) =>
      ({ trackingUid, label, role: 'target', status: 'present', place: placeAt(110, 50, 3) }) as const,
  );
  const { part10 } = buildTimePointReport({
    ...{ observations, timePoint: { name: 'TP' }, image, softwareVersion: '1', now: at(minute) },
    predecessors: predecessors.map(({ identity }) => identity),
  });
  return documentOf(readFindings(part10));
}

function labels(documents: readonly FindingsDocument[]): readonly string[] {
  return currentFindings(currentDocuments(documents), documents).map(({ finding }) => finding.label);
}

it('what older pairs say of a lesion does not count any more, at either end; of others it does', () => {
  const old = pairs(1, { '2.25.1': 'one', '2.25.2': 'two' });
  expect(labels([old])).toEqual(['one', 'one', 'two', 'two']);
  expect(labels([old, timePoint(2, { '2.25.1': 'One' })])).toEqual(['One', 'two', 'two']);
});

it('newer pairs count beside it', () => {
  const documents = [timePoint(1, { '2.25.1': 'One' }), pairs(2, { '2.25.1': 'one' })];
  expect(labels(documents)).toEqual(['one', 'one']);
});

it('a lesion that was withdrawn does not come back from the pairs', () => {
  const old = pairs(1, { '2.25.1': 'one' });
  const first = timePoint(2, { '2.25.1': 'One' });
  const empty = timePoint(3, {}, [first]);
  expect(labels([empty, first, old])).toEqual([]);
  expect(timePointReports(currentDocuments([empty, first, old]))).toEqual([empty]);
});

it('a report of a time point that was rejected replaces no pairs, and is none of the study', () => {
  const old = pairs(1, { '2.25.1': 'one' });
  const first = timePoint(2, { '2.25.1': 'One' });
  const rejection = documentOf(readFindings(rejectionOf([first.identity.sopInstanceUid])));
  expect(labels([old, first, rejection])).toEqual(['one', 'one']);
  expect(timePointReports([old, first, rejection])).toEqual([]);
});

it('of two reports of one second the one that names the other counts, whatever their UIDs; a circle hides one of them', () => {
  const first = timePoint(1, { '2.25.1': 'first' });
  const second = timePoint(1, { '2.25.1': 'second' }, [first]);
  const renamed = (document: FindingsDocument, sopInstanceUid: string): FindingsDocument => ({
    ...document,
    identity: { ...document.identity, sopInstanceUid },
  });
  for (const [a, b] of [
    ['1.1', '1.2'],
    ['1.2', '1.1'],
  ] as const) {
    const documents = [renamed(first, a), { ...renamed(second, b), replaces: [a] }];
    expect(labels(documents)).toEqual(['second']);
    expect(labels(documents.toReversed())).toEqual(['second']);
  }
  const circle = [
    { ...renamed(first, '1.1'), replaces: ['1.2', '1.1'] },
    { ...renamed(second, '1.2'), replaces: ['1.1'] },
  ];
  expect(labels(circle)).toEqual(['second']);
});
