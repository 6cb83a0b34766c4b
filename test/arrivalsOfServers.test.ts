/**
 * Studies that arrive where two web processes share a worker, Redis and a store: one process watches the PACS, the other one goes on where
 * it was when it dies, and what is deleted in the PACS is deleted in the store.
 */
import { readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { SeriesRef } from './support/api.ts';
import { describeWith } from './support/requirements.ts';
import type { SamepointServer } from './support/samepointServer.ts';
import { SmallPatient } from './support/smallPatient.ts';
import { sumOf, WorkSite } from './support/workers.ts';

const SECRET = 'a secret of the PACS and of these servers';

describeWith(['orthanc', 'redis'], 'studies that arrive, with two web processes and a worker', () => {
  let site: WorkSite;
  let other: SamepointServer;
  let patient: SmallPatient;

  beforeAll(async () => {
    site = await WorkSite.open({
      models: { default: 'mind-ssc' },
      dicomweb: { arrival: 'orthanc' },
      arrival: { pollMs: 1_000, settleMs: 0, secret: SECRET, rules: [{ minimumSlices: 10, priors: 0 }] },
    });
    other = await site.startServer();
    await site.startWorker();
    patient = new SmallPatient(site.orthanc.dicomweb);
    for (const server of [site.server, other]) await site.connected(server);
    // What was there before the watch began is no arrival.
    await until(async () => (await site.redis.dump()).includes('arrivals:default:state'));
  });
  afterAll(async () => {
    await other.stop();
    await site.close();
  });

  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    while (!(await holds())) await pause(50);
  };
  const metricsOf = async ({ url }: SamepointServer): Promise<string> =>
    await (await fetch(`${url}/samepoint/metrics`)).text();
  const count = async (server: SamepointServer, outcome: string): Promise<number> =>
    sumOf(await metricsOf(server), 'samepoint_arrivals_total', `"${outcome}"`);
  const servers = (): readonly SamepointServer[] => [site.server, other];
  const ofBoth = async (outcome: string): Promise<readonly number[]> =>
    await Promise.all(servers().map((server) => count(server, outcome)));
  const sum = (counts: readonly number[]): number => counts.reduce((all, one) => all + one, 0);
  const embeddedByWorker = async (): Promise<number> =>
    sumOf(await site.workers[0]!.metrics(), 'samepoint_stage_duration_seconds_count', '"embed"');
  const report = async (server: SamepointServer, { studyInstanceUid }: SeriesRef): Promise<number> => {
    const headers = { 'Samepoint-Arrival-Secret': SECRET };
    return (await server.api.request('POST', '/arrivals', { studyInstanceUid }, headers)).status;
  };

  const pending = async (): Promise<number> => {
    const texts = await Promise.all(servers().map((server) => metricsOf(server)));
    return sum(texts.map((text) => sumOf(text, 'samepoint_arrivals_pending')));
  };
  /** Stores a study and waits until it is precomputed; gives the place of the server that has noticed it. */
  const arrive = async (patientId: string): Promise<{ readonly study: SeriesRef; readonly by: number }> => {
    const [seen, embedded] = [await ofBoth('seen'), (await site.embeddings()).size];
    const study = await patient.storeCurrent({ patientId });
    await until(
      async () => (await site.embeddings()).size > embedded && sum(await ofBoth('seen')) > sum(seen),
    );
    await until(async () => (await pending()) === 0);
    const now = await ofBoth('seen');
    return { study, by: now.findIndex((count, index) => count !== seen[index]) };
  };

  test('a study is noticed by one of them, and embedded once', async () => {
    await arrive('first');
    await arrive('second');
    expect(sum(await ofBoth('seen'))).toBe(2);
    expect([await embeddedByWorker(), (await site.embeddings()).size]).toEqual([2, 2]);
  });

  test.each([0, 1])('a report to server %d is done by the one that watches', async (index) => {
    const study = await patient.storeCurrent({ patientId: `reported ${index}` });
    expect(await report(servers()[index]!, study)).toBe(202);
    await until(async () => (await site.embeddings()).size === 3 + index);
    expect(await embeddedByWorker()).toBe(3 + index);
  });

  test('and are deleted in the PACS have no file in the store any more', async () => {
    const gone = sum(await ofBoth('gone'));
    const before = new Set(await readdir(site.store));
    const { study } = await arrive('deleted');
    await site.orthanc.deleteStudy(study.studyInstanceUid);
    await until(async () => sum(await ofBoth('gone')) > gone);
    expect(new Set(await readdir(site.store))).toEqual(before);
  });

  test('the process that watches is killed: the other one goes on where it was, and misses none', async () => {
    const { by } = await arrive('before');
    const [dies, lives] = [servers()[by]!, servers()[1 - by]!];
    const [seen, embedded] = [await count(lives, 'seen'), await embeddedByWorker()];
    dies.background.process.kill('SIGKILL');
    // It comes while none watches, with a number that the killed one has not read.
    await patient.storeCurrent({ patientId: 'after' });
    await until(async () => (await embeddedByWorker()) > embedded);
    await until(async () => (await count(lives, 'ready')) > 0);
    // What the killed one has read and done is neither noticed nor embedded again.
    expect((await count(lives, 'seen')) - seen).toBe(1);
    expect(await embeddedByWorker()).toBe(embedded + 1);
  });
});
