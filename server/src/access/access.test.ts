import { assertSamePatient, createAccess } from './access.ts';
import type { GrantedSeries } from './access.ts';
import { CURRENT, FakePacs, Gate, PRIOR, refOf } from '../ports/testing/index.ts';
import { errorLike } from '../errors/testing/like.ts';

const MEMO_MS = 5_000;

function setUp(memoMs = MEMO_MS): {
  pacs: FakePacs;
  access: ReturnType<typeof createAccess>;
  clock: { now: number };
} {
  const pacs = new FakePacs([CURRENT, PRIOR]);
  const clock = { now: 1_000_000 };
  return { pacs, access: createAccess(pacs, { memoMs, clock: () => clock.now }), clock };
}

function granted(study: string, patientId?: string, issuer?: string): GrantedSeries {
  return {
    series: { studyInstanceUid: study, seriesInstanceUid: `${study}.1` },
    sopInstanceUids: [],
    patient: { patientId, issuer },
  };
}

describe('access', () => {
  it('gives the instances, sorted, and the patient of a series', async () => {
    const { pacs, access } = setUp();
    pacs.series[0] = { ...CURRENT, issuer: ' HOSPITAL ', sopInstanceUids: ['1.2.9', '1.2.10', '1.2.1'] };
    expect(await access.grant(refOf(CURRENT), {})).toEqual({
      series: refOf(CURRENT),
      sopInstanceUids: ['1.2.1', '1.2.10', '1.2.9'],
      patient: { patientId: 'P1', issuer: 'HOSPITAL' },
    });
  });

  it('sends the credentials of each caller, and remembers a grant for that caller only', async () => {
    const { pacs, access } = setUp();
    pacs.allowed = ['Bearer alice'];
    await access.grant(refOf(CURRENT), { authorization: 'Bearer alice' });
    const sentBefore = pacs.requests.length;
    await access.grant(refOf(CURRENT), { authorization: 'Bearer alice' });
    expect(pacs.requests).toHaveLength(sentBefore);
    await expect(access.grant(refOf(CURRENT), { authorization: 'Bearer mallory' })).rejects.toMatchObject({
      code: 'dicomweb/unauthorized',
    });
    await expect(access.grant(refOf(CURRENT), {})).rejects.toMatchObject({ code: 'dicomweb/unauthorized' });
  });

  it('refuses a caller to whom the series is listed and its images are not sent, the first time and again', async () => {
    const { pacs, access, clock } = setUp();
    pacs.withoutRetrieval = ['Bearer mallory'];
    const mallory = { authorization: 'Bearer mallory' };
    const forbidden = { code: 'dicomweb/forbidden' };
    await expect(access.grant(refOf(CURRENT), mallory)).rejects.toMatchObject(forbidden);
    // Whether the images are in the cache already makes no difference.
    await access.grant(refOf(CURRENT), { authorization: 'Bearer alice' });
    await expect(access.grant(refOf(CURRENT), mallory)).rejects.toMatchObject(forbidden);
    pacs.withoutRetrieval = ['Bearer alice'];
    clock.now += MEMO_MS + 1;
    await expect(access.grant(refOf(CURRENT), { authorization: 'Bearer alice' })).rejects.toMatchObject(
      forbidden,
    );
  });

  it('requests an image at the same time as the list, once that is known', async () => {
    const { pacs, access } = setUp(0);
    await access.grant(refOf(CURRENT), {});
    pacs.requests.length = 0;
    const list = new Gate();
    const search = pacs.searchSeries.bind(pacs);
    pacs.searchSeries = async (...args) => {
      await list.opened;
      return await search(...args);
    };
    const granting = access.grant(refOf(CURRENT), {});
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    expect(pacs.requests).toContain('probe');
    list.open();
    await granting;
  });

  it('requests no image as a proof where the caller is sent one anyway, and one where it is not', async () => {
    const { pacs, access } = setUp(0);
    await access.grant(refOf(CURRENT), {});
    pacs.requests.length = 0;
    await access.grant(refOf(CURRENT), {}, undefined, Promise.resolve(true));
    expect(pacs.requests).not.toContain('probe');
    await access.grant(refOf(CURRENT), {}, undefined, Promise.resolve(false));
    expect(pacs.requests).toContain('probe');
  });

  it('tries another image where the one that it knew is gone', async () => {
    const { pacs, access } = setUp(0);
    const [gone, ...rest] = (await access.grant(refOf(CURRENT), {})).sopInstanceUids;
    pacs.series[0] = { ...CURRENT, sopInstanceUids: rest };
    expect((await access.grant(refOf(CURRENT), {})).sopInstanceUids).not.toContain(gone);
  });

  it('requests the grant again once it is old, and each time without a memory', async () => {
    const { pacs, access, clock } = setUp();
    await access.grant(refOf(CURRENT), { authorization: 'Bearer alice' });
    clock.now += MEMO_MS + 1;
    pacs.allowed = [];
    await expect(access.grant(refOf(CURRENT), { authorization: 'Bearer alice' })).rejects.toMatchObject({
      code: 'dicomweb/unauthorized',
    });
    const forgetful = setUp(0);
    await forgetful.access.grant(refOf(CURRENT), {});
    await forgetful.access.grant(refOf(CURRENT), {});
    expect(forgetful.pacs.requests.filter((request) => request === 'studies')).toHaveLength(2);
  });

  it('never remembers a refusal', async () => {
    const { pacs, access } = setUp();
    pacs.allowed = [];
    await expect(access.grant(refOf(CURRENT), {})).rejects.toMatchObject({ code: 'dicomweb/unauthorized' });
    pacs.allowed = undefined;
    await expect(access.grant(refOf(CURRENT), {})).resolves.toMatchObject({ series: refOf(CURRENT) });
  });

  it('requests the number of instances the next time, and all where it has changed', async () => {
    const { pacs, access } = setUp(0);
    const queries: unknown[] = [];
    const search = pacs.searchInstances.bind(pacs);
    pacs.searchInstances = (series, query, options) => {
      queries.push(query);
      return search(series, query, options);
    };
    const first = await access.grant(refOf(CURRENT), {});
    const second = await access.grant(refOf(CURRENT), {});
    expect(second).toEqual(first);
    pacs.series[0] = { ...CURRENT, sopInstanceUids: [...CURRENT.sopInstanceUids, '1.2.99'] };
    const third = await access.grant(refOf(CURRENT), {});
    expect(third.sopInstanceUids).toHaveLength(first.sopInstanceUids.length + 1);
    expect(queries).toEqual([{}, {}]);
  });

  it('lists the instances again after a while, whatever their number', async () => {
    const { pacs, access, clock } = setUp(0);
    await access.grant(refOf(CURRENT), {});
    const [, ...rest] = CURRENT.sopInstanceUids;
    pacs.series[0] = { ...CURRENT, sopInstanceUids: [...rest, '1.2.99'] };
    clock.now += 600_001;
    expect((await access.grant(refOf(CURRENT), {})).sopInstanceUids).toContain('1.2.99');
  });

  it('lists the instances of a PACS that does not say how many there are, and knows when there are none', async () => {
    const { pacs, access } = setUp(0);
    const first = await access.grant(refOf(CURRENT), {});
    pacs.searchSeries = () => Promise.reject(new Error('not implemented'));
    expect(await access.grant(refOf(CURRENT), {})).toEqual(first);
    pacs.series[0] = { ...CURRENT, sopInstanceUids: [] };
    await expect(access.grant(refOf(CURRENT), {})).rejects.toMatchObject({
      code: 'dicomweb/series-not-found',
    });
  });

  it('expects what has aged to be granted again to that caller, until it is refused', async () => {
    const { pacs, access, clock } = setUp();
    const alice = { authorization: 'Bearer alice' };
    const both = [refOf(CURRENT), refOf(PRIOR)];
    const first = await access.grant(refOf(CURRENT), alice);
    expect(access.expected(both, alice)).toBeUndefined();
    const second = await access.grant(refOf(PRIOR), alice);
    // Nothing has to be requested.
    expect(access.expected(both, alice)).toBeUndefined();
    clock.now += MEMO_MS + 1;
    expect(access.expected(both, alice)).toEqual([first, second]);
    expect(access.expected(both, { authorization: 'Bearer mallory' })).toBeUndefined();
    pacs.allowed = [];
    await expect(access.grant(refOf(PRIOR), alice)).rejects.toMatchObject({ code: 'dicomweb/unauthorized' });
    expect(access.expected(both, alice)).toBeUndefined();
  });

  it('names an unknown study and an unknown series', async () => {
    const { access } = setUp();
    const unknownStudy = { studyInstanceUid: '9.9', seriesInstanceUid: CURRENT.seriesInstanceUid };
    await expect(access.grant(unknownStudy, {})).rejects.toMatchObject({ code: 'dicomweb/study-not-found' });
    const unknownSeries = { studyInstanceUid: CURRENT.studyInstanceUid, seriesInstanceUid: '9.9' };
    await expect(access.grant(unknownSeries, {})).rejects.toMatchObject({
      code: 'dicomweb/series-not-found',
    });
  });

  it('reads every page of a PACS that caps its answers', async () => {
    const { pacs, access } = setUp();
    const uids = Array.from({ length: 250 }, (_, index) => `1.2.${index}`);
    pacs.series[0] = { ...CURRENT, sopInstanceUids: uids };
    const whole = pacs.searchInstances.bind(pacs);
    pacs.searchInstances = async (...args) => (await whole(...args)).slice(0, 100);
    expect((await access.grant(refOf(CURRENT), {})).sopInstanceUids).toHaveLength(250);
  });

  it('is not fooled by a PACS that ignores the study key', async () => {
    const { pacs, access } = setUp();
    pacs.searchStudies = () =>
      Promise.resolve([
        {
          '0020000D': { vr: 'UI', Value: [PRIOR.studyInstanceUid] },
          '00100020': { vr: 'LO', Value: ['SOMEBODY'] },
        },
      ]);
    await expect(access.grant(refOf(CURRENT), {})).rejects.toMatchObject({
      code: 'dicomweb/study-not-found',
    });
  });
});

describe('assertSamePatient', () => {
  it.each([
    ['one study, no ids', granted('1.1'), granted('1.1')],
    ['equal ids', granted('1.1', 'A'), granted('1.2', 'A')],
    ['equal ids and issuers', granted('1.1', 'A', 'H'), granted('1.2', 'A', 'H')],
    ['an issuer known on one side only', granted('1.1', 'A', 'H'), granted('1.2', 'A')],
  ])('accepts %s', (_name, one, other) => {
    expect(() => {
      assertSamePatient(one, other);
    }).not.toThrow();
  });

  it.each([
    ['other ids', granted('1.1', 'A'), granted('1.2', 'B'), 'application/different-patients'],
    ['case', granted('1.1', 'a'), granted('1.2', 'A'), 'application/different-patients'],
    ['other issuers', granted('1.1', 'A', 'H'), granted('1.2', 'A', 'K'), 'application/different-patients'],
    ['no id on one side', granted('1.1', 'A'), granted('1.2'), 'application/patient-unknown'],
    ['no id on both sides', granted('1.1'), granted('1.2'), 'application/patient-unknown'],
  ])('refuses %s', (_name, one, other, code) => {
    expect(() => {
      assertSamePatient(one, other);
    }).toThrow(errorLike({ code }));
  });
});
