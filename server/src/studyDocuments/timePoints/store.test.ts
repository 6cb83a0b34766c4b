import { SamepointError } from '../../errors/index.ts';
import { readFindings } from '../../findings/readFindings.ts';
import { rejectionOf, reportOf, STUDY } from '../../findings/testing/documents.ts';
import { documentOf } from '../../findings/testing/placed.ts';
import {
  CARRIED_OVER,
  lesion,
  LONG,
  lpsOf,
  SHORT,
  placeAt,
  unseen,
} from '../../report/timePoint/testing/lesions.ts';
import { createSamepoint } from '../../application/samepoint.ts';
import { fakePorts } from '../../ports/testing/index.ts';
import type { FakePorts } from '../../ports/testing/index.ts';
import { FindingsPacs } from '../../ports/testing/findingsPacs.ts';
import type { FindingList } from '../findings/types.ts';
import type { ReportRef, Samepoint } from '../../application/types.ts';
import type { TimePointSave } from './types.ts';

const alice = { authorization: 'Bearer alice' };
const bob = { authorization: 'Bearer bob' };
const WISH = { idempotencyKey: '8e03978e-40d5-43e8-bc93-6b20ac4cb5d4' };

function saveOf(changes: Partial<TimePointSave> = {}): TimePointSave {
  return {
    studyInstanceUid: STUDY,
    timePoint: { name: '2026-03-02', type: 'baseline' },
    observations: [lesion(), unseen()],
    basedOn: [],
    ...changes,
  };
}

interface SetUp {
  readonly pacs: FindingsPacs;
  readonly ports: FakePorts;
  readonly samepoint: Samepoint;
  readonly store: (changes?: Partial<TimePointSave>) => Promise<ReportRef>;
  readonly list: () => Promise<FindingList>;
}

function setUp(pacs = new FindingsPacs()): SetUp {
  const ports = { ...fakePorts([]), source: pacs };
  const samepoint = createSamepoint(ports, { version: '1.2.3', queueLimit: 16, memoMs: 0 });
  return {
    pacs,
    ports,
    samepoint,
    store: (changes) => samepoint.storeTimePointReport(saveOf(changes), alice),
    list: () => samepoint.listFindings({ studyInstanceUid: STUDY, offset: 0, limit: 100 }, alice),
  };
}

function labelsOf({ findings }: FindingList): readonly string[] {
  return findings.map(({ label }) => label);
}

/** Coordinates of the ends of diameters. */
function endsOf(
  ...axes: readonly ({ readonly ends?: readonly (readonly number[])[] } | undefined)[]
): number[] {
  return axes.flatMap((axis) => axis?.ends?.flat() ?? []);
}

describe('what is stored', () => {
  it('is listed as the reader has confirmed it, with the report that says so', async () => {
    const { store, list, pacs } = setUp();
    pacs.allowed = [alice.authorization];
    const observation = lesion({ carriedOver: CARRIED_OVER, role: 'new' });
    const { sopInstanceUid, studyInstanceUid } = await store({ observations: [unseen(), observation] });
    const { findings, reports } = await list();
    expect(studyInstanceUid).toBe(STUDY);
    expect(reports).toEqual([
      { sopInstanceUid, createdAt: expect.stringMatching(/^2026-11-23T/u) as string },
    ]);
    const [first, second] = findings;
    expect(first).toMatchObject({
      ...{ trackingUid: '2.25.7', label: 'Läsion 1', role: 'new', status: 'present' },
      ...{ lps: lpsOf(110, 50, 3), carriedOver: CARRIED_OVER, longAxis: { mm: 10 }, shortAxis: { mm: 4 } },
    });
    const [ends, drawn] = [endsOf(first?.longAxis, first?.shortAxis), endsOf(LONG, SHORT)];
    for (const [index, value] of drawn.entries()) expect(ends[index]).toBeCloseTo(value, 4);
    expect(second).toMatchObject({ trackingUid: '2.25.8', status: 'not-covered', kind: 'none' });
  });

  it('is in the audit trail, also without a place', async () => {
    const { store, ports } = setUp();
    const report = await store({ observations: [unseen()] });
    expect(ports.audited.at(-1)).toMatchObject({
      ...{ purpose: 'store', report },
      studies: [{ studyInstanceUid: STUDY, patientId: 'P1', seriesInstanceUids: [] }],
    });
  });

  it.each([
    ['of another study', lesion({ place: { ...placeAt(110, 50, 3), studyInstanceUid: '1.2' } })],
    [
      'off its plane',
      lesion({ place: placeAt(110, 50, 3), longAxis: { mm: 9, ends: [lpsOf(1, 1, 3), lpsOf(9, 9, 5)] } }),
    ],
  ])('is never a lesion %s', async (_, observation) => {
    const { store, pacs } = setUp();
    await expect(store({ observations: [unseen(), observation] })).rejects.toMatchObject({
      code: 'report/bad-observation',
      fields: { observation: 2 },
    });
    expect(pacs.documents).toEqual([]);
  });

  it('is never about images that are not granted, or of another patient', async () => {
    const { store, pacs, samepoint } = setUp();
    const elsewhere = { ...placeAt(110, 50, 3), pixel: { ...placeAt(1, 1, 3).pixel, sopInstanceUid: '1.9' } };
    await expect(store({ observations: [lesion({ place: elsewhere })] })).rejects.toMatchObject({
      code: 'application/instance-not-in-series',
    });
    pacs.allowed = [alice.authorization];
    await expect(samepoint.storeTimePointReport(saveOf(), bob)).rejects.toMatchObject({
      code: 'dicomweb/unauthorized',
    });
    pacs.changeMetadata = (metadata) => ({ ...metadata, '00100020': { vr: 'LO', Value: ['P2'] } });
    await expect(store()).rejects.toMatchObject({ code: 'application/identity-mismatch' });
    expect(pacs.documents).toEqual([]);
  });

  it('is read back: what the PACS changes is not called stored', async () => {
    const { store, pacs } = setUp();
    pacs.coerce = (part10) =>
      Buffer.from(Buffer.from(part10).toString('latin1').replaceAll('Lesion 2', 'Lesion 3'), 'latin1');
    await expect(store()).rejects.toMatchObject({ code: 'application/report-not-verified' });
  });
});

describe('a correction', () => {
  it('replaces all earlier reports of the study, also within the same second', async () => {
    const { store, list, pacs } = setUp();
    const first = await store();
    const second = await store({ basedOn: [first.sopInstanceUid], observations: [lesion({ label: 'L 2' })] });
    const third = await store({ basedOn: [second.sopInstanceUid], observations: [lesion({ label: 'L 3' })] });
    const found = await list();
    expect(labelsOf(found)).toEqual(['L 3']);
    expect(found.reports.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual([third.sopInstanceUid]);
    const { replaces } = documentOf(readFindings(pacs.documents[2]!.part10));
    expect(new Set(replaces)).toEqual(new Set([first.sopInstanceUid, second.sopInstanceUid]));
  });

  it('counts although the clock was set back', async () => {
    const { store, list, ports } = setUp();
    const { sopInstanceUid } = await store();
    ports.control.now -= 3_600_000;
    await store({ basedOn: [sopInstanceUid], observations: [lesion({ label: 'corrected' })] });
    expect(labelsOf(await list())).toEqual(['corrected']);
  });

  it('without observations withdraws what was said; there must be something', async () => {
    const { store, list } = setUp();
    await expect(store({ observations: [] })).rejects.toMatchObject({ code: 'report/no-pairs' });
    const { sopInstanceUid } = await store();
    const empty = await store({ basedOn: [sopInstanceUid], observations: [] });
    expect(await list()).toMatchObject({
      findings: [],
      total: 0,
      reports: [{ sopInstanceUid: empty.sopInstanceUid }],
    });
  });

  it('replaces no reports of others', async () => {
    const { store, pacs } = setUp();
    pacs.documents = [{ sopInstanceUid: '1.1', part10: reportOf([], { sopInstanceUid: '1.1' }) }];
    await store();
    expect(documentOf(readFindings(pacs.documents[1]!.part10)).replaces).toEqual([]);
  });
});

describe('two readers', () => {
  it('do not overwrite each other: the second one gets an error, and nothing is stored', async () => {
    const { store, list, pacs } = setUp();
    const first = await store();
    const basedOn = [first.sopInstanceUid];
    const second = await store({ basedOn, observations: [lesion({ label: 'of Alice' })] });
    await expect(store({ basedOn, observations: [lesion({ label: 'of Bob' })] })).rejects.toMatchObject({
      code: 'application/report-changed',
      status: 409,
      message: expect.stringMatching(/^Another reader has saved this study meanwhile/u) as string,
      fields: { sopInstanceUid: second.sopInstanceUid },
    });
    expect(pacs.documents).toHaveLength(2);
    expect(labelsOf(await list())).toEqual(['of Alice']);
  });

  it('at once: one of them is stored', async () => {
    const { store, pacs } = setUp();
    const answers = await Promise.allSettled(
      ['of Alice', 'of Bob'].map((label) => store({ observations: [lesion({ label })] })),
    );
    expect(answers).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'application/report-changed' } },
    ]);
    expect(pacs.documents).toHaveLength(1);
  });

  it('a withdrawal by somebody else is a change as well', async () => {
    const { store } = setUp();
    const first = await store();
    await store({ basedOn: [first.sopInstanceUid], observations: [] });
    await expect(store({ basedOn: [first.sopInstanceUid] })).rejects.toMatchObject({
      code: 'application/report-changed',
    });
  });

  it('what a rejection has withdrawn needs not be seen', async () => {
    const { store, pacs } = setUp();
    await store();
    const { sopInstanceUid } = documentOf(readFindings(pacs.documents[0]!.part10)).identity;
    pacs.documents = [...pacs.documents, { sopInstanceUid: '1.9', part10: rejectionOf([sopInstanceUid]) }];
    const again = await store({ observations: [lesion({ label: 'again' })] });
    expect(documentOf(readFindings(pacs.documents[2]!.part10))).toMatchObject({
      replaces: [],
      identity: { sopInstanceUid: again.sopInstanceUid },
    });
  });
});

describe('one wish to save is one report', () => {
  it('when it is sent again, also after another one was stored', async () => {
    const { samepoint, store, pacs } = setUp();
    const first = await samepoint.storeTimePointReport(saveOf(), alice, WISH);
    await store({ basedOn: [first.sopInstanceUid], observations: [] });
    expect(await setUp(pacs).samepoint.storeTimePointReport(saveOf(), bob, WISH)).toEqual(first);
    expect(pacs.documents).toHaveLength(2);
  });

  it('when the PACS stores and answers with an error', async () => {
    const { store, pacs } = setUp();
    const storeInstances = pacs.storeInstances.bind(pacs);
    pacs.storeInstances = async (...request) => {
      await storeInstances(...request);
      throw new SamepointError('dicomweb/unreachable', { operation: 'x', reason: 'ECONNRESET' });
    };
    await expect(store()).resolves.toMatchObject({ studyInstanceUid: STUDY });
    expect(pacs.documents).toHaveLength(1);
  });

  it('a key that comes again with other content is refused', async () => {
    const { samepoint, pacs } = setUp();
    await samepoint.storeTimePointReport(saveOf(), alice, WISH);
    const other = saveOf({ observations: [unseen()] });
    await expect(samepoint.storeTimePointReport(other, alice, WISH)).rejects.toMatchObject({
      code: 'application/idempotency-key-reused',
    });
    expect(pacs.documents).toHaveLength(1);
  });
});
