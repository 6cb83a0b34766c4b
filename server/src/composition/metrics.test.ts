import { Router } from 'express';
import request from 'supertest';
import type { JobSnapshot } from '../jobs/index.ts';
import { CURRENT, PRIOR, refOf } from '../ports/testing/index.ts';
import { catalogue } from '../errors/index.ts';
import { routeTemplates } from '../http/index.ts';
import { testApp } from '../http/testing/testServer.ts';
import type { TestApp } from '../http/testing/testServer.ts';
import { createMetrics, measuredCache, measuredModules, measuredSource } from '../metrics/index.ts';
import type { Metrics } from '../metrics/index.ts';
import { parseSamples } from '../metrics/testing/samples.ts';
import type { Sample } from '../metrics/testing/samples.ts';
import { EXECUTION_PROVIDERS } from '../model/index.ts';

const API = '/samepoint/api';
const MOUNT = '/dicom-web';

const NUMBER = /^(?:\d+(?:\.\d+)?|\+Inf)$/;
const STATES = /^(?:queued|running|done|failed|cancelled)$/;

/** Everything that a label of ours may say: closed lists, numbers, and the version of Node. */
const CLOSED: Readonly<Record<string, RegExp | ReadonlySet<string>>> = {
  le: NUMBER,
  quantile: NUMBER,
  method: new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'other']),
  route: new Set(routeTemplates([MOUNT])),
  status: /^[1-5]\d\d$/,
  stage: new Set(['fetch', 'decode', 'resample', 'embed', 'match']),
  outcome: new Set(['hit', 'miss']),
  kind: /^(?:series-embedding|match|major|minor|incremental|weakcb)$/,
  state: STATES,
  provider: new Set(EXECUTION_PROVIDERS),
  source: new Set(['default']),
  operation: /^[a-z-]{4,20}$/,
  code: new Set(Object.keys(catalogue).filter((code) => code.startsWith('dicomweb/'))),
  // Of the process itself (prom-client's own metrics of Node).
  type: /^[A-Za-z]{2,32}$/,
  space: /^[a-z_]{3,32}$/,
  version: /^v\d+\.\d+\.\d+$/,
  major: NUMBER,
  minor: NUMBER,
  patch: NUMBER,
};

interface MeasuredApp extends TestApp {
  readonly metrics: Metrics;
  scrape(): Promise<Sample[]>;
}

async function measuredApp(overrides = {}): Promise<MeasuredApp> {
  const metrics = createMetrics();
  const mounts = [{ path: MOUNT, router: Router().get('/studies/:study', (_req, res) => void res.json([])) }];
  const test = await testApp(overrides, { metrics, mounts }, ({ source, modules, cache }) => ({
    source: measuredSource(source, 'default', metrics),
    modules: measuredModules(modules, metrics),
    cache: measuredCache(cache, metrics),
  }));
  metrics.watch(() => ({
    load: { waiting: 3, running: 2 },
    jobs: test.jobs.counts(),
    executionProvider: 'cpu',
    freeBytes: 1_000,
  }));
  const scrape = async (): Promise<Sample[]> =>
    parseSamples((await request(test.app).get('/samepoint/metrics').expect(200)).text);
  return { ...test, metrics, scrape };
}

async function match({ app }: TestApp): Promise<void> {
  const body = {
    query: refOf(CURRENT),
    targets: [refOf(PRIOR)],
    points: [{ id: 'Doe^Jane', lps: [1, 2, 3] }],
  };
  const started = await request(app).post(`${API}/matches`).send(body);
  if (started.status === 200) return;
  const { id } = started.body as { id: string };
  await request(app).get(`${API}/jobs/${id}/events`).expect(200);
}

function valueOf(samples: readonly Sample[], name: string, labels: object): number | undefined {
  return samples.find(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  )?.value;
}

describe('metrics', () => {
  it('say how often and how long, of a match that embeds two series and one that finds them', async () => {
    const test = await measuredApp();
    await match(test);
    await match(test);
    const samples = await test.scrape();
    const count = (stage: string): number | undefined =>
      valueOf(samples, 'samepoint_stage_duration_seconds_count', { stage });
    expect(['fetch', 'decode', 'match'].map(count)).toEqual([2, 2, 2]);
    const cache = (outcome: string): number | undefined =>
      valueOf(samples, 'samepoint_embedding_cache_requests_total', { outcome });
    expect(cache('hit')).toBeGreaterThanOrEqual(2);
    expect(cache('miss')).toBeGreaterThanOrEqual(2);
    expect(valueOf(samples, 'samepoint_waiting_series', {})).toBe(3);
    expect(valueOf(samples, 'samepoint_jobs', { kind: 'match', state: 'done' })).toBe(1);
    const provider = (name: string): number | undefined =>
      valueOf(samples, 'samepoint_execution_provider', { provider: name });
    expect([provider('cpu'), provider('cuda')]).toEqual([1, 0]);
    const route = { method: 'POST', route: '/matches' };
    const answered = (status: string): number | undefined =>
      valueOf(samples, 'samepoint_http_request_duration_seconds_count', { ...route, status });
    expect([answered('202'), answered('200')]).toEqual([1, 1]);
  });

  it('count what the PACS refuses, by the code of the error', async () => {
    const test = await measuredApp();
    test.ports.source.allowed = [];
    await request(test.app).post(`${API}/series-embeddings`).send(refOf(CURRENT)).expect(401);
    const samples = await test.scrape();
    const labels = { source: 'default', code: 'dicomweb/unauthorized' };
    expect(valueOf(samples, 'samepoint_pacs_errors_total', labels)).toBeGreaterThanOrEqual(1);
  });

  it('have labels of closed lists only: no UID, name or text of a request, whatever was requested', async () => {
    const test = await measuredApp();
    await match(test);
    test.ports.source.allowed = [];
    const { app } = test;
    await request(app).get(`${API}/reports?studyInstanceUid=1.2.840.99.1&name=Doe`);
    await request(app).get(`${API}/jobs/6f1ed002-ab56-4a26-8d5f-0f0c5a1c9b11`);
    await request(app).get(`${API}/studies/1.2.840.113619.2.1/Doe^Jane`);
    await request(app).get(`${MOUNT}/studies/1.2.840.113619.2.1`);
    await request(app).get('/1.2.840.113619.2.55');
    await request(app).get('/samepoint/1.2.840.113619.2.55.js');
    await request(app).put(`${API}/matches`);
    await request(app).post(`${API}/matches`).send({ query: 'Doe^Jane' });
    const samples = await test.scrape();
    const odd = samples.flatMap(({ labels }) =>
      Object.entries(labels).filter(([label, value]) => {
        const allowed = CLOSED[label];
        return !(allowed instanceof RegExp ? allowed.test(value) : allowed?.has(value));
      }),
    );
    expect(odd).toEqual([]);
    expect(JSON.stringify(samples)).not.toMatch(/Doe|1\.2\.840/);
  });

  it('are not on the port of the viewers where they have one of their own, or are switched off', async () => {
    const own = await measuredApp({ metrics: { port: 9_464 } });
    await request(own.app).get('/samepoint/metrics').expect(404);
    const { app } = await testApp();
    await request(app).get('/samepoint/metrics').expect(404);
  });

  it('are given to the hosts only to which the API is given', async () => {
    const { app } = await measuredApp();
    await request(app).get('/samepoint/metrics').set('Host', 'attacker.example').expect(421);
  });

  it('count jobs when they end', async () => {
    const ended: Pick<JobSnapshot, 'kind' | 'state'>[] = [];
    const metrics = createMetrics();
    for (const state of ['done', 'failed', 'cancelled'] as const) {
      ended.push({ kind: 'match', state });
      metrics.jobFinished('match', state);
    }
    const samples = parseSamples((await metrics.expose()).text);
    for (const labels of ended) {
      expect(valueOf(samples, 'samepoint_jobs_finished_total', labels)).toBe(1);
    }
  });
});

describe('request ids', () => {
  it('go on to the lines of the job that the request has started', async () => {
    const test = await measuredApp();
    const reqId = 'from-the-proxy.1';
    const started = await request(test.app)
      .post(`${API}/series-embeddings`)
      .set('X-Request-Id', reqId)
      .send(refOf(CURRENT))
      .expect(202);
    const { id } = started.body as { id: string };
    await request(test.app).get(`${API}/jobs/${id}/events`).expect(200);
    const line = test.log.find(({ msg }) => msg === 'job ended');
    expect(line).toMatchObject({ job: id, kind: 'series-embedding', state: 'done', reqId });
  });
});
