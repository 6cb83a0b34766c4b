import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import type { ErrorRequestHandler, Express } from 'express';
import request from 'supertest';
import { isSamepointError } from '../errors/index.ts';
import { proxyDicomweb, serveViewer } from './index.ts';

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

  it('lets browsers ask again for files without a hash in their name', async () => {
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
      expect.objectContaining({ code: 'viewer/not-installed' }) as Error,
    );
  });
});

describe('proxyDicomweb', () => {
  let pacs: Server;
  let asked: { method: string; url: string; headers: Record<string, unknown>; body: string }[];
  const answer: RequestListener = (req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => (body += chunk.toString()));
    req.on('end', () => {
      asked.push({ method: req.method ?? '', url: req.url ?? '', headers: req.headers, body });
      if (req.url?.includes('cut') === true) {
        res.write('half');
        setImmediate(() => res.destroy());
        return;
      }
      res.writeHead(req.url?.includes('secret') === true ? 401 : 200, {
        'content-type': 'application/dicom+json',
        'x-internal': 'not for browsers',
      });
      res.end('[]');
    });
  };
  let app: Express;

  const showError: ErrorRequestHandler = (error, _req, res, next) => {
    if (isSamepointError(error)) res.status(error.status).json(error);
    else next(error);
  };

  beforeAll(async () => {
    pacs = createServer(answer).listen(0, '127.0.0.1');
    await once(pacs, 'listening');
    const root = `http://127.0.0.1:${(pacs.address() as AddressInfo).port}/pacs/dicom-web/`;
    app = express().use('/dicom-web', proxyDicomweb(root)).use(showError);
  });
  beforeEach(() => {
    asked = [];
  });
  afterAll(() => new Promise((resolve) => pacs.close(resolve)));

  it('forwards path, query and credentials, and nothing that belongs to the browser', async () => {
    const response = await request(app)
      .get('/dicom-web/studies?PatientID=A%5EB')
      .set('Authorization', 'Bearer x')
      .set('Accept', 'application/dicom+json')
      .set('Cookie', 'session=1')
      .expect(200);
    expect(response.headers['content-type']).toBe('application/dicom+json');
    expect(response.headers['x-internal']).toBeUndefined();
    expect(asked).toMatchObject([
      {
        method: 'GET',
        url: '/pacs/dicom-web/studies?PatientID=A%5EB',
        headers: {
          authorization: 'Bearer x',
          accept: 'application/dicom+json',
          'accept-encoding': 'identity',
        },
      },
    ]);
    expect(asked[0]?.headers).not.toHaveProperty('cookie');
  });

  it('forwards a body and a refusal', async () => {
    const response = await request(app)
      .post('/dicom-web/studies/secret')
      .set('Content-Type', 'multipart/related; boundary=b')
      .send('--b--')
      .expect(401);
    expect(response.text).toBe('[]');
    expect(asked).toMatchObject([{ method: 'POST', body: '--b--' }]);
  });

  it.each([
    '/dicom-web/../instances',
    '/dicom-web/%2e%2e/%2e%2e/instances',
    '/dicom-web/studies/../../../system',
  ])('does not let %s out of the DICOMweb root', async (path) => {
    const port = await new Promise<Server>((resolve) => {
      const server = app.listen(0, '127.0.0.1', () => {
        resolve(server);
      });
    });
    const { request: raw } = await import('node:http');
    // Clients resolve dot segments before they send; an attacker does not.
    const status = await new Promise((resolve, reject) => {
      raw({ port: (port.address() as AddressInfo).port, path }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    port.close();
    expect(status).toBe(404);
    expect(asked).toEqual([]);
  });

  it('does not delete', async () => {
    await request(app).delete('/dicom-web/studies/1.2').expect(404);
    expect(asked).toEqual([]);
  });

  it('cuts its answer where the PACS cuts', async () => {
    await expect(request(app).get('/dicom-web/cut')).rejects.toThrow();
  });

  it('names a PACS that does not answer', async () => {
    const dead = express().use(proxyDicomweb('http://127.0.0.1:9/dicom-web')).use(showError);
    const response = await request(dead).get('/studies').expect(502);
    expect(response.body).toMatchObject({ code: 'dicomweb/unreachable' });
  });
});
