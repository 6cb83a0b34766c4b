import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { runCli } from '../program.ts';

/** All models of the repository are hashed; on a busy machine that is slow. */
jest.setTimeout(30_000);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samepoint-cli-models-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function run(
  args: readonly string[],
  directory?: string,
): Promise<{ status: number; out: string; err: string }> {
  const text = { out: '', err: '' };
  const status = await runCli(['models', ...args], {
    stdout: { write: (chunk) => (text.out += chunk) },
    stderr: { write: (chunk) => (text.err += chunk) },
    env: directory === undefined ? {} : { SAMEPOINT_MODELS_DIRECTORY: directory },
    signal: new AbortController().signal,
  });
  return { status, ...text };
}

describe('samepoint models list', () => {
  it('prints the installed models, one of them the default', async () => {
    const { status, out } = await run(['list']);
    expect(status).toBe(0);
    const { models } = JSON.parse(out) as {
      models: { id: string; default: boolean; modalities: string[] }[];
    };
    expect(models).toContainEqual(
      expect.objectContaining({ id: 'mind-ssc', kind: 'descriptor', modalities: ['CT', 'MR'] }),
    );
    expect(models.map((model) => model.default)).toEqual(models.map((_, index) => index === 0));
  });

  it('says why a model cannot be used', async () => {
    const models = join(folder, 'broken');
    await mkdir(join(models, 'toy'), { recursive: true });
    await writeFile(join(models, 'toy/model.json'), '{}');
    const { status, out } = await run(['list'], models);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ models: [], failures: [{ code: 'embedding/model-invalid' }] });
  });
});

describe('samepoint models import', () => {
  it.each(['../../etc', 'Sam', '', '.hidden'])('does not accept "%s" as a name', async (name) => {
    const { status, err } = await run(['import', 'SAM.pth', '--name', name], folder);
    expect(status).toBe(2);
    expect(err).toContain('lower case letters');
  });

  it('reports what is wrong with a file, what to do, and the code', async () => {
    const file = join(folder, 'SAM.pth');
    await writeFile(file, '<html>Log in</html>');
    const { status, out, err } = await run(['import', file], folder);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toBe(
      `error: ${file} is no checkpoint of a network: it is a web page; the download requires a login or a confirmation\n` +
        'Give the .pth file of SAM, UAE-S or UAE-M as its authors publish it.\n[models/not-a-checkpoint]\n',
    );
  });
});
