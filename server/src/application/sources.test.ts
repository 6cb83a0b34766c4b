import { routedSource } from '../pacsRoutes/index.ts';
import { createSamepoint } from './samepoint.ts';
import { createSources } from '../access/sources.ts';
import type { Samepoint } from './types.ts';
import type { Caller } from '../access/index.ts';
import {
  CURRENT,
  FakePacs,
  fakePair,
  fakePorts,
  Gate,
  PRIOR,
  PRIOR_2,
  refOf,
} from '../ports/testing/index.ts';
import type { FakePorts, FakeSeries } from '../ports/testing/index.ts';

const ALICE: Caller = { authorization: 'Bearer alice' };
const BOB = { authorization: 'Bearer bob' };
const HOSPITAL = 'HOSPITAL';
const LIMITS = { version: '1', queueLimit: 8, memoMs: 0 };

/** Two PACS, "main" and "archive", and an application over both. */
function setUp(
  main: FakeSeries[],
  archive: FakeSeries[],
): {
  readonly main: FakePacs;
  readonly archive: FakePacs;
  readonly ports: FakePorts;
  readonly samepoint: Samepoint;
} {
  const ports = fakePorts([]);
  const [one, other] = [new FakePacs(main), new FakePacs(archive)];
  const sources = createSources([
    { name: 'main', client: one, ohifDataSources: ['dicomweb'] },
    { name: 'archive', client: other, ohifDataSources: ['pacs-of-old'] },
  ]);
  const source = routedSource((name) => sources.client(name));
  const samepoint = createSamepoint({ ...ports, source, sources }, LIMITS);
  return { main: one, archive: other, ports, samepoint };
}

const inMain = { ...refOf(CURRENT), source: 'main' };
const inArchive = { ...refOf(CURRENT), source: 'archive' };
const POINT = { id: 'a', lps: [1, 2, 3] as never };

async function embed(samepoint: Samepoint, series: object, caller = ALICE): Promise<object> {
  const plan = await samepoint.planEmbedding(series as typeof inMain, undefined, caller);
  return await plan.run();
}

describe('sources', () => {
  it('are listed by their names, with the data sources of OHIF', () => {
    const { samepoint } = setUp([], []);
    expect(samepoint.sources()).toEqual([
      { name: 'main', ohifDataSources: ['dicomweb'] },
      { name: 'archive', ohifDataSources: ['pacs-of-old'] },
    ]);
  });

  it('are the first one where a reference names none', async () => {
    const { samepoint, main, archive } = setUp([CURRENT], []);
    expect(await embed(samepoint, refOf(CURRENT))).toMatchObject({ state: 'ready', source: 'main' });
    expect(main.requests).toContain('retrieve');
    expect(archive.requests).toEqual([]);
  });

  it('are that of the data source that the viewer shows, where a reference names none', async () => {
    const { samepoint } = setUp([CURRENT], [CURRENT]);
    const shown = (dataSource: string) => embed(samepoint, refOf(CURRENT), { ...ALICE, dataSource });
    expect(await shown('pacs-of-old')).toMatchObject({ source: 'archive' });
    expect(await shown('dicomweb')).toMatchObject({ source: 'main' });
    expect(await shown('unknown')).toMatchObject({ source: 'main' });
    const named = { ...refOf(CURRENT), source: 'main' };
    expect(await embed(samepoint, named, { ...ALICE, dataSource: 'pacs-of-old' })).toMatchObject({
      source: 'main',
    });
  });

  it.each(['elsewhere', 'https://attacker.example/dicom-web', '__proto__', 'default', ''])(
    'are of a closed list: %j is none',
    async (source) => {
      const { samepoint, main, archive } = setUp([CURRENT], [CURRENT]);
      await expect(embed(samepoint, { ...refOf(CURRENT), source })).rejects.toMatchObject({
        code: 'application/unknown-source',
        fields: { available: ['main', 'archive'] },
      });
      expect([...main.requests, ...archive.requests]).toEqual([]);
    },
  );

  it('grant access each for itself: who may read a series in one may not read its UIDs in another', async () => {
    const { samepoint, archive } = setUp([CURRENT], [CURRENT]);
    archive.allowed = [BOB.authorization];
    await embed(samepoint, inArchive, BOB);
    expect(await embed(samepoint, inMain, ALICE)).toMatchObject({ state: 'ready' });
    await expect(embed(samepoint, inArchive, ALICE)).rejects.toMatchObject({ code: 'dicomweb/unauthorized' });
    await expect(samepoint.authorize([inArchive], ALICE)).rejects.toMatchObject({
      code: 'dicomweb/unauthorized',
    });
    await expect(samepoint.authorize([inMain], ALICE)).resolves.toBeUndefined();
  });

  it('have embeddings of their own under equal UIDs', async () => {
    const { samepoint, ports, main, archive } = setUp([CURRENT], [{ ...CURRENT, pixels: 'others' }]);
    await embed(samepoint, inMain);
    await embed(samepoint, inArchive);
    expect(ports.stored.size).toBe(2);
    expect(
      [main, archive].map(({ requests }) => requests.filter((one) => one === 'retrieve').length),
    ).toEqual([1, 1]);
  });

  it('are compared where both issuers are known and equal', async () => {
    const issued = { ...CURRENT, issuer: HOSPITAL };
    const { samepoint } = setUp([issued], [{ ...PRIOR, issuer: HOSPITAL }]);
    const target = { ...refOf(PRIOR), source: 'archive' };
    const plan = await samepoint.planMatch({ query: inMain, targets: [target], points: [POINT] }, ALICE);
    const { matches } = await plan.run();
    expect(matches).toMatchObject([{ ok: true, target }]);
    expect(plan.series).toEqual([inMain, target]);
  });

  it.each([
    ['no issuer', CURRENT, PRIOR],
    ['one issuer', { ...CURRENT, issuer: HOSPITAL }, PRIOR],
  ])('are not compared with %s: the Patient ID may be another patient', async (_what, current, prior) => {
    const { samepoint } = setUp([current], [prior]);
    const targets = [{ ...refOf(PRIOR), source: 'archive' }];
    await expect(
      samepoint.planMatch({ query: inMain, targets, points: [POINT] }, ALICE),
    ).rejects.toMatchObject({ code: 'application/issuer-unknown' });
  });

  it('do not pass for one patient because their studies have one UID', async () => {
    const impostor = {
      ...PRIOR,
      studyInstanceUid: CURRENT.studyInstanceUid,
      patientId: 'P2',
      issuer: HOSPITAL,
    };
    const { samepoint } = setUp([{ ...CURRENT, issuer: HOSPITAL }], [impostor]);
    const targets = [{ ...refOf(impostor), source: 'archive' }];
    await expect(
      samepoint.planMatch({ query: inMain, targets, points: [POINT] }, ALICE),
    ).rejects.toMatchObject({ code: 'application/different-patients' });
  });

  it('get the reports of their own studies', async () => {
    const { samepoint, main, archive } = setUp(
      [{ ...PRIOR, issuer: HOSPITAL }],
      [{ ...CURRENT, issuer: HOSPITAL }],
    );
    const pair = fakePair();
    const current = { ...pair.current, source: 'archive' };
    await samepoint.storeReport([{ ...pair, current, prior: { ...pair.prior, source: 'main' } }], ALICE);
    expect([main.stored.length, archive.stored.length]).toEqual([0, 1]);
    const study = CURRENT.studyInstanceUid;
    expect((await samepoint.listReports(study, ALICE, undefined, 'archive')).reports).toHaveLength(1);
    expect((await samepoint.listReports(study, ALICE)).reports).toHaveLength(0);
  });

  it('do not wait for each other: one that sends nothing holds no place of another', async () => {
    const { samepoint, main } = setUp([CURRENT, PRIOR, PRIOR_2], [CURRENT]);
    main.gate = new Gate();
    const held = [CURRENT, PRIOR, PRIOR_2].map((series) =>
      embed(samepoint, { ...refOf(series), source: 'main' }),
    );
    expect(await embed(samepoint, inArchive)).toMatchObject({ state: 'ready', source: 'archive' });
    expect(samepoint.load()).toEqual({ waiting: 1, running: 2 });
    main.gate.open();
    await Promise.all(held);
  });

  it('fail where a reference inside names none, and send nothing to another PACS', async () => {
    const pacs = new FakePacs([CURRENT]);
    const sources = createSources([{ name: 'main', client: pacs, ohifDataSources: [] }]);
    const routed = routedSource((name) => sources.client(name));
    await expect(routed.searchInstances(refOf(CURRENT), {})).rejects.toThrow('names no configured source');
    await expect(routed.searchStudies({})).rejects.toThrow('names no configured source');
    expect(pacs.requests).toEqual([]);
  });
});
