import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { createEmbeddingCache } from '../embeddingCache/index.ts';
import type { EmbeddingCache } from '../embeddingCache/index.ts';
import { affineFromColumns } from '../geometry/index.ts';
import { smallEmbedding } from '../embedding/testing/smallEmbedding.ts';
import { embedFiles } from './embedFiles.ts';
import type { FilesEmbedding } from './embedFiles.ts';
import type { FilesInput } from './input.ts';
import { writeNifti } from '../nifti/index.ts';

let folder: string;
let cache: EmbeddingCache;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samepoint-embed-files-'));
  cache = await createEmbeddingCache({
    directory: join(folder, 'cache'),
    maxBytes: 2 ** 24,
    memoryCapacity: () => 0,
  });
});
afterEach(async () => {
  await cache.close();
  await rm(folder, { recursive: true });
});

const kept = async (): Promise<number> =>
  (await readdir(join(folder, 'cache'))).filter((name) => name.endsWith('.embedding')).length;

/** A command's embedding whose network is counted. */
function counted(): { readonly embedding: FilesEmbedding; readonly embed: jest.Mock } {
  const embed = jest.fn(() => Promise.resolve(smallEmbedding(1)));
  const model = {
    id: 'a-model',
    manifest: { graphs: [], outputs: [], input: {}, matching: { weights: {} } },
  };
  const open = { models: { get: () => model }, embedder: { embed }, cache, modules: {} };
  const sink = { write: () => undefined };
  const io = { stdout: sink, stderr: sink, env: {}, signal: new AbortController().signal };
  return { embedding: { open, model: 'a-model', io } as unknown as FilesEmbedding, embed };
}

async function nifti(
  name: string,
  value = 0,
  modality: 'MR' | 'PT' = 'MR',
): Promise<Extract<FilesInput, { kind: 'nifti' }>> {
  const path = join(folder, name);
  const voxelToLps = affineFromColumns([2, 0, 0], [0, 2, 0], [0, 0, 2], [0, 0, 0]);
  await writeFile(path, writeNifti({ dims: [4, 4, 4], data: new Int16Array(64).fill(value), voxelToLps }));
  return { kind: 'nifti', path, modality };
}

describe('embedFiles', () => {
  it('embeds a file once, also under another name', async () => {
    const { embedding, embed } = counted();
    const first = await nifti('first.nii');
    const made = await embedFiles(first, embedding);
    expect(await kept()).toBe(1);
    await copyFile(first.path, join(folder, 'second.nii'));
    const again = await embedFiles({ ...first, path: join(folder, 'second.nii') }, embedding);
    expect(embed).toHaveBeenCalledTimes(1);
    expect(again.maps.map(({ vectors }) => [...vectors])).toEqual(
      made.maps.map(({ vectors }) => [...vectors]),
    );
  });

  it('embeds other content, and the same read as another modality, anew', async () => {
    const { embedding, embed } = counted();
    await embedFiles(await nifti('a.nii', 1), embedding);
    await embedFiles(await nifti('a.nii', 2), embedding);
    await embedFiles(await nifti('a.nii', 2, 'PT'), embedding);
    expect(embed).toHaveBeenCalledTimes(3);
    expect(await kept()).toBe(3);
  });

  it('neither reads nor writes the cache where it shall not', async () => {
    const { embedding, embed } = counted();
    const file = await nifti('a.nii');
    await embedFiles(file, { ...embedding, useCache: false });
    expect(await kept()).toBe(0);
    await embedFiles(file, embedding);
    await embedFiles(file, { ...embedding, useCache: false });
    expect(embed).toHaveBeenCalledTimes(3);
  });

  it('says when it could not keep an embedding, and gives it all the same', async () => {
    const { embedding } = counted();
    let said = '';
    const io = { ...embedding.io, stderr: { write: (text: string) => (said += text) } };
    await rm(join(folder, 'cache'), { recursive: true });
    await writeFile(join(folder, 'cache'), 'in the way');
    await expect(embedFiles(await nifti('a.nii'), { ...embedding, io })).resolves.toBeDefined();
    expect(said).toMatch(/^warning: /u);
    await rm(join(folder, 'cache'));
    await mkdir(join(folder, 'cache'));
  });
});
