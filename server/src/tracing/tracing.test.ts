/** Spans of requests: their parents, and that they say nothing of a patient. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import request from 'supertest';
import { CURRENT, PRIOR, refOf } from '../ports/testing/index.ts';
import { portOf } from '../concurrency/testing/portOf.ts';
import { testApp } from '../http/testing/testServer.ts';
import { createMetrics, measuredModules, measuredSource } from '../metrics/index.ts';
import { openTracing } from './exporter.ts';
import { tracedMetrics } from './tracing.ts';

const API = '/samepoint/api';
const TOKEN = 'Bearer a-token-of-the-reader';

/** An app whose parts are traced, and the spans that have ended. */
async function tracedApp() {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const metrics = tracedMetrics(createMetrics(), provider.getTracer('test'));
  const test = await testApp({}, { metrics }, ({ source, modules }) => ({
    source: measuredSource(source, 'pacs', metrics),
    modules: measuredModules(modules, metrics),
  }));
  const spans = (): readonly ReadableSpan[] => exporter.getFinishedSpans();
  /** Spans by name, when all of the request have ended. */
  const untilNamed = async (name: string): Promise<ReadableSpan> => {
    for (;;) {
      const found = spans().find((span) => span.name === name);
      if (found !== undefined) return found;
      await new Promise(setImmediate);
    }
  };
  return { ...test, spans, untilNamed };
}

describe('a match', () => {
  const body = { query: refOf(CURRENT), targets: [refOf(PRIOR)], points: [{ id: 'a', lps: [1, 2, 3] }] };

  it('is a trace: the request, and in it the calls of the PACS, the series and the match', async () => {
    const { app, spans, untilNamed } = await tracedApp();
    await request(app).post(`${API}/matches`).set('Authorization', TOKEN).send(body).expect(202);
    await untilNamed('match');
    const root = await untilNamed('POST /matches');
    expect(root.parentSpanContext).toBeUndefined();
    expect(root.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/matches',
      'http.response.status_code': 202,
    });
    const names = new Set(spans().map(({ name }) => name));
    for (const name of ['PACS search-instances', 'PACS retrieve-series', 'match'])
      expect(names).toContain(name);
    for (const span of spans().filter((one) => one !== root)) {
      expect([span.name, span.spanContext().traceId]).toEqual([span.name, root.spanContext().traceId]);
      expect(span.parentSpanContext?.spanId).toBe(root.spanContext().spanId);
    }
  });

  it('holds no UID, no credentials and no text of the request', async () => {
    const { app, spans, untilNamed } = await tracedApp();
    await request(app).post(`${API}/matches`).set('Authorization', TOKEN).send(body);
    await untilNamed('match');
    await request(app).get(`${API}/priors?studyInstanceUid=1.2.3.4.5.6`).set('Authorization', TOKEN);
    await request(app).get('/samepoint/Muster%5EMax/1.2.840.99.1');
    await untilNamed('GET other');
    const texts = spans().map(({ name, attributes, status, events, links }) =>
      JSON.stringify({ name, attributes, status, events, links }),
    );
    for (const text of texts) {
      expect(text).not.toMatch(/\d(?:\.\d+){3}|Muster|token|Bearer/u);
      for (const uid of [CURRENT.seriesInstanceUid, PRIOR.seriesInstanceUid]) expect(text).not.toContain(uid);
    }
    const keys = new Set(spans().flatMap(({ attributes }) => Object.keys(attributes)));
    expect([...keys].sort()).toEqual([
      'http.request.method',
      'http.response.status_code',
      'http.route',
      'samepoint.operation',
      'samepoint.source',
      'samepoint.stage',
    ]);
  });
});

it('two requests at a time have each their own spans', async () => {
  const { app, spans, untilNamed } = await tracedApp();
  await Promise.all(
    [CURRENT, PRIOR].map((series) => request(app).post(`${API}/series-embeddings`).send(refOf(series))),
  );
  await untilNamed('POST /series-embeddings');
  for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
  const roots = spans().filter(({ name }) => name === 'POST /series-embeddings');
  expect(roots).toHaveLength(2);
  for (const root of roots) {
    const own = spans().filter(
      ({ parentSpanContext }) => parentSpanContext?.spanId === root.spanContext().spanId,
    );
    expect(own.filter(({ name }) => name === 'PACS retrieve-series')).toHaveLength(1);
  }
});

describe('the exporter', () => {
  it('sends spans as OTLP with JSON to the address of the configuration, the last ones when it is closed', async () => {
    const received: unknown[] = [];
    const receiver = createServer((req, res) => {
      void json(req).then((body) => {
        received.push({ path: req.url, body });
        res.end('{}');
      });
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const endpoint = `http://127.0.0.1:${portOf(receiver)}/v1/traces`;
    const { metrics, close } = await openTracing(createMetrics(), {
      endpoint,
      sampleRatio: 1,
      version: '1.2.3',
    });
    metrics.stage('embed', 1.5);
    metrics.pacs('pacs', 'store', 0.1, 'dicomweb/timeout');
    await close();
    receiver.close();
    expect(received).toMatchObject([{ path: '/v1/traces' }]);
    const text = JSON.stringify(received);
    for (const part of ['"embed"', 'PACS store', 'dicomweb/timeout', '1.2.3']) expect(text).toContain(part);
  });

  it('that reaches no receiver ends all the same, and the metrics are as before', async () => {
    const plain = createMetrics();
    const { metrics, close } = await openTracing(plain, {
      endpoint: 'http://127.0.0.1:9/v1/traces',
      sampleRatio: 1,
      version: '1.2.3',
    });
    metrics.stage('embed', 1.5);
    await close();
    expect((await plain.expose()).text).toContain('samepoint_stage_duration_seconds_count{stage="embed"} 1');
  });
});
