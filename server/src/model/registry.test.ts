import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModels } from './registry.ts';
import type { ModelRegistry } from './registry.ts';
import { manifestJson } from './testing/manifestJson.ts';
import { textLike } from '../errors/testing/like.ts';

const GRAPH = Buffer.from('not a real graph');
const SHA256 = createHash('sha256').update(GRAPH).digest('hex');

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samepoint-models-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

/** Installs a model folder; `manifest` may be any text. */
async function install(
  name: string,
  manifest: string | Record<string, unknown>,
  graph = GRAPH,
): Promise<void> {
  await mkdir(join(directory, name));
  await writeFile(join(directory, name, 'toy.onnx'), graph);
  const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
  await writeFile(join(directory, name, 'model.json'), text);
}

const sound = (id: string, changes = {}): ReturnType<typeof manifestJson> => {
  const json = manifestJson({ id, ...changes });
  for (const graph of json.graphs) graph['sha256'] = SHA256;
  return json;
};

function failureOf(registry: ModelRegistry, id: string): unknown {
  try {
    return registry.get(id);
  } catch (error) {
    return error;
  }
}

describe('loadModels', () => {
  it('loads sound models, the preferred one first, and skips folders that are no models', async () => {
    await install('toy', sound('toy'));
    await install('better', sound('better', { preference: 5 }));
    await mkdir(join(directory, 'training'));
    const registry = await loadModels(directory);
    expect(registry.models.map(({ id }) => id)).toEqual(['better', 'toy']);
    expect(registry.get().id).toBe('better');
    expect(registry.get('toy').modalities).toEqual(['CT']);
    expect(registry.failures).toEqual([]);
  });

  it('does not read a manifest that is none by its size', async () => {
    await install('vast', JSON.stringify({ ...sound('vast'), region: 'x'.repeat(2 * 1024 * 1024) }));
    const registry = await loadModels(directory);
    expect(registry.failures).toMatchObject([
      {
        code: 'embedding/model-unreadable',
        fields: { problem: textLike(/bytes, more than/u) },
      },
    ]);
  });

  it.each(['../toy.onnx', '/etc/passwd', 'sub/toy.onnx', '..\\toy.onnx', 'toy.onnx\0.txt'])(
    'refuses a file outside the folder of the model: %s',
    async (file) => {
      const json = sound('toy');
      json.graphs[0]!['file'] = file;
      await install('toy', json);
      const registry = await loadModels(directory);
      expect(registry.failures).toMatchObject([{ code: 'embedding/model-invalid' }]);
    },
  );

  it('names what is installed when another model is requested', async () => {
    await install('toy', sound('toy'));
    const registry = await loadModels(directory);
    expect(() => registry.get('sam')).toThrow(/"sam" is not installed; installed: toy/);
  });

  it('keeps the reason of a model that cannot be used, and the other models', async () => {
    await install('toy', sound('toy'));
    await install('damaged', sound('damaged'), Buffer.from('other bytes'));
    const registry = await loadModels(directory);
    expect(registry.models.map(({ id }) => id)).toEqual(['toy']);
    expect(registry.failures).toHaveLength(1);
    expect(failureOf(registry, 'damaged')).toMatchObject({
      code: 'embedding/model-corrupt',
      message: textLike('toy.onnx'),
    });
  });

  it.each([
    ['no JSON', '{"id":', 'embedding/model-unreadable', /model\.json/],
    ['a foreign JSON', '{"architectures": ["bert"]}', 'embedding/model-invalid', /manifestVersion/],
    [
      'a folder of another name',
      sound('other'),
      'embedding/model-invalid',
      /"other" but the folder is "broken"/,
    ],
    ['an unknown key', sound('broken', { speed: 3 }), 'embedding/model-invalid', /speed/],
    [
      'a file outside of its folder',
      { ...sound('broken'), graphs: [{ ...sound('broken').graphs[0], file: '../x.onnx' }] },
      'embedding/model-invalid',
      /graphs\[0\]\.file/,
    ],
    [
      'a missing file',
      { ...sound('broken'), graphs: [{ ...sound('broken').graphs[0], file: 'gone.onnx' }] },
      'embedding/model-unreadable',
      /gone\.onnx: ENOENT/,
    ],
  ])('says what is wrong with a model that has %s', async (_, manifest, code, message) => {
    await install('broken', manifest);
    const registry = await loadModels(directory);
    expect(registry.models).toEqual([]);
    const failure = failureOf(registry, 'broken');
    expect(failure).toMatchObject({ code, message: textLike(message) });
  });

  it('refuses a directory that does not exist', async () => {
    await expect(loadModels(join(directory, 'nowhere'))).rejects.toMatchObject({
      code: 'embedding/models-unreadable',
      fields: { problem: 'ENOENT' },
    });
  });
});
