import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createPacs } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { jest } from '@jest/globals';
import { pino } from 'pino';
import { createArchive } from '../archive/index.ts';
import { loadConfig } from '../config/index.ts';
import type { Config, RawConfig } from '../config/index.ts';
import { createPhantom, writeSeries } from '../phantom/index.ts';
import { startServer } from './startServer.ts';
import type { RunningSamepoint } from './startServer.ts';
import { parseSamples } from '../metrics/testing/samples.ts';
import { portOf } from '../concurrency/testing/portOf.ts';

const logger = pino({ level: 'silent' }, new Writable());

/** Real processes and threads start here; on a busy machine that is slow. */
jest.setTimeout(60_000);

let folder: string;
let running: RunningSamepoint | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samepoint-server-'));
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  await rm(folder, { recursive: true });
});

async function config(overrides: RawConfig = {}): Promise<Config> {
  return await loadConfig({
    overrides: {
      http: { port: 0, shutdownTimeoutMs: 1_000 },
      archive: { directory: join(folder, 'archive') },
      embedding: { cacheDirectory: join(folder, 'embeddings') },
      audit: { file: join(folder, 'audit.log') },
      ...overrides,
    },
  });
}

async function get(path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${running?.url ?? ''}${path}`);
  return { status: response.status, body: await response.json() };
}

describe('startServer', () => {
  it('answers with the real modules behind it, and stops', async () => {
    running = await startServer(await config(), { logger });
    expect(await get('/samepoint/api/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await get('/dicom-web/studies')).toEqual({ status: 200, body: [] });
    const { url } = running;
    await running.close();
    running = undefined;
    await expect(fetch(url)).rejects.toThrow();
  });

  it('stops while it is still opening the model, without an error', async () => {
    const errors: string[] = [];
    const watched = pino(
      { level: 'warn' },
      new Writable({
        write(line: Buffer, _encoding, done) {
          errors.push(line.toString());
          done();
        },
      }),
    );
    const starting = await startServer(await config(), { logger: watched });
    await starting.close();
    expect(errors).toEqual([]);
  });

  it('says at the start and in /health what is not safe, without the credentials', async () => {
    const lines: string[] = [];
    const keep = new Writable({
      write(line: Buffer, _encoding, done) {
        lines.push(line.toString());
        done();
      },
    });
    const watched = pino({ level: 'warn' }, keep);
    const dicomweb = { root: 'http://pacs.invalid/dicom-web', authorization: 'Basic c2VjcmV0' };
    running = await startServer(await config({ dicomweb, archive: {} }), { logger: watched });
    const codes = ['config/shared-authorization', 'config/plain-http-pacs'];
    const { body } = await get('/samepoint/api/health');
    expect(body).toMatchObject({ status: 'ok', warnings: codes.map((code) => ({ code })) });
    const log = lines.map((line) => (JSON.parse(line) as { code?: string }).code);
    expect(log.filter((code) => code?.startsWith('config/'))).toEqual(codes);
    expect(`${JSON.stringify(body)}${lines.join('')}`).not.toMatch(/c2VjcmV0|pacs\.invalid/);
  });

  it('queries its own archive for series', async () => {
    const phantom = createPhantom({ seed: 5, coarseness: 16 });
    const archive = await createArchive({ directory: join(folder, 'archive') });
    const [current, prior] = phantom.timePoints;
    for (const { volume, ...tags } of [current, prior]) {
      const { patientId, patientName } = phantom;
      const [first] = writeSeries(volume, { patientId, patientName, ...tags });
      await archive.store(first!);
    }
    running = await startServer(await config(), { logger });
    const refOf = ({ studyInstanceUid, seriesInstanceUid }: typeof current.volume): object => ({
      studyInstanceUid,
      seriesInstanceUid,
    });
    const post = async (body: object): Promise<{ status: number; body: unknown }> => {
      const response = await fetch(`${running?.url ?? ''}/samepoint/api/series-embeddings`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: response.status, body: await response.json() };
    };
    expect(await post(refOf(current.volume))).toMatchObject({
      status: 202,
      body: { kind: 'series-embedding' },
    });
    const elsewhere = { ...refOf(current.volume), studyInstanceUid: prior.volume.studyInstanceUid };
    expect(await post(elsewhere)).toMatchObject({
      status: 404,
      body: { error: { code: 'dicomweb/series-not-found' } },
    });
  });

  it('measures the stages of a series, on a port of its own, and says when it is ready', async () => {
    const phantom = createPhantom({ seed: 5, coarseness: 16 });
    const archive = await createArchive({ directory: join(folder, 'archive') });
    const { volume, ...tags } = phantom.timePoints[0];
    const { patientId, patientName } = phantom;
    // A patient of a quarter of the size is embedded in a second.
    const voxelToLps = volume.voxelToLps.map((value) => value / 4) as unknown as typeof volume.voxelToLps;
    const small = { ...volume, voxelToLps };
    for (const image of writeSeries(small, { patientId, patientName, ...tags })) await archive.store(image);
    const port = await freePort();
    const models = { default: 'mind-ssc' };
    running = await startServer(await config({ metrics: { port }, models }), { logger });
    const { studyInstanceUid, seriesInstanceUid } = volume;
    const api = `${running.url}/samepoint/api`;
    const started = await fetch(`${api}/series-embeddings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ studyInstanceUid, seriesInstanceUid }),
    });
    const { id } = (await started.json()) as { id: string };
    const events = await (await fetch(`${api}/jobs/${id}/events`)).text();
    expect(events).toContain('event: done');
    const scrape = async (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`);
    const samples = parseSamples(await (await scrape('/metrics')).text());
    const counted = samples
      .filter(({ name }) => name === 'samepoint_stage_duration_seconds_count')
      .map(({ labels, value }) => [labels['stage'], value]);
    expect(Object.fromEntries(counted)).toEqual({ fetch: 1, decode: 1, resample: 1, embed: 1 });
    const ready = await scrape('/health/ready');
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', reasons: [] }]);
    expect((await scrape('/health/live')).status).toBe(200);
    expect((await fetch(`${running.url}/samepoint/metrics`)).status).toBe(404);
    expect((await scrape('/samepoint/api/health')).status).toBe(404);
  });

  it('is not ready while its PACS does not answer, and lives', async () => {
    const dicomweb = { root: `http://127.0.0.1:${await freePort()}/dicom-web` };
    running = await startServer(await config({ dicomweb, archive: {} }), { logger });
    const { status, body } = await get('/samepoint/api/health/ready');
    expect(status).toBe(503);
    const { reasons } = body as { reasons: { code: string }[] };
    expect(reasons.map(({ code }) => code)).toContain('health/pacs-unreachable');
    expect(await get('/samepoint/api/health/live')).toEqual({ status: 200, body: { status: 'live' } });
  });

  it.each<[string, (root: string) => RawConfig, string]>([
    ['the PACS', (root) => ({ dicomweb: { root } }), '/dicom-web'],
    ['the first of several PACS', (root) => ({ sources: { main: { root }, old: { root } } }), '/dicom-web'],
    ['each of several PACS', (root) => ({ sources: { main: { root }, old: { root } } }), '/dicom-web/old'],
  ])('passes %s on to the viewer that it serves', async (_name, pacsOf, path) => {
    const pacs = createPacs((_req, res) => {
      res
        .setHeader('Content-Type', 'application/dicom+json')
        .end('[{"0020000D":{"vr":"UI","Value":["1.2.3"]}}]');
    }).listen(0, '127.0.0.1');
    await once(pacs, 'listening');
    const directory = join(folder, 'viewer');
    const appConfig = join(folder, 'app-config.js');
    await mkdir(directory);
    await Promise.all([
      writeFile(join(directory, 'index.html'), '<!doctype html>'),
      writeFile(appConfig, 'window.config = {};'),
    ]);
    const overrides = { viewer: { directory, appConfig }, archive: {} };
    const root = `http://127.0.0.1:${portOf(pacs)}/pacs`;
    running = await startServer(await config({ ...overrides, ...pacsOf(root) }), { logger });
    expect(await get(`${path}/studies`)).toEqual({
      status: 200,
      body: [{ '0020000D': { vr: 'UI', Value: ['1.2.3'] } }],
    });
    pacs.closeAllConnections();
    pacs.close();
  });

  it('gives its port back when it cannot start', async () => {
    const port = await freePort();
    const broken = await config({ http: { port }, models: { directory: join(folder, 'none') } });
    await expect(startServer(broken, { logger })).rejects.toMatchObject({
      code: 'embedding/models-unreadable',
    });
    running = await startServer(await config({ http: { port, shutdownTimeoutMs: 1_000 } }), { logger });
    expect(running.url).toBe(`http://127.0.0.1:${port}`);
  });

  it('does not start with a default model that is not installed', async () => {
    const wrong = await config({ models: { default: 'no-such-model' } });
    await expect(startServer(wrong, { logger })).rejects.toMatchObject({ code: 'embedding/unknown-model' });
  });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const port = portOf(probe);
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
