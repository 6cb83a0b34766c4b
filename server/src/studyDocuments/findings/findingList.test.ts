import { CODES } from '../../contentTree/codes.ts';
import { textItem, uidItem } from '../../contentTree/contentItems.ts';
import type { Dataset } from '../../documents/dataset.ts';
import {
  elements,
  group,
  rejectionOf,
  reportOf,
  scoord,
  sliceUid,
  STUDY,
} from '../../findings/testing/documents.ts';
import type { DocumentOptions } from '../../findings/testing/documents.ts';
import { segmentationOf } from '../../findings/testing/regions.ts';
import { SamepointError } from '../../errors/index.ts';
import { fakePorts } from '../../ports/testing/index.ts';
import { FindingsPacs } from '../../ports/testing/findingsPacs.ts';
import type { FakeDocument } from '../../ports/testing/findingsPacs.ts';
import { listFindings } from './findingList.ts';
import type { FindingList, FindingsRequest } from './types.ts';

const CALLER = { authorization: 'Bearer alice' };

function lesion(label: string, options: { slice?: number; uid?: string; column?: number } = {}): Dataset {
  const { slice = 3, uid, column = 100.5 } = options;
  return group([
    ...(uid === undefined ? [] : [uidItem('HAS OBS CONTEXT', CODES.trackingUniqueIdentifier, uid)]),
    textItem('CONTAINS', CODES.comment, label),
    scoord('POINT', [column, 50.5], { slice }),
  ]);
}

function report(
  sopInstanceUid: string,
  groups: readonly Dataset[],
  options: DocumentOptions = {},
): FakeDocument {
  return { sopInstanceUid, part10: reportOf(groups, { ...options, sopInstanceUid }) };
}

function setUp(documents: readonly FakeDocument[]): {
  pacs: FindingsPacs;
  list: (request?: Partial<FindingsRequest>) => Promise<FindingList>;
} {
  const pacs = new FindingsPacs();
  pacs.documents = documents;
  const { modules, logger } = fakePorts([]);
  return {
    pacs,
    list: (request = {}) =>
      listFindings({ studyInstanceUid: STUDY, offset: 0, limit: 100, ...request }, CALLER, {
        source: pacs,
        modules,
        logger,
      }),
  };
}

function labels({ findings }: FindingList): readonly string[] {
  return findings.map(({ label }) => label);
}

it('lists the findings of all documents, the newest document first', async () => {
  const { list, pacs } = setUp([
    report('1.1', [lesion('old')], { date: '20260101' }),
    report('1.2', [lesion('new 1'), lesion('new 2', { slice: 4 })]),
    {
      sopInstanceUid: '1.2.826.20.9.66',
      seriesInstanceUid: '1.2.826.20.8',
      modality: 'SEG',
      part10: segmentationOf([{ label: 'segment' }], [{ segment: 1, z: 30, pixels: [[2, 3]] }], {
        ...elements({ SeriesInstanceUID: ['1.2.826.20.8'], ContentDate: ['20250101'] }),
      }),
    },
  ]);
  const found = await list();
  expect(labels(found)).toEqual(['new 1', 'new 2', 'old', 'segment']);
  expect(found).toMatchObject({
    total: 4,
    unread: { count: 0, reasons: [] },
    documents: { read: 3, replaced: 0, unreadable: 0, foreign: 0, leftOut: 0 },
  });
  expect(found).not.toHaveProperty('next');
  expect(found.findings[0]).toMatchObject({
    lps: [-50, -40, 6],
    document: { sopInstanceUid: '1.2', source: 'SR', createdAt: '2026-03-02T10:11:12' },
  });
  // Of the images that are referred to, each once.
  const metadata = pacs.requests.filter((request) => request.startsWith('metadata '));
  expect(metadata.sort()).toEqual([`metadata ${sliceUid(3)}`, `metadata ${sliceUid(4)}`]);
});

it('counts the newest report where one replaces another', async () => {
  const { list } = setUp([
    report('1.1', [lesion('first'), lesion('withdrawn')], { time: '100000' }),
    report('1.2', [lesion('second')], { time: '110000', replaces: ['1.1'] }),
    report('1.3', [lesion('third')], { time: '120000', replaces: ['1.2'] }),
  ]);
  const found = await list();
  expect(labels(found)).toEqual(['third']);
  expect(found).toMatchObject({ total: 1, documents: { read: 1, replaced: 2 } });
});

it('an empty successor withdraws all; an older document replaces nothing', async () => {
  const { list } = setUp([
    report('1.1', [lesion('first')], { time: '100000' }),
    report('1.2', [], { time: '110000', replaces: ['1.1'] }),
    report('1.3', [lesion('hides the newest')], { time: '080000', replaces: ['1.4', '1.3'] }),
    report('1.4', [lesion('newest')], { time: '120000' }),
  ]);
  expect(labels(await list())).toEqual(['newest', 'hides the newest']);
});

it('a rejection withdraws a report', async () => {
  const { list } = setUp([
    report('1.1', [lesion('rejected')]),
    report('1.2', [lesion('stays')]),
    {
      sopInstanceUid: '1.2.826.20.9.59',
      part10: rejectionOf(['1.1']),
    },
  ]);
  const found = await list();
  expect(labels(found)).toEqual(['stays']);
  expect(found.documents).toMatchObject({ read: 1, replaced: 1 });
});

it('a lesion that several reports name is listed as the newest says; twice in one report it is two findings', async () => {
  const { list } = setUp([
    report('1.1', [lesion('old place', { uid: '2.25.7' }), lesion('other')], { time: '100000' }),
    report('1.2', [lesion('new place', { uid: '2.25.7' }), lesion('again', { uid: '2.25.7' })], {
      time: '110000',
    }),
  ]);
  expect(labels(await list())).toEqual(['new place', 'again', 'other']);
});

it('what cannot be read hides nothing else and is counted', async () => {
  const { list, pacs } = setUp([
    report('1.1', [lesion('valid'), lesion('outside', { column: 900 }), group([])]),
    report('1.2', [lesion('of another patient')], { patientId: 'P2' }),
    report('1.3', [lesion('of another study')], { studyInstanceUid: '1.2.826.99' }),
    { sopInstanceUid: '1.4', part10: new Uint8Array(300) },
    report('1.5', [lesion('withheld')]),
    { sopInstanceUid: '1.6', part10: reportOf([lesion('cut')]).subarray(0, 700) },
  ]);
  pacs.failures.set('1.5', new SamepointError('dicomweb/forbidden', { operation: 'x' }));
  const found = await list();
  expect(labels(found)).toEqual(['valid']);
  expect(found).toMatchObject({
    total: 3,
    unread: {
      count: 2,
      reasons: [
        { reason: 'it has no coordinates in an image or in the patient', count: 1 },
        { reason: 'it lies outside its image', count: 1 },
      ],
    },
    documents: { read: 1, unreadable: 3, foreign: 2 },
  });
});

it('never uses an image of another patient, also where its report names the right one', async () => {
  const { list, pacs } = setUp([report('1.1', [lesion('a'), lesion('b')])]);
  pacs.changeMetadata = (metadata) => ({ ...metadata, ...elements({ PatientID: ['P2'] }) });
  const found = await list();
  expect(found.findings).toEqual([]);
  expect(found.unread).toEqual({
    count: 2,
    reasons: [{ reason: 'its image is of another patient, study or series', count: 2 }],
  });
});

it('an image that the PACS does not give out is a reason', async () => {
  const { list, pacs } = setUp([report('1.1', [lesion('a'), lesion('b', { slice: 4 })])]);
  pacs.failures.set(sliceUid(4), new SamepointError('dicomweb/instance-not-found', { operation: 'x' }));
  const found = await list();
  expect(labels(found)).toEqual(['a']);
  expect(found.unread.reasons).toEqual([{ reason: 'the PACS does not give out its image', count: 1 }]);
});

it('gives pages', async () => {
  const { list } = setUp([
    report(
      '1.1',
      [0, 1, 2, 3, 4].map((index) => lesion(`lesion ${index}`)),
    ),
  ]);
  const first = await list({ limit: 2 });
  expect(labels(first)).toEqual(['lesion 0', 'lesion 1']);
  expect(first).toMatchObject({ total: 5, next: 2 });
  const last = await list({ limit: 2, offset: 4 });
  expect(labels(last)).toEqual(['lesion 4']);
  expect(last).not.toHaveProperty('next');
  expect(labels(await list({ offset: 9 }))).toEqual([]);
});

it('of five thousand findings in one report none is missing', async () => {
  const groups = Array.from({ length: 5_000 }, (_, index) => lesion(`lesion ${index}`));
  const last = await setUp([report('1.1', groups)]).list({ limit: 1_000, offset: 4_000 });
  expect(last).toMatchObject({ total: 5_000, unread: { count: 0 } });
  expect(labels(last)).toEqual(Array.from({ length: 1_000 }, (_, index) => `lesion ${4_000 + index}`));
});

it('is for callers whom the PACS knows', async () => {
  const { list, pacs } = setUp([report('1.1', [lesion('a')])]);
  pacs.allowed = ['Bearer bob'];
  await expect(list()).rejects.toMatchObject({ code: 'dicomweb/unauthorized' });
  pacs.allowed = undefined;
  await expect(list({ studyInstanceUid: '1.2.3' })).rejects.toMatchObject({
    code: 'dicomweb/study-not-found',
  });
});

it('a PACS that stops answering is an error, not a list without findings', async () => {
  const { list, pacs } = setUp([
    report(
      '1.1',
      [3, 4, 5, 6].map((slice) => lesion('a', { slice })),
    ),
  ]);
  for (const slice of [3, 4, 5, 6])
    pacs.failures.set(
      sliceUid(slice),
      new SamepointError('dicomweb/timeout', { operation: 'x', timeoutMs: 1 }),
    );
  await expect(list()).rejects.toMatchObject({ code: 'dicomweb/timeout' });
});
