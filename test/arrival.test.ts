/**
 * Studies that arrive in a real PACS are precomputed before a reader opens them: embedded, and the findings of the earlier study looked for.
 * The server does so with credentials of its own, which no request of a reader gets.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createOwnCredentials, createVerifier } from '../server/src/auth/index.ts';
import type { FindingsAnswer, PriorsAnswer } from '../server/src/index.ts';
import type { Answer, MatchOutcome, SeriesRef } from './support/api.ts';
import { embeddingFiles } from './support/hospital.ts';
import { AUDIENCE, RESOURCE, SERVER_CLIENT, startIdentityProvider } from './support/identityProvider.ts';
import { startOrthanc } from './support/orthanc.ts';
import type { Orthanc } from './support/orthanc.ts';
import { temporaryFolder } from './support/paths.ts';
import { describeWith } from './support/requirements.ts';
import { ALL_RIGHTS, RightsProxy } from './support/rightsProxy.ts';
import { startSamepoint } from './support/samepointServer.ts';
import type { SamepointServer, ServerSettings } from './support/samepointServer.ts';
import { SmallPatient } from './support/smallPatient.ts';
import { sumOf } from './support/workers.ts';

const OWN = 'Bearer of-the-server';
const READER = { Authorization: 'Bearer of-a-reader' };
const SECRET = 'a secret of the PACS and of this server';

describeWith(['orthanc'], 'studies that arrive in Orthanc', () => {
  let orthanc: Orthanc;
  let proxy: RightsProxy;
  let server: SamepointServer;
  let patient: SmallPatient;
  let folder: string;

  const settings = (): ServerSettings => ({
    dicomweb: { root: proxy.root, arrival: 'orthanc', orthancRoot: new URL(orthanc.dicomweb.root).origin },
    background: { authorization: OWN },
    arrival: {
      ...{ pollMs: 1_000, settleMs: 0, directory: join(folder, 'arrival'), secret: SECRET },
      rules: [{ modalities: ['CT'], minimumSlices: 10, priors: 3 }],
    },
    embedding: { cacheDirectory: join(folder, 'embeddings') },
    access: { memoMs: 0 },
  });

  beforeAll(async () => {
    folder = temporaryFolder('arrival');
    orthanc = await startOrthanc(1);
    proxy = await RightsProxy.start(orthanc.dicomweb.root);
    proxy.rights.set(OWN, ALL_RIGHTS);
    proxy.rights.set(READER.Authorization, ALL_RIGHTS);
    patient = new SmallPatient(orthanc.dicomweb);
    server = await startSamepoint(settings());
  });
  afterAll(async () => {
    await server.stop();
    await proxy.stop();
    await orthanc.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    while (!(await holds())) await pause(50);
  };
  const metric = async (name: string, labels: string): Promise<number> =>
    sumOf(await (await fetch(`${server.url}/samepoint/metrics`)).text(), name, labels);
  const arrived = (outcome: string): Promise<number> => metric('samepoint_arrivals_total', `"${outcome}"`);
  const stages = async (): Promise<readonly number[]> =>
    await Promise.all(
      ['embed', 'match'].map((stage) => metric('samepoint_stage_duration_seconds_count', `"${stage}"`)),
    );
  const get = (path: string): Promise<Answer> => server.api.request('GET', path, undefined, READER);
  const match = (query: SeriesRef, target: SeriesRef, point: object): Promise<Answer> => {
    const body = { query, targets: [target], points: [{ id: 'p', ...point }] };
    return server.api.request('POST', '/matches', body, READER);
  };
  const foundIn = ({ body }: Answer): readonly MatchOutcome[] =>
    (body as { readonly matches: readonly MatchOutcome[] }).matches;

  test('are embedded, and the findings of the earlier study are proposed at once when a reader opens one', async () => {
    await until(async () => (await server.api.request('GET', '/health/ready')).status === 200);
    const first = await patient.storeCurrent();
    const prior = await patient.storePrior();
    await until(async () => (await arrived('ready')) === 2);
    const point = { lps: patient.point };
    const matched = await match(first, prior, point);
    expect(matched.status).toBe(200);
    const [outcome] = foundIn(matched);
    if (outcome?.ok !== true) throw new Error('the point is not found in the prior');
    const { lps, frameOfReferenceUid, pixel, ...series } = outcome.match.target;
    const observation = { trackingUid: '2.25.71', label: 'Lesion 1', role: 'target', status: 'present' };
    const report = {
      studyInstanceUid: prior.studyInstanceUid,
      timePoint: { name: 'baseline' },
      observations: [{ ...observation, place: { ...series, lps, frameOfReferenceUid, pixel } }],
      basedOn: [],
    };
    expect((await server.api.request('POST', '/time-point-reports', report, READER)).status).toBe(201);

    const current = await patient.storeCurrent();
    await until(async () => (await arrived('ready')) >= 4);
    expect((await server.api.request('GET', '/health')).body).toMatchObject({ warnings: [] });
    const before = await stages();
    const priors = (await get(`/priors?studyInstanceUid=${current.studyInstanceUid}`)).body as PriorsAnswer;
    expect(priors.current.series[0]).toMatchObject({ seriesInstanceUid: current.seriesInstanceUid });
    const { findings } = (await get(`/findings?studyInstanceUid=${prior.studyInstanceUid}`))
      .body as FindingsAnswer;
    const [finding] = findings;
    const place = { lps: finding?.lps, frameOfReferenceUid: finding?.frameOfReferenceUid };
    const proposed = await match(prior, current, place);
    expect([proposed.status, foundIn(proposed)]).toMatchObject([200, [{ ok: true, pointId: 'p' }]]);
    // Neither embedded nor searched: it was done before.
    expect(await stages()).toEqual(before);
  });

  test('are read with credentials that no request of a reader gets', async () => {
    const study = await patient.storeCurrent();
    const known = await arrived('ready');
    await until(async () => (await arrived('ready')) > known);
    const unknown = await server.api.request('POST', '/series-embeddings', study);
    expect(unknown).toMatchObject({ status: 401, body: { error: { code: 'dicomweb/unauthorized' } } });
    proxy.rights.set('Bearer of-a-visitor', { search: true, retrieve: false });
    const visitor = { Authorization: 'Bearer of-a-visitor' };
    const refused = await server.api.request('POST', '/series-embeddings', study, visitor);
    expect(refused.status).toBe(403);
  });

  test('and are deleted there are deleted here, with all that was made of them', async () => {
    const embedded = (): number => embeddingFiles(join(folder, 'embeddings')).length;
    const kept = embedded();
    const [gone, known] = [await arrived('gone'), await arrived('ready')];
    const study = await patient.storeCurrent();
    await until(async () => (await arrived('ready')) > known);
    // An embedding is in memory at once, and written to the disk afterwards.
    await until(() => Promise.resolve(embedded() === kept + 1));
    await orthanc.deleteStudy(study.studyInstanceUid);
    await until(async () => (await arrived('gone')) > gone);
    expect(embedded()).toBe(kept);
    const answer = await server.api.request('POST', '/series-embeddings', study, READER);
    expect(answer.status).toBe(404);
  });

  test('while the server was stopped, or reported twice, are embedded once after its start', async () => {
    await server.stop();
    const study = await patient.storePrior();
    server = await startSamepoint(settings());
    await until(async () => (await arrived('ready')) > 0);
    const [embedded] = await stages();
    expect(embedded).toBe(1);
    const headers = { 'Samepoint-Arrival-Secret': SECRET };
    const { studyInstanceUid } = study;
    const known = await arrived('ready');
    const reported = await server.api.request('POST', '/arrivals', { studyInstanceUid }, headers);
    expect(reported.status).toBe(202);
    await until(async () => (await arrived('ready')) > known);
    expect((await stages())[0]).toBe(1);
  });
});

test('credentials of the server are those of a real provider, for the resource that it names', async () => {
  const provider = await startIdentityProvider();
  try {
    const { issuer } = provider;
    const client = {
      ...SERVER_CLIENT,
      issuer,
      resource: RESOURCE,
      fetch,
      monotonic: () => performance.now(),
    };
    const own = createOwnCredentials(client);
    const authorization = await own();
    expect(await own()).toBe(authorization);
    const verifier = createVerifier({
      ...{
        issuer,
        audiences: [AUDIENCE],
        algorithms: ['RS256'],
        clockSkewS: 5,
        keysCooldownS: 1,
        keysMaxAgeS: 60,
      },
      ...{ rolesClaim: 'roles', readerRoles: [], saverRoles: [], adminRoles: [] },
      ...{ fetch, clock: Date.now, monotonic: () => performance.now() },
    });
    await expect(verifier.verify(authorization)).resolves.toBeDefined();
    await expect(createOwnCredentials({ ...client, clientSecret: 'wrong' })()).rejects.toMatchObject({
      code: 'auth/own-login-failed',
      fields: { problem: 'invalid_client' },
    });
  } finally {
    await provider.stop();
  }
});
