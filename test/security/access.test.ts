/**
 * The promise of the documents: the PACS decides who may see what, at each answer. A real server, a real PACS, and before it a
 * proxy that knows users and what each may do.
 */
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { tokenOf } from '../../server/src/ports/testing/token.ts';
import { jobOf } from '../support/api.ts';
import type { ErrorBody, MatchRequest, SeriesRef } from '../support/api.ts';
import { errorOf } from '../support/hospital.ts';
import { startOrthanc } from '../support/orthanc.ts';
import type { Orthanc } from '../support/orthanc.ts';
import { describeWith } from '../support/requirements.ts';
import { ALL_RIGHTS, RightsProxy } from '../support/rightsProxy.ts';
import { startSamepoint } from '../support/samepointServer.ts';
import type { SamepointServer } from '../support/samepointServer.ts';
import { SmallPatient } from '../support/smallPatient.ts';

const issuer = { iss: 'https://idp.hospital.example' };
const ALICE = tokenOf({ ...issuer, sub: 'alice', exp: 1 });
const ALICE_LATER = tokenOf({ ...issuer, sub: 'alice', exp: 2 });
const BOB = tokenOf({ ...issuer, sub: 'bob', exp: 1 });
/** Longest silence of the PACS, and so the time over which its rate is measured, ms. */
const TIMEOUT_MS = 1_500;
/** Longest wait for a job, ms. */
const JOB_MS = 120_000;

describeWith(['orthanc'], 'access', () => {
  let orthanc: Orthanc;
  let proxy: RightsProxy;
  let server: SamepointServer;
  let patient: SmallPatient;
  beforeAll(async () => {
    orthanc = await startOrthanc();
    proxy = await RightsProxy.start(orthanc.dicomweb.root);
    patient = new SmallPatient(orthanc.dicomweb);
    server = await startSamepoint({
      dicomweb: { root: proxy.root, timeoutMs: TIMEOUT_MS, retries: 1 },
      access: { memoMs: 0 },
      log: { level: 'info' },
    });
  });
  afterAll(async () => {
    await server.stop();
    await proxy.stop();
    await orthanc.stop();
  });
  beforeEach(() => {
    proxy.rights.clear();
    for (const user of [ALICE, ALICE_LATER, BOB]) proxy.rights.set(user, ALL_RIGHTS);
  });

  const send = (method: string, path: string, authorization: string, body?: unknown) =>
    server.api.request(method, path, body, { Authorization: authorization });
  const newPair = async (): Promise<MatchRequest> => ({
    query: await patient.storeCurrent(),
    targets: [await patient.storePrior()],
    points: [{ id: 'a', lps: patient.point }],
  });
  const targetOf = ({ targets }: MatchRequest): SeriesRef => targets[0]!;
  const start = async (request: MatchRequest, authorization: string): Promise<string> => {
    const { status, body } = await send('POST', '/matches', authorization, request);
    expect(status).toBe(202);
    return jobOf(body).id;
  };
  /** Waits until a job has ended; gives its state, or the code of the error. */
  const ended = async (id: string, authorization: string): Promise<string> => {
    const deadline = performance.now() + JOB_MS;
    while (performance.now() < deadline) {
      const { status, body } = await send('GET', `/jobs/${id}`, authorization);
      if (status !== 200) return errorOf(body).code;
      const { state, error } = jobOf(body);
      if (state !== 'queued' && state !== 'running') return error?.code ?? state;
      await pause(50);
    }
    return 'not ended';
  };
  const codeOf = ({ body }: { readonly body: unknown }): string =>
    (body as { error?: ErrorBody }).error?.code ?? 'answered';

  test('a result is not to be had any more once the PACS has withdrawn access, and is forgotten', async () => {
    const id = await start(await newPair(), ALICE);
    expect(await ended(id, ALICE)).toBe('done');
    proxy.rights.set(ALICE, { search: false, retrieve: false });
    expect(codeOf(await send('GET', `/jobs/${id}`, ALICE))).toBe('dicomweb/forbidden');
    proxy.rights.set(ALICE, ALL_RIGHTS);
    expect(codeOf(await send('GET', `/jobs/${id}`, ALICE))).toBe('http/unknown-job');
  });

  test('an event stream that is open when access goes ends with the refusal', async () => {
    const request = await newPair();
    const letGo = proxy.hold(targetOf(request));
    const id = await start(request, ALICE);
    const response = await fetch(`${server.api.root}/jobs/${id}/events`, {
      headers: { Authorization: ALICE },
    });
    const text = response.text();
    await pause(500);
    proxy.rights.set(ALICE, { search: true, retrieve: false });
    letGo();
    const events = await text;
    expect(events.split('\n\n').at(-2)).toMatch(/^event: failed\n.*dicomweb\/forbidden/u);
    expect(events).not.toMatch(/"(?:result|matches)"/u);
  });

  test('a user who may search and not retrieve is refused, cold and warm', async () => {
    const request = await newPair();
    proxy.rights.set(BOB, { search: true, retrieve: false });
    expect(codeOf(await send('POST', '/matches', BOB, request))).toBe('dicomweb/forbidden');
    expect(await ended(await start(request, ALICE), ALICE)).toBe('done');
    expect((await send('POST', '/matches', ALICE, request)).status).toBe(200);
    expect(codeOf(await send('POST', '/matches', BOB, request))).toBe('dicomweb/forbidden');
    expect(codeOf(await send('POST', '/series-embeddings', BOB, request.query))).toBe('dicomweb/forbidden');
    proxy.rights.set(BOB, ALL_RIGHTS);
    expect((await send('POST', '/matches', BOB, request)).status).toBe(200);
  });

  test('a renewed token keeps its job; other users, and tokens that the PACS does not know, do not get it', async () => {
    const request = await newPair();
    const letGo = proxy.hold(targetOf(request));
    const id = await start(request, ALICE);
    expect((await send('GET', `/jobs/${id}`, ALICE_LATER)).status).toBe(200);
    const forged = tokenOf({ ...issuer, sub: 'alice', exp: 3 });
    for (const method of ['GET', 'DELETE']) {
      expect(codeOf(await send(method, `/jobs/${id}`, forged))).toBe('dicomweb/unauthorized');
      expect(codeOf(await send(method, `/jobs/${id}`, BOB))).toBe('http/unknown-job');
    }
    letGo();
    expect(await ended(id, ALICE_LATER)).toBe('done');
    const other = await newPair();
    proxy.hold(targetOf(other));
    const running = await start(other, ALICE);
    expect((await send('DELETE', `/jobs/${running}`, ALICE_LATER)).status).toBe(204);
    expect(await ended(running, ALICE)).toBe('cancelled');
  });

  test('two series at a few bytes a second give their places to others', async () => {
    const slow = await newPair();
    for (const series of [slow.query, targetOf(slow)]) proxy.trickle(series);
    const stuck = await start(slow, ALICE);
    await pause(200);
    const quick = await start(await newPair(), BOB);
    const began = performance.now();
    expect(await ended(quick, BOB)).toBe('done');
    expect(performance.now() - began).toBeLessThan(60_000);
    expect(await ended(stuck, ALICE)).toBe('dicomweb/too-slow');
  });

  test('ten cold pairs of one user do not hold up the first pair of another', async () => {
    const pairs = await Promise.all(Array.from({ length: 11 }, newPair));
    const greedy = await Promise.all(pairs.slice(1).map((pair) => send('POST', '/matches', ALICE, pair)));
    const jobs = greedy.filter(({ status }) => status === 202).map(({ body }) => jobOf(body).id);
    // Two running, eight waiting: more than its share is refused, sooner or later.
    expect(jobs.length).toBeGreaterThanOrEqual(5);
    const id = await start(pairs[0]!, BOB);
    expect(await ended(id, BOB)).toBe('done');
    const states = await Promise.all(
      jobs.map(async (job) => jobOf((await send('GET', `/jobs/${job}`, ALICE)).body).state),
    );
    expect(states.filter((state) => state === 'done').length).toBeLessThanOrEqual(3);
    for (const job of jobs) await send('DELETE', `/jobs/${job}`, ALICE);
  });

  test('the audit trail records who matched what, and who was refused; the log does not', async () => {
    const request = await newPair();
    proxy.rights.set(BOB, { search: true, retrieve: false });
    await send('POST', '/matches', BOB, request);
    await send('POST', '/matches', ALICE, request);
    const studies = [request.query, targetOf(request)].map(({ studyInstanceUid }) => studyInstanceUid);
    let trail: string[] = [];
    for (let wait = 0; wait < 50 && trail.length < 2; wait += 1) {
      await pause(100);
      trail = readFileSync(server.auditFile, 'utf8')
        .split('\n')
        .filter((line) => line.includes(studies[0]!));
    }
    const [refused, matched] = trail;
    expect(refused).toContain('UserID="bob"');
    expect(refused).toContain('EventOutcomeIndicator="4"');
    expect(matched).toContain('UserID="alice"');
    expect(matched).toContain('EventOutcomeIndicator="0"');
    for (const study of studies) expect(matched).toContain(`ParticipantObjectID="${study}"`);
    const [, patientId] = /ParticipantObjectID="([^"]+)" ParticipantObjectTypeCode="1"/u.exec(matched!) ?? [];
    expect(patientId).toBeDefined();
    expect(statSync(server.auditFile).mode & 0o777).toBe(0o600);
    const log = server.background.output();
    for (const secret of [patientId!, ...studies, 'alice', 'bob', ALICE.slice(7)])
      expect(log).not.toContain(secret);
    const { body } = await server.api.request('GET', '/health');
    expect(body).toMatchObject({ warnings: [] });
  });
});
