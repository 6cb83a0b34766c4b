import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Router } from 'express';
import request from 'supertest';
import { createSamepoint } from '../application/index.ts';
import type { Samepoint } from '../application/index.ts';
import { CURRENT, fakePorts, refOf } from '../ports/testing/index.ts';
import { testApp } from './testing/testServer.ts';

const API = '/samepoint/api';

/** A Samepoint whose models call throws what the test wants. */
function throwing(error: unknown): Samepoint {
  const samepoint = createSamepoint(fakePorts([]), { version: '1', queueLimit: 1, memoMs: 0 });
  return Object.assign(samepoint, {
    models: () => {
      throw error;
    },
  });
}

describe('errors', () => {
  it.each([
    ['GET', '/samepoint/api/nothing'],
    ['GET', '/samepoint/nothing.js'],
    ['GET', '/samepoint'],
    ['GET', '/nothing'],
    ['POST', '/nothing'],
  ])('answer %s %s with 404 in JSON', async (method, path) => {
    const { app } = await testApp();
    const answer = await request(app)[method.toLowerCase() as 'get'](path).expect(404);
    expect(answer.body).toMatchObject({ error: { code: 'http/not-found', fields: { method, path } } });
  });

  it('answer 405 with the allowed methods', async () => {
    const { app } = await testApp();
    const answer = await request(app).put(`${API}/matches`).expect(405);
    expect(answer.headers['allow']).toBe('POST');
    expect(answer.body).toMatchObject({
      error: { code: 'http/method-not-allowed', fields: { allowed: ['POST'] } },
    });
  });

  it.each([
    ['broken JSON', 'application/json', '{"query": ', 400, 'http/invalid-json'],
    ['a form', 'application/x-www-form-urlencoded', 'a=b', 415, 'http/unsupported-media-type'],
    [
      'plain text, which browsers send without a preflight',
      'text/plain',
      '{}',
      415,
      'http/unsupported-media-type',
    ],
    [
      'another character set',
      'application/json; charset=iso-8859-1',
      '{}',
      415,
      'http/unsupported-media-type',
    ],
    ['a list', 'application/json', '[]', 400, 'http/invalid-request'],
  ])('refuse %s', async (_name, type, body, status, code) => {
    const { app } = await testApp();
    const answer = await request(app).post(`${API}/matches`).set('Content-Type', type).send(body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ error: { code } });
  });

  it('refuse a POST without a body', async () => {
    const { app } = await testApp();
    const answer = await request(app).post(`${API}/matches`).expect(415);
    expect(answer.body).toMatchObject({ error: { code: 'http/unsupported-media-type' } });
  });

  it('refuse a body above the limit', async () => {
    const { app } = await testApp({ http: { bodyLimitBytes: 100 } });
    const body = { ...refOf(CURRENT), model: 'm'.repeat(200) };
    const answer = await request(app).post(`${API}/series-embeddings`).send(body).expect(413);
    expect(answer.body).toMatchObject({
      error: { code: 'http/body-too-large', fields: { limitBytes: 100 } },
    });
  });

  it('refuse a path that is no URL', async () => {
    const { app } = await testApp();
    const answer = await request(app).get(`${API}/jobs/%E0%A4%A`).expect(400);
    expect(answer.body).toMatchObject({ error: { code: 'http/invalid-request' } });
  });

  it('hide faults of ours: the client gets a correlation id, the log the details', async () => {
    const { app, log } = await testApp({}, { samepoint: throwing(new TypeError('secret detail')) });
    const answer = await request(app).get(`${API}/models`).set('X-Request-Id', 'abc-1').expect(500);
    expect(answer.body).toMatchObject({
      error: { code: 'http/internal', fields: { correlationId: 'abc-1' } },
    });
    expect(JSON.stringify(answer.body)).not.toContain('secret');
    const logged = log.filter(({ correlationId }) => correlationId === 'abc-1');
    expect(logged).toMatchObject([{ err: { type: 'TypeError', message: 'secret detail' } }]);
  });

  it.each([undefined, null, 'text', 7])('survive a thrown %p', async (thrown) => {
    const { app } = await testApp({}, { samepoint: throwing(thrown ?? new Error('x')) });
    const answer = await request(app).get(`${API}/models`).expect(500);
    expect(answer.body).toMatchObject({ error: { code: 'http/internal' } });
  });
});

describe('hosts', () => {
  it('answers for the names of this machine, whatever the port', async () => {
    const { app } = await testApp();
    for (const host of ['localhost', 'LOCALHOST:8480', '127.0.0.1:1', '[::1]:8480']) {
      await request(app).get(`${API}/health`).set('Host', host).expect(200);
    }
  });

  it.each(['evil.example', 'localhost.evil.example', '10.1.2.3', 'evil.example:8480'])(
    'refuses %s, which may be a page that pretends to be local',
    async (host) => {
      const { app } = await testApp();
      const answer = await request(app).get(`${API}/health`).set('Host', host).expect(421);
      expect(answer.body).toMatchObject({ error: { code: 'http/unknown-host' } });
    },
  );

  it('answers for the configured reverse proxy', async () => {
    const { app } = await testApp({ http: { allowedHosts: ['Viewer.hospital.example'] } });
    await request(app).get(`${API}/health`).set('Host', 'viewer.hospital.example').expect(200);
    await request(app).get(`${API}/health`).set('Host', 'evil.example').expect(421);
  });

  it('answers for every name when it listens to the network', async () => {
    const { app } = await testApp({ http: { host: '0.0.0.0' } });
    await request(app).get(`${API}/health`).set('Host', 'samepoint.hospital.example').expect(200);
  });
});

describe('shutdown', () => {
  it('refuses new work and still reports jobs', async () => {
    const { app, shutdown } = await testApp();
    const job = await request(app).post(`${API}/series-embeddings`).send(refOf(CURRENT)).expect(202);
    shutdown.abort();
    const answer = await request(app).post(`${API}/series-embeddings`).send(refOf(CURRENT)).expect(503);
    expect(answer.body).toMatchObject({ error: { code: 'http/shutting-down' } });
    await request(app).get(String(job.headers['location'])).expect(200);
  });
});

describe('limits', () => {
  it('refuse an address that sends too many requests, with Retry-After', async () => {
    const { app } = await testApp({ http: { requestsPerMinute: 2 } });
    await request(app).get(`${API}/health`).expect(200);
    await request(app).get(`${API}/health`).expect(200);
    const answer = await request(app).get(`${API}/health`).expect(429);
    expect(answer.body).toMatchObject({ error: { code: 'http/too-many-requests' } });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('count the workstations behind a trusted proxy one by one', async () => {
    const { app } = await testApp({ http: { requestsPerMinute: 1, trustProxyHops: 1 } });
    for (const address of ['10.0.0.1', '10.0.0.2']) {
      await request(app).get(`${API}/health`).set('X-Forwarded-For', address).expect(200);
      await request(app).get(`${API}/health`).set('X-Forwarded-For', address).expect(429);
    }
  });

  it('do not believe addresses that no trusted proxy vouches for', async () => {
    const { app } = await testApp({ http: { requestsPerMinute: 1 } });
    await request(app).get(`${API}/health`).set('X-Forwarded-For', '10.0.0.1').expect(200);
    await request(app).get(`${API}/health`).set('X-Forwarded-For', '10.0.0.2').expect(429);
  });
});

describe('health', () => {
  it('reports what is not safe in the configuration', async () => {
    const warnings = [{ code: 'config/plain-http-pacs', message: 'can be read on the way' }] as const;
    const { app } = await testApp({}, { warnings });
    expect((await request(app).get(`${API}/health`).expect(200)).body).toMatchObject({
      status: 'ok',
      warnings,
    });
  });
});

describe('headers', () => {
  it('keep answers from being framed, sniffed or run', async () => {
    const { app } = await testApp();
    const { headers } = await request(app).get(`${API}/health`);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-powered-by']).toBeUndefined();
  });

  it('let no other origin in by default', async () => {
    const { app } = await testApp();
    const answer = await request(app).get(`${API}/health`).set('Origin', 'https://elsewhere.example');
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('let the configured origins in, with their credentials header', async () => {
    const origin = 'https://viewer.hospital.example';
    const { app } = await testApp({ http: { allowedOrigins: [origin] } });
    const preflight = await request(app)
      .options(`${API}/matches`)
      .set('Origin', origin)
      .set('Access-Control-Request-Method', 'POST')
      .set('Access-Control-Request-Headers', 'authorization,content-type')
      .expect(204);
    expect(preflight.headers['access-control-allow-origin']).toBe(origin);
    expect(preflight.headers['access-control-allow-headers']?.toLowerCase()).toContain('authorization');
    const other = await request(app).get(`${API}/health`).set('Origin', 'https://elsewhere.example');
    expect(other.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('isolate the page when configured', async () => {
    const isolated = await testApp({ http: { crossOriginIsolation: true } });
    const { headers } = await request(isolated.app).get('/nothing');
    expect(headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(headers['cross-origin-embedder-policy']).toBe('require-corp');
    const plain = await testApp();
    const without = await request(plain.app).get('/nothing');
    expect(without.headers['cross-origin-embedder-policy']).toBeUndefined();
  });

  it('carry a request id: the given one when it is harmless', async () => {
    const { app } = await testApp();
    const own = await request(app).get(`${API}/health`);
    expect(own.headers['x-request-id']).toMatch(/^[\da-f-]{36}$/);
    const given = await request(app).get(`${API}/health`).set('X-Request-Id', 'proxy-7');
    expect(given.headers['x-request-id']).toBe('proxy-7');
    const bad = await request(app).get(`${API}/health`).set('X-Request-Id', 'a b"c');
    expect(bad.headers['x-request-id']).toMatch(/^[\da-f-]{36}$/);
  });
});

describe('extension.js', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'samepoint-'));
    await writeFile(join(folder, 'samepoint.js'), 'export default { id: "x" };\n');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is a module that browsers revalidate', async () => {
    const { app } = await testApp({ extension: { file: join(folder, 'samepoint.js') } });
    const first = await request(app).get('/samepoint/extension.js').expect(200);
    expect(first.headers['content-type']).toMatch(/^text\/javascript/);
    expect(first.headers['cache-control']).toBe('no-cache');
    expect(first.text).toContain('export default');
    const etag = String(first.headers['etag']);
    await request(app).get('/samepoint/extension.js').set('If-None-Match', etag).expect(304);
  });

  it('is a real 404 in JSON when it is not built', async () => {
    const { app } = await testApp({ extension: { file: join(folder, 'missing.js') } });
    const answer = await request(app).get('/samepoint/extension.js').expect(404);
    expect(answer.body).toMatchObject({ error: { code: 'http/extension-not-built' } });
  });
});

describe('mounts', () => {
  it('come after the API, and what they do not know does not reach the next one', async () => {
    const archive = Router().get('/known', (_req, res) => void res.send('archive'));
    const viewer = Router().get('/{*path}', (_req, res) => void res.send('page'));
    const { app } = await testApp(
      {},
      {
        mounts: [
          { path: '/dicom-web', router: archive },
          { path: '/', router: viewer },
        ],
      },
    );
    expect((await request(app).get('/dicom-web/known')).text).toBe('archive');
    expect((await request(app).get('/dicom-web/unknown')).status).toBe(404);
    expect((await request(app).get('/samepoint/unknown')).status).toBe(404);
    expect((await request(app).get('/viewer')).text).toBe('page');
  });
});

describe('log', () => {
  it('has one line per request, without query, headers or UIDs', async () => {
    const { app, log } = await testApp();
    await request(app)
      .get(`/dicom-web/studies/${CURRENT.studyInstanceUid}/series/2.25.123`)
      .query({ PatientName: 'Doe^Jane' })
      .set('Authorization', 'Bearer secret-token');
    const lines = log.filter(({ msg }) => msg === 'request completed');
    expect(lines).toMatchObject([{ method: 'GET', status: 404 }]);
    expect(lines[0]?.['path']).toMatch(/^\/dicom-web\/studies\/uid:[\w-]{11}\/series\/uid:[\w-]{11}$/);
    expect(Object.keys(lines[0] ?? {}).sort()).toEqual([
      'level',
      'method',
      'msg',
      'path',
      'reqId',
      'responseTime',
      'status',
      'time',
    ]);
    const text = JSON.stringify(log);
    for (const secret of ['Doe', 'secret-token', CURRENT.studyInstanceUid, '2.25.123']) {
      expect(text).not.toContain(secret);
    }
  });

  it('writes each field once', async () => {
    const { app, rawLog } = await testApp();
    await request(app).post(`${API}/series-embeddings`).send(refOf(CURRENT)).expect(202);
    const line = rawLog.find((text) => text.includes('request completed')) ?? '';
    expect(line.match(/"(method|path|status)":/g)).toHaveLength(3);
  });

  it('gives a UID the same hash each time, so that lines can be joined', async () => {
    const { app, log } = await testApp();
    for (let time = 0; time < 2; time += 1) await request(app).get('/x/1.2.840.113619.2.1');
    const paths = log.filter(({ msg }) => msg === 'request completed').map(({ path }) => path);
    expect(paths[0]).toBe(paths[1]);
  });

  it('redacts UIDs in messages, stacks and causes of errors', async () => {
    const error = new Error('no 1.2.840.113619.2.1', { cause: new Error('for 2.25.42') });
    const { app, log } = await testApp({}, { samepoint: throwing(error) });
    await request(app).get(`${API}/models`).expect(500);
    const text = JSON.stringify(log);
    expect(text).toContain('no uid:');
    expect(text).toContain('for uid:');
    expect(text).not.toMatch(/1\.2\.840\.113619|2\.25\.42/);
  });
});
