/** Samepoint behind Debian's nginx with the snippet of the README: whom the rate limit counts, and which host a request is for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SNIPPET, startNginx } from '../support/nginx.ts';
import type { Nginx } from '../support/nginx.ts';
import { ROOT } from '../support/paths.ts';
import { sendRaw } from '../support/rawHttp.ts';
import { describeWith } from '../support/requirements.ts';
import { startSamepoint } from '../support/samepointServer.ts';
import type { SamepointServer } from '../support/samepointServer.ts';

const REQUESTS_PER_MINUTE = 20;
/** It receives no request here. */
const NO_PACS = 'http://127.0.0.1:9/dicom-web';

test('the README quotes the snippet', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const [, indent = '', quoted = ''] = /^( *)```nginx\n([\s\S]*?)^ *```/m.exec(readme) ?? [];
  expect(quoted.replaceAll(new RegExp(`^${indent}`, 'gm'), '')).toBe(SNIPPET);
});

describeWith(['nginx'], 'behind nginx', () => {
  let server: SamepointServer;
  let nginx: Nginx;

  beforeEach(async () => {
    server = await startSamepoint({
      dicomweb: { root: NO_PACS },
      http: {
        port: 0,
        requestsPerMinute: REQUESTS_PER_MINUTE,
        trustProxyHops: 1,
        allowedHosts: ['viewer.example'],
      },
    });
    nginx = await startNginx(server.url, SNIPPET);
  });
  afterEach(async () => {
    await nginx.stop();
    await server.stop();
  });

  async function health(headers: readonly string[]): Promise<number> {
    const request = { method: 'GET', target: '/samepoint/api/health', headers, body: '' };
    return (await sendRaw(nginx.port, request)).status;
  }

  test.each([
    ['X-Forwarded-For', (n: number) => [`X-Forwarded-For: 10.0.0.${n}`]],
    ['a list in it', (n: number) => [`X-Forwarded-For: 10.0.0.${n}, 10.0.1.${n}`]],
    ['two of it', (n: number) => [`X-Forwarded-For: 10.0.0.${n}`, `X-Forwarded-For: 10.0.1.${n}`]],
    [
      'other spellings of it',
      (n: number) => [`x_forwarded_for: 10.0.0.${n}`, `Forwarded: for=10.0.0.${n}`, `X-Real-IP: 10.0.0.${n}`],
    ],
    [
      'X-Forwarded-For that the Connection header removes',
      (n: number) => [`X-Forwarded-For: 10.0.0.${n}`, 'Connection: X-Forwarded-For'],
    ],
  ])('a client that changes %s is one client', async (_name, headersOf) => {
    const statuses: number[] = [];
    for (let n = 0; n < REQUESTS_PER_MINUTE + 5; n += 1) statuses.push(await health(headersOf(n)));
    expect(statuses.filter((status) => status === 200)).toHaveLength(REQUESTS_PER_MINUTE);
    expect(statuses.slice(-5)).toEqual([429, 429, 429, 429, 429]);
  });

  test('a host is known by its Host header only', async () => {
    const status = async (host: string, headers: readonly string[]): Promise<number> => {
      const socket = { method: 'GET', target: '/samepoint/api/health', headers, body: '' };
      return (await sendRaw(nginx.port, { ...socket, host })).status;
    };
    expect(await status('viewer.example', [])).toBe(200);
    expect(await status('evil.example', [])).toBe(421);
    for (const vouching of [
      'X-Forwarded-Host',
      'X-Host',
      'Forwarded: host=viewer.example; x',
      'X-Forwarded-Server',
      'X-Original-Host',
    ])
      expect(await status('evil.example', [`${vouching}: viewer.example`])).toBe(421);
    expect(await status('viewer.example', ['Host: evil.example'])).toBe(400);
    expect(await status('evil.example', ['Host: viewer.example'])).toBe(400);
  });
});
