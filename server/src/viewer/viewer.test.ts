import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import type { Express } from 'express';
import request from 'supertest';
import { serveViewer } from './index.ts';
import { errorLike } from '../errors/testing/like.ts';

const APP_CONFIG = 'window.config = { name: "ours" };';

let dist: string;
beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), 'samepoint-viewer-'));
  await mkdir(join(dist, 'assets'));
  await writeFile(join(dist, 'index.html'), '<!doctype html><title>viewer</title>');
  await writeFile(join(dist, 'app-config.js'), 'window.config = { name: "theirs" };');
  await writeFile(join(dist, 'app.bundle.0f6159c501addfe9.js'), 'bundle');
  await writeFile(join(dist, '0ddf166f7a343eda.wasm'), 'wasm');
  await writeFile(join(dist, 'assets', 'logo.svg'), '<svg/>');
});
afterAll(() => rm(dist, { recursive: true }));

function viewer(): Express {
  return express().use(serveViewer({ distDirectory: dist, appConfig: APP_CONFIG }));
}

describe('serveViewer', () => {
  it.each(['/', '/viewer?StudyInstanceUIDs=1.2.3', '/segmentation', '/viewer/dicomweb'])(
    'answers the route %s with the page',
    async (path) => {
      const answer = await request(viewer()).get(path).expect(200);
      expect(answer.text).toContain('<title>viewer</title>');
      expect(answer.headers['cache-control']).toBe('no-cache');
    },
  );

  it('puts our app-config in the place of the packaged one', async () => {
    const answer = await request(viewer()).get('/app-config.js').expect(200);
    expect(answer.text).toBe(APP_CONFIG);
    expect(answer.headers['content-type']).toMatch(/^text\/javascript/);
    expect(answer.headers['cache-control']).toBe('no-cache');
  });

  it.each(['/app.bundle.0f6159c501addfe9.js', '/0ddf166f7a343eda.wasm'])(
    'lets browsers keep %s',
    async (path) => {
      const answer = await request(viewer()).get(path).expect(200);
      expect(answer.headers['cache-control']).toContain('immutable');
    },
  );

  it('lets browsers revalidate files without a hash in their name', async () => {
    const answer = await request(viewer()).get('/assets/logo.svg').expect(200);
    expect(answer.headers['cache-control']).toBe('no-cache');
  });

  it.each(['/missing.js', '/assets/missing.svg', '/../secret.txt', '/%2e%2e/secret.txt'])(
    'has a real 404 for %s',
    async (path) => {
      expect((await request(viewer()).get(path)).status).toBe(404);
    },
  );

  it('names a folder without a viewer', () => {
    expect(() => serveViewer({ distDirectory: join(dist, 'assets'), appConfig: '' })).toThrow(
      errorLike({ code: 'viewer/not-installed' }),
    );
  });
});
