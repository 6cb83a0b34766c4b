/**
 * Two web processes behind a load balancer that keeps no reader on either: what is begun in one is read, followed and cancelled in the
 * other, and outlives the end of the first as far as it can.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { SamepointApi, jobOf } from './support/api.ts';
import type { Job, SeriesRef } from './support/api.ts';
import { describeWith } from './support/requirements.ts';
import { startRoundRobin } from './support/roundRobin.ts';
import type { RoundRobin } from './support/roundRobin.ts';
import type { SamepointServer } from './support/samepointServer.ts';
import { SmallPatient } from './support/smallPatient.ts';
import { sumOf, WorkSite } from './support/workers.ts';

const SERIES = 6;

describeWith(['orthanc', 'redis'], 'two web processes', () => {
  let site: WorkSite;
  let patient: SmallPatient;
  let other: SamepointServer;
  let balancer: RoundRobin;
  let both: SamepointApi;
  beforeAll(async () => {
    site = await WorkSite.open({ models: { default: 'mind-ssc' } });
    other = await site.startServer();
    patient = new SmallPatient(site.orthanc.dicomweb);
    balancer = await startRoundRobin([site.server.url, other.url]);
    both = new SamepointApi(`${balancer.url}/samepoint/api`);
    for (const server of [site.server, other]) await site.connected(server);
  });
  afterAll(async () => {
    await balancer.close();
    await other.stop();
    await site.close();
  });

  const metrics = async ({ url }: SamepointServer): Promise<string> =>
    await (await fetch(`${url}/samepoint/metrics`)).text();
  const begin = async (api: SamepointApi, series: SeriesRef): Promise<Job> =>
    jobOf((await api.request('POST', '/series-embeddings', series)).body);
  const read = async (api: SamepointApi, { id }: Job): Promise<Job> =>
    jobOf((await api.request('GET', `/jobs/${id}`)).body);
  /** The events of a job until its stream ends. */
  const events = async (api: SamepointApi, { id }: Job): Promise<string[]> => {
    const text = await (await fetch(`${api.root}/jobs/${id}/events`)).text();
    return [...text.matchAll(/^event: (\w+)$/gmu)].map(([, name = '']) => name);
  };

  test('a job that one has begun is read, followed and cancelled in the other', async () => {
    const job = await begin(site.server.api, await patient.storePrior());
    expect(await read(other.api, job)).toMatchObject({ id: job.id, state: 'queued' });
    const followed = events(other.api, job);
    expect((await other.api.request('DELETE', `/jobs/${job.id}`)).status).toBe(204);
    expect(await read(other.api, job)).toMatchObject({ state: 'cancelled' });
    expect((await followed).at(-1)).toBe('cancelled');
    while ((await read(site.server.api, job)).state !== 'cancelled') await pause(20);
  });

  test('matches behind the balancer are answered, whichever process is met', async () => {
    await site.startWorker();
    const [query, target] = [await patient.storeCurrent(), await patient.storePrior()];
    const points = [{ id: 'p', lps: patient.point }];
    const started = await both.request('POST', '/matches', { query, targets: [target], points });
    const job = jobOf(started.body);
    const [here, there] = await Promise.all([events(site.server.api, job), events(other.api, job)]);
    expect([here.at(-1), there.at(-1)]).toEqual(['done', 'done']);
    const answers = await Promise.all([both.finished(job.id), both.finished(job.id)]);
    expect(answers[0]).toMatchObject({ state: 'done', result: { matches: [{ ok: true }] } });
    expect(answers[1]).toEqual(answers[0]);
    expect(balancer.answered.every((count) => count > 0)).toBe(true);
  });

  test('a process that is killed: its jobs fail in words, and what the workers make of them is kept', async () => {
    await site.workers[0]!.background.stop();
    const series = await Promise.all(Array.from({ length: SERIES }, () => patient.storePrior()));
    const jobs = await Promise.all(series.map((one) => begin(site.server.api, one)));
    const followed = events(other.api, jobs[0]!);
    while (sumOf(await metrics(other), 'samepoint_queue_jobs', 'waiting') < SERIES) await pause(50);
    site.server.background.process.kill('SIGKILL');
    const ended = await Promise.all(jobs.map(({ id }) => both.finished(id)));
    for (const { state, error } of ended) {
      expect([state, error?.code]).toEqual(['failed', 'queue/server-lost']);
    }
    expect((await followed).at(-1)).toBe('failed');
    const before = (await site.embeddings()).size;
    await site.startWorker();
    // Without another request: what the workers have got is done nevertheless.
    while ((await site.embeddings()).size < before + SERIES) await pause(50);
    const again = await Promise.all(series.map((one) => both.follow('/series-embeddings', one)));
    for (const answer of again) expect(answer).toMatchObject({ status: 200 });
  });
});
