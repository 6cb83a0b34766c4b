import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import express from 'express';
import type { ErrorRequestHandler, Express } from 'express';
import request from 'supertest';
import { isSamepointError } from '../errors/index.ts';
import { proxyDicomweb } from './index.ts';
import type { ProxiedRoots } from './proxyDicomweb.ts';
import { portOf } from '../concurrency/testing/portOf.ts';

const STOW = 'multipart/related; type="application/dicom"; boundary=b';

function oneRoot(root: string): ProxiedRoots {
  return { qidoRoot: root, wadoRoot: root, stowRoot: root };
}

type Answer = (res: ServerResponse, req: IncomingMessage) => void;

let pacs: Server;
let origin: string;
let received: { method: string; url: string; headers: Record<string, unknown>; body: string }[];
let answer: Answer;
let app: Express;

const json: Answer = (res) => {
  res
    .writeHead(200, { 'content-type': 'application/dicom+json', 'x-internal': 'not for browsers' })
    .end('[]');
};
const of =
  (status: number, headers: Record<string, string>, body = '[]'): Answer =>
  (res) => {
    res.writeHead(status, headers).end(body);
  };

const showError: ErrorRequestHandler = (error, _req, res, next) => {
  if (isSamepointError(error)) res.status(error.status).json(error);
  else next(error);
};

beforeAll(async () => {
  pacs = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => (body += chunk.toString()));
    req.on('end', () => {
      received.push({ method: req.method ?? '', url: req.url ?? '', headers: req.headers, body });
      answer(res, req);
    });
  }).listen(0, '127.0.0.1');
  await once(pacs, 'listening');
  origin = `http://127.0.0.1:${portOf(pacs)}`;
  app = express()
    .use('/dicom-web', proxyDicomweb(oneRoot(`${origin}/pacs/dicom-web/`)))
    .use(showError);
});
beforeEach(() => {
  received = [];
  answer = json;
});
afterAll(() => new Promise((resolve) => pacs.close(resolve)));

describe('a request', () => {
  it('keeps path, query and credentials, and nothing that belongs to the browser', async () => {
    const response = await request(app)
      .get('/dicom-web/studies?PatientID=A%5EB')
      .set('Authorization', 'Bearer x')
      .set('Accept', 'application/dicom+json')
      .set('Cookie', 'session=1')
      .set('X-HTTP-Method-Override', 'DELETE')
      .expect(200);
    expect(response.headers['content-type']).toBe('application/dicom+json');
    expect(response.headers['x-internal']).toBeUndefined();
    expect(received).toMatchObject([
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
    expect(received[0]?.headers).not.toHaveProperty('cookie');
    expect(received[0]?.headers).not.toHaveProperty('x-http-method-override');
  });

  it('reaches a PACS whose root is that of its host, and WADO-URI at the root itself', async () => {
    const bare = express()
      .use('/dicom-web', proxyDicomweb(oneRoot(origin)))
      .use(showError);
    const uri = '?requestType=WADO&studyUID=1.2&seriesUID=1.3&objectUID=1.4';
    await request(bare).get('/dicom-web/studies').expect(200);
    await request(bare).get(`/dicom-web${uri}`).expect(200);
    await request(app).get(`/dicom-web${uri}`).expect(200);
    expect(received.map(({ url }) => url)).toEqual(['/studies', `/${uri}`, `/pacs/dicom-web${uri}`]);
  });

  it('carries a body, and its refusal comes back', async () => {
    answer = of(401, { 'content-type': 'application/json', 'www-authenticate': 'Bearer' }, '[]');
    const response = await request(app)
      .post('/dicom-web/studies/1.2')
      .set('Content-Type', STOW)
      .send('--b--')
      .expect(401);
    expect(response.text).toBe('[]');
    expect(response.headers['www-authenticate']).toBe('Bearer');
    expect(received).toMatchObject([{ method: 'POST', body: '--b--' }]);
  });

  it.each([
    ['delete', '/dicom-web/studies/1.2', 405, 'http/method-not-allowed'],
    ['put', '/dicom-web/studies', 405, 'http/method-not-allowed'],
    ['options', '/dicom-web/studies', 405, 'http/method-not-allowed'],
    ['post', '/dicom-web/studies/1.2/series', 405, 'http/method-not-allowed'],
    ['get', '/dicom-web/servers', 404, 'viewer/not-dicomweb'],
    ['get', '/dicom-web/studies/1.2?_method=DELETE', 404, 'viewer/not-dicomweb'],
  ] as const)('that is not DICOMweb ends here: %s %s', async (method, path, status, code) => {
    const response = await request(app)[method](path).set('Content-Type', STOW).expect(status);
    expect(response.body).toMatchObject({ code });
    expect(received).toEqual([]);
  });

  it.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['multipart/form-data; boundary=b', 415],
    ['text/plain; multipart/related', 415],
    ['multipart/relatedly', 415],
    ['application/dicom', 200],
    ['Multipart/Related;type=application/dicom;boundary=b', 200],
  ])('that stores %s is answered %d', async (type, status) => {
    const response = await request(app).post('/dicom-web/studies').set('Content-Type', type).send('x');
    expect(response.status).toBe(status);
    expect(received).toHaveLength(status === 200 ? 1 : 0);
  });

  it('that stores without saying what ends here', async () => {
    await request(app).post('/dicom-web/studies').expect(415);
    expect(received).toEqual([]);
  });
});

describe('the page that sends the request', () => {
  const HOST = 'viewer.example:8443';

  it.each([
    ['of the same origin', { 'Sec-Fetch-Site': 'same-origin' }, true, true],
    ['typed by the reader', { 'Sec-Fetch-Site': 'none' }, true, false],
    ['of a foreign site', { 'Sec-Fetch-Site': 'cross-site' }, false, false],
    ['of a sister host', { 'Sec-Fetch-Site': 'same-site' }, false, false],
    ['that says it twice', { 'Sec-Fetch-Site': 'same-origin, cross-site' }, false, false],
    ['of the origin', { Origin: `https://${HOST}` }, true, true],
    ['of another origin', { Origin: 'https://evil.example' }, false, false],
    ['of another port', { Origin: 'https://viewer.example' }, false, false],
    ['without an origin of its own', { Origin: 'null' }, false, false],
    ['of an origin that begins alike', { Origin: `https://${HOST}.evil.example` }, false, false],
    ['with a user in the origin', { Origin: `https://evil@${HOST}` }, false, false],
    ['of a file', { Origin: 'file://' }, false, false],
    ['that is no browser', {}, true, true],
  ])('%s', async (_name, headers, mayRead, mayStore) => {
    const read = await request(app).get('/dicom-web/studies').set('Host', HOST).set(headers);
    expect(read.status).toBe(mayRead ? 200 : 403);
    const stored = await request(app)
      .post('/dicom-web/studies')
      .set('Host', HOST)
      .set('Content-Type', STOW)
      .set(headers)
      .send('x');
    expect(stored.status).toBe(mayStore ? 200 : 403);
    expect(received).toHaveLength(Number(mayRead) + Number(mayStore));
  });

  it('is compared without the default port', async () => {
    const headers = { Host: 'viewer.example:443', Origin: 'https://viewer.example' };
    await request(app).get('/dicom-web/studies').set(headers).expect(200);
  });
});

describe('an answer', () => {
  it('is data, whatever is in it, errors included', async () => {
    for (const path of ['/dicom-web/studies', '/dicom-web/tools']) {
      const { headers } = await request(app).get(path);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; frame-ancestors 'self'; sandbox",
        'cross-origin-resource-policy': 'same-origin',
      });
    }
  });

  it.each([
    'application/dicom',
    'application/dicom+json',
    'application/json; charset=utf-8',
    'application/octet-stream',
    'application/pdf',
    'image/jpeg',
    'image/jp2',
    'image/x-jls',
    'video/mp4',
    'multipart/related; type="application/octet-stream"; boundary="a,b"; transfer-syntax=1.2.840.10008.1.2.1',
  ])('of type %s passes', async (type) => {
    answer = of(200, { 'content-type': type });
    const response = await request(app).get('/dicom-web/studies/1.2').buffer(true).expect(200);
    expect(response.headers['content-type']).toBe(type);
  });

  it.each([
    'text/html',
    'text/html; charset=utf-8',
    'TEXT/HTML',
    'text/plain',
    'text/javascript',
    'application/javascript',
    'application/xml',
    'application/dicom+xml',
    'application/xhtml+xml',
    'image/svg+xml',
    'multipart/x-mixed-replace; boundary=b',
    'message/rfc822',
    'application/json, text/html',
    'application/json; a="\\", text/html; b="',
    'application/json; a="b, text/html',
    'application/dicom text/html',
  ])('of type %s does not', async (type) => {
    answer = of(200, { 'content-type': type }, '<script>alert(1)</script>');
    const response = await request(app).get('/dicom-web/studies/1.2').expect(502);
    expect(response.body).toMatchObject({ code: 'dicomweb/not-multipart' });
    expect(response.text).not.toContain('alert');
  });

  it('that refuses with a page keeps its status, without the page', async () => {
    answer = of(403, { 'content-type': 'text/html' }, '<script>alert(1)</script>');
    const response = await request(app).get('/dicom-web/studies/1.2').expect(403);
    expect(response.text).toBe('');
  });

  it('without a type is bytes', async () => {
    answer = of(200, {}, '<script>');
    const response = await request(app).get('/dicom-web/studies/1.2').buffer(true).expect(200);
    expect(response.headers['content-type']).toBe('application/octet-stream');
  });

  it.each([
    ['/pacs/dicom-web/studies/1.2.3', '/dicom-web/studies/1.2.3'],
    ['ORIGIN/pacs/dicom-web/studies/1.2.3?includefield=all', '/dicom-web/studies/1.2.3?includefield=all'],
    ['/pacs/tools/reset', undefined],
    ['/pacs/dicom-web/../tools/reset', undefined],
    ['/pacs/dicom-web/..%2ftools/reset', undefined],
    ['/pacs/dicom-web/servers', undefined],
    ['http://login.example/', undefined],
    ['//login.example/pacs/dicom-web/studies', undefined],
    ['javascript:alert(1)', undefined],
  ])('that sends the browser to %s sends it to %s', async (location, rewritten) => {
    const headers = { location: location.replace('ORIGIN', origin), 'content-type': 'application/json' };
    answer = of(302, headers, '');
    const redirected = await request(app).get('/dicom-web/studies').redirects(0);
    expect(redirected.status).toBe(rewritten === undefined ? 502 : 302);
    expect(redirected.headers['location']).toBe(rewritten);
    answer = of(200, headers, '{}');
    const stored = await request(app).post('/dicom-web/studies').set('Content-Type', STOW).send('x');
    expect(stored.status).toBe(200);
    expect(stored.headers['location']).toBe(rewritten);
  });

  it('comes from the root of its service', async () => {
    const roots = { qidoRoot: `${origin}/q`, wadoRoot: `${origin}/w/rs/`, stowRoot: `${origin}/s` };
    const apart = express().use('/dicom-web', proxyDicomweb(roots)).use(showError);
    for (const path of ['/studies?limit=1', '/studies/1.2/series', '/studies/1.2/series/1.3/instances'])
      await request(apart).get(`/dicom-web${path}`).expect(200);
    for (const path of ['/studies/1.2', '/studies/1.2/series/1.3/metadata', '?requestType=WADO&studyUID=1.2'])
      await request(apart).get(`/dicom-web${path}`).expect(200);
    for (const path of ['/studies', '/studies/1.2'])
      await request(apart).post(`/dicom-web${path}`).set('Content-Type', STOW).send('x').expect(200);
    expect(received.map(({ url }) => url)).toEqual([
      ...['/q/studies?limit=1', '/q/studies/1.2/series', '/q/studies/1.2/series/1.3/instances'],
      ...[
        '/w/rs/studies/1.2',
        '/w/rs/studies/1.2/series/1.3/metadata',
        '/w/rs?requestType=WADO&studyUID=1.2',
      ],
      ...['/s/studies', '/s/studies/1.2'],
    ]);
  });

  it('is cut where the PACS cuts', async () => {
    answer = (res) => {
      res.writeHead(200, { 'content-type': 'application/dicom' });
      res.write('half');
      setImmediate(() => res.destroy());
    };
    await expect(request(app).get('/dicom-web/studies/1.2')).rejects.toThrow();
  });

  it('names a PACS that does not answer', async () => {
    const dead = express()
      .use(proxyDicomweb(oneRoot('http://127.0.0.1:9/dicom-web')))
      .use(showError);
    const response = await request(dead).get('/studies').expect(502);
    expect(response.body).toMatchObject({ code: 'dicomweb/unreachable' });
  });
});
