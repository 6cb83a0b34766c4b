/**
 * Work on several machines: a server that embeds nothing, three workers, Redis that writes a log of its data, a shared folder and a real
 * PACS. A worker is killed and Redis started again in the middle; nothing is lost and nothing is done twice.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { jobOf } from './support/api.ts';
import type { Job, SeriesRef } from './support/api.ts';
import { describeWith } from './support/requirements.ts';
import { SmallPatient } from './support/smallPatient.ts';
import { sumOf, WorkSite } from './support/workers.ts';

/** Series that are embedded before a reader needs them. */
const SERIES = 12;
/** Background work that has ended when the trouble begins. */
const DONE_BEFORE = 3;
/** A reader waits for no background work; looking for work on a busy machine needs some time, s. */
const READER_WAIT_S = 1;

describeWith(['orthanc', 'redis'], 'several workers', () => {
  let site: WorkSite;
  let patient: SmallPatient;
  beforeAll(async () => {
    site = await WorkSite.open({ models: { default: 'mind-ssc' }, queue: { patienceMs: 3_000 } });
    patient = new SmallPatient(site.orthanc.dicomweb);
    for (let count = 0; count < 3; count += 1) await site.startWorker();
  });
  afterAll(() => site.close());

  const ready = async (): Promise<{ status: number; codes: readonly string[] }> => {
    const { status, body } = await site.server.api.request('GET', '/health/ready');
    const { reasons } = body as { reasons: readonly { code: string }[] };
    return { status, codes: reasons.map(({ code }) => code) };
  };
  const begin = async (series: SeriesRef): Promise<Job> =>
    jobOf((await site.server.api.request('POST', '/series-embeddings', series)).body);
  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    while (!(await holds())) await pause(50);
  };

  test('a killed worker and a Redis that starts again: all is done, nothing twice, and no reader waits', async () => {
    await until(async () => (await ready()).status === 200);
    const series = await Promise.all(Array.from({ length: SERIES }, () => patient.storePrior()));
    const [query, target] = [await patient.storeCurrent(), await patient.storePrior()];
    const jobs = await Promise.all(series.map(begin));
    await until(async () => (await site.embeddings()).size >= DONE_BEFORE);

    const doneByKilled = sumOf(await site.workers[0]!.metrics(), 'samepoint_work_finished_total', 'done');
    site.workers[0]!.kill();
    const atKill = await site.embeddings();
    const points = [{ id: 'p', lps: patient.point }];
    const matches = await site.server.api.match({ query, targets: [target], points });
    expect(matches).toMatchObject([{ ok: true }]);
    const metrics = await Promise.all(site.workers.slice(1).map((worker) => worker.metrics()));
    const waits = (part: string): number =>
      metrics.reduce(
        (sum, text) => sum + sumOf(text, `samepoint_queue_wait_seconds_${part}`, 'interactive'),
        0,
      );
    const inTime = metrics.reduce(
      (sum, text) =>
        sum +
        sumOf(text, 'samepoint_queue_wait_seconds_bucket', `le="${READER_WAIT_S}",urgency="interactive"`),
      0,
    );
    expect([waits('count'), inTime]).toEqual([2, 2]);

    await site.redis.kill();
    await site.redis.start();
    const ended = await Promise.all(jobs.map(({ id }) => site.server.api.finished(id)));
    expect(ended.map(({ state, error }) => error?.code ?? state)).toEqual(series.map(() => 'done'));
    const atEnd = await site.embeddings();
    expect(atEnd.size).toBe(SERIES + 2);
    for (const [name, inode] of atKill) expect(atEnd.get(name)).toBe(inode);
    const living = await Promise.all(site.workers.slice(1).map((worker) => worker.metrics()));
    const read = living.map((text) => sumOf(text, 'samepoint_stage_duration_seconds_count', '"decode"'));
    // What the killed worker had ended was not begun again.
    expect(read.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(SERIES + 2 - doneByKilled);
  });

  test('the server embeds nothing, and says how much waits', async () => {
    const root = site.server.url;
    const text = await (await fetch(`${root}/samepoint/metrics`)).text();
    expect(sumOf(text, 'samepoint_stage_duration_seconds_count', 'embed"')).toBe(0);
    expect(text).toMatch(/^samepoint_queue_jobs\{urgency="interactive",state="waiting"\} 0$/mu);
    expect(text).not.toMatch(/2\.25\.\d{10}/u);
  });

  test('the field of a pair is computed by a worker', async () => {
    const [query, target] = [await patient.storeCurrent(), await patient.storePrior()];
    const ended = await site.server.api.follow('/fields', { query, target });
    expect(ended).toMatchObject({ state: 'done' });
  });

  test('without Redis the server is not ready, says so, and answers from the store; with it all goes on', async () => {
    const [query, target] = [await patient.storeCurrent(), await patient.storePrior()];
    const request = { query, targets: [target], points: [{ id: 'p', lps: patient.point }] };
    expect(await site.server.api.match(request)).toMatchObject([{ ok: true }]);
    await site.redis.kill();
    await until(async () => (await ready()).status === 503);
    expect((await ready()).codes).toContain('health/queue-unreachable');
    expect(await site.server.api.match(request)).toMatchObject([{ ok: true }]);
    const unknown = await patient.storePrior();
    const failed = await site.server.api.match({ ...request, targets: [unknown] });
    const [outcome] = Array.isArray(failed) ? failed : [{ ok: false, error: failed }];
    expect(outcome).toMatchObject({ error: { code: 'queue/unreachable', status: 503 } });
    await site.redis.start();
    await until(async () => (await ready()).status === 200);
    expect(await site.server.api.match({ ...request, targets: [unknown] })).toMatchObject([{ ok: true }]);
  });

  test('without the store a request fails in words, and the next one works when it is back', async () => {
    const [query, target] = [await patient.storeCurrent(), await patient.storePrior()];
    const request = { query, targets: [target], points: [{ id: 'p', lps: patient.point }] };
    await site.loseStore();
    try {
      await until(async () => (await ready()).codes.includes('health/store-unusable'));
      expect(await site.server.api.match(request)).toMatchObject({
        code: 'embedding/cache-write-failed',
        status: 507,
      });
    } finally {
      await site.findStore();
    }
    await until(async () => (await ready()).status === 200);
    expect(await site.server.api.match(request)).toMatchObject([{ ok: true }]);
  });

  test('where the store is full for a worker a request fails in words; with free space the next one works', async () => {
    await site.stopWorkers();
    await site.startWorker({ largestFileKb: 64 });
    const [query, target] = [await patient.storeCurrent(), await patient.storePrior()];
    const request = { query, targets: [target], points: [{ id: 'p', lps: patient.point }] };
    expect(await site.server.api.match(request)).toMatchObject({
      code: 'embedding/cache-write-failed',
      status: 507,
    });
    await site.stopWorkers();
    await site.startWorker();
    expect(await site.server.api.match(request)).toMatchObject([{ ok: true }]);
  });

  test('Redis that starts again with nothing on its disk costs time only', async () => {
    const series = await Promise.all(Array.from({ length: DONE_BEFORE }, () => patient.storePrior()));
    const before = (await site.embeddings()).size;
    const jobs = await Promise.all(series.map(begin));
    await until(async () => (await site.embeddings()).size > before);
    await site.redis.kill();
    await site.redis.startEmpty();
    const ended = await Promise.all(jobs.map(({ id }) => site.server.api.finished(id)));
    expect(ended.map(({ state, error }) => error?.code ?? state)).toEqual(series.map(() => 'done'));
  });
});
