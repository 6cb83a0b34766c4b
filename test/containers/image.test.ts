/** What the image holds, made by its own scripts in a folder: it starts, answers, and its health check sees that. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { startBackground } from '../support/background.ts';
import { freePort } from '../support/orthanc.ts';
import { NODE, ROOT, temporaryFolder } from '../support/paths.ts';

// npm installs the dependencies of the server.
jest.setTimeout(180_000);

const run = promisify(execFile);
const ASSEMBLE = join(ROOT, 'config/container/assemble.sh');

let folder: string;
let target: string;
beforeAll(async () => {
  folder = temporaryFolder('image');
  target = join(folder, 'samepoint');
  await run('sh', [ASSEMBLE, ROOT, target]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function isHealthy(port: number): Promise<boolean> {
  const check = run(NODE, [join(target, 'config/container/healthcheck.mjs'), String(port)]);
  return await check.then(
    () => true,
    () => false,
  );
}

it('holds what runs, and nothing of the sources', async () => {
  for (const path of [
    'server/dist/cli/main.js',
    'extension/dist/samepoint.js',
    'models/samepoint-ct/model.json',
    // The units of systemd name it as their documentation.
    'docs/install.md',
  ])
    expect([path, existsSync(join(target, path))]).toEqual([path, true]);
  for (const path of ['server/src', 'test/run.ts', 'models/samepoint-ct/weights.pt', 'node_modules/jest'])
    expect([path, existsSync(join(target, path))]).toEqual([path, false]);
  expect(await readdir(join(target, 'models'))).not.toContain('training');
});

it('starts from there, and its health check sees it come and go', async () => {
  const [port, metrics] = [await freePort(), await freePort()];
  const config = join(folder, 'server.json');
  await mkdir(join(folder, 'state'));
  await writeFile(
    config,
    JSON.stringify({
      http: { port },
      dicomweb: { root: 'http://127.0.0.1:9/dicom-web' },
      metrics: { port: metrics },
      embedding: { cacheDirectory: join(folder, 'state/embeddings') },
      audit: { file: join(folder, 'state/audit.log') },
    }),
  );
  expect(await isHealthy(metrics)).toBe(false);
  const server = await startBackground({
    command: NODE,
    args: [join(target, 'server/dist/cli/main.js'), 'serve', '--config', config],
    env: { PATH: process.env['PATH'], HOME: folder },
    ready: /http:\/\/127\.0\.0\.1:\d+/,
  });
  try {
    expect(await isHealthy(metrics)).toBe(true);
    const models = await fetch(`http://127.0.0.1:${port}/samepoint/api/models`);
    expect(JSON.stringify(await models.json())).toContain('samepoint-ct');
    expect((await fetch(`http://127.0.0.1:${port}/samepoint/extension.js`)).status).toBe(200);
  } finally {
    await server.stop();
  }
  expect(await isHealthy(metrics)).toBe(false);
});

it('refuses a folder that is there, and a source that is not built', async () => {
  await expect(run('sh', [ASSEMBLE, ROOT, target])).rejects.toThrow('exists already');
  await expect(run('sh', [ASSEMBLE, folder, join(folder, 'other')])).rejects.toThrow('is not built');
});
