import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { portOf } from '../../concurrency/testing/portOf.ts';
import { runCli } from '../program.ts';
import type { Check } from '../../doctor/check.ts';

/** A real inference process starts here; on a busy machine that is slow. */
jest.setTimeout(120_000);

let folder: string;
let pacs: Server;
let status = 200;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samepoint-doctor-'));
  pacs = createServer((_req, res) => res.writeHead(status).end('[]')).listen(0, '127.0.0.1');
  await new Promise((resolve) => pacs.once('listening', resolve));
});
afterAll(async () => {
  pacs.closeAllConnections();
  await new Promise((resolve) => pacs.close(resolve));
  await rm(folder, { recursive: true });
});

async function doctor(
  settings: object,
  ...args: string[]
): Promise<{ readonly rc: number; readonly out: string }> {
  const file = join(folder, 'server.json');
  const base = {
    embedding: { cacheDirectory: join(folder, 'cache'), cacheMaxBytes: 1_000_000, providers: ['cpu'] },
    audit: { file: join(folder, 'audit.log') },
    models: { default: 'mind-ssc' },
  };
  await writeFile(file, JSON.stringify({ ...base, ...settings }));
  let out = '';
  const rc = await runCli(['doctor', '--config', file, ...args], {
    stdout: { write: (text) => (out += text) },
    stderr: { write: () => undefined },
    env: {},
    signal: new AbortController().signal,
  });
  return { rc, out };
}

function checksIn(out: string): Readonly<Record<string, Check>> {
  const { checks } = JSON.parse(out) as { checks: Check[] };
  return Object.fromEntries(checks.map((check) => [check.name, check]));
}

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function root(port = portOf(pacs)): string {
  return `http://127.0.0.1:${port}/dicom-web`;
}

describe('samepoint doctor', () => {
  it('says what runs and how fast, and changes nothing', async () => {
    const { rc, out } = await doctor({ dicomweb: { root: root() } });
    expect(rc).toBe(0);
    expect(out).toMatch(/^ok +execution provider: cpu runs the models$/m);
    expect(out).toMatch(/^ok +embedding: a chest of 360 x 260 x 300 mm is embedded in \d+\.\d s on cpu$/m);
    expect(out).toMatch(/^ok +PACS default: answers searches$/m);
    expect(out).toMatch(/^ok +cache folder: .*is made at the start$/m);
    expect([existsSync(join(folder, 'cache')), existsSync(join(folder, 'audit.log'))]).toEqual([
      false,
      false,
    ]);
  });

  it('fails for a PACS that does not answer, and names it; the others are looked at all the same', async () => {
    const sources = {
      main: { root: root(), authorization: 'Basic c2VjcmV0' },
      archive: { root: root(await closedPort()) },
    };
    status = 401;
    const { rc, out } = await doctor({ sources }, '--json', '--no-embed');
    status = 200;
    const checks = checksIn(out);
    expect(rc).toBe(1);
    expect(checks['PACS main']?.status).toBe('ok');
    expect(checks['PACS main']?.message).toContain('requires a login');
    expect(checks['PACS archive']).toMatchObject({
      status: 'failed',
      message: 'does not answer: ECONNREFUSED',
    });
    expect(checks['execution provider']?.status).toBe('ok');
    expect(checks['embedding']).toBeUndefined();
    expect(out).not.toContain('c2VjcmV0');
  });

  it('warns of a PACS that answers something else than searches', async () => {
    status = 404;
    const { rc, out } = await doctor({ dicomweb: { root: root() } }, '--json', '--no-embed');
    status = 200;
    expect([rc, checksIn(out)['PACS default']]).toMatchObject([0, { status: 'warning' }]);
  });

  it('finds what is wrong with the configuration, folders and models', async () => {
    const invalid = await doctor({ dicomweb: { rot: 1 } }, '--json');
    expect(invalid.rc).toBe(1);
    expect(checksIn(invalid.out)['configuration']).toMatchObject({ status: 'failed' });
    expect(invalid.out).toContain('dicomweb.rot: unknown key');
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    const broken = {
      dicomweb: { root: root() },
      embedding: { cacheDirectory: join(file, 'cache') },
      models: { default: 'none-such' },
    };
    const { rc, out } = await doctor(broken, '--json', '--no-embed');
    expect(rc).toBe(1);
    const checks = checksIn(out);
    expect(checks['cache folder']).toMatchObject({ status: 'failed' });
    expect(checks['models']).toMatchObject({ status: 'failed' });
  });

  it('fails where Redis or the bucket does not answer, and says so without the password', async () => {
    const queue = {
      ...{ redis: `redis://127.0.0.1:${await closedPort()}`, key: 'a secret of thirty-two characters' },
      password: 'c2VjcmV0',
    };
    const endpoint = `http://127.0.0.1:${await closedPort()}`;
    const access = { accessKeyId: 'id', secretAccessKey: 'c2VjcmV0' };
    const store = { type: 's3', bucket: 'embeddings', endpoint, forcePathStyle: true, ...access };
    const { rc, out } = await doctor({ dicomweb: { root: root() }, queue, store }, '--json', '--no-embed');
    expect(rc).toBe(1);
    const checks = checksIn(out);
    for (const name of ['queue', 'store']) {
      expect(checks[name]?.status).toBe('failed');
      expect(checks[name]?.message).toContain('ECONNREFUSED');
    }
    expect(out).not.toContain('c2VjcmV0');
  });

  it('warns of a cache that is larger than the disk', async () => {
    const embedding = { cacheDirectory: join(folder, 'cache'), cacheMaxBytes: 2 ** 52 };
    const { out } = await doctor({ dicomweb: { root: root() }, embedding }, '--json', '--no-embed');
    expect(checksIn(out)['cache folder']).toMatchObject({ status: 'warning' });
  });
});
