import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { affineFromColumns } from '../geometry/index.ts';
import { createEmbeddingCache, nodeFiles } from './cache.ts';
import type { CacheFiles, EmbeddingCache } from './cache.ts';
import type { EmbeddingKey } from './key.ts';
import type { Embedding } from './types.ts';

const keyOf = (digit: string): EmbeddingKey => digit.repeat(64) as EmbeddingKey;
const [A, B, C] = [keyOf('a'), keyOf('b'), keyOf('c')];

const AFFINE = affineFromColumns([4, 0, 0], [0, 4, 0], [0, 0, 4], [-10.5, 20.25, 1 / 3]);
/** 3 x 2 x 2 voxels of three channels; `seed` makes them different. Odd sizes, so that nothing is aligned by luck. */
function embedding(seed: number): Embedding {
  const dims = [3, 2, 2] as const;
  return {
    modelId: 'toy',
    volume: {
      dims: [5, 5, 2],
      voxelToLps: AFFINE,
      slices: [
        { sopClassUid: '1.2', sopInstanceUid: '1.2.3' },
        { sopClassUid: '1.2', sopInstanceUid: '1.2.4', frameNumber: 2 },
      ],
      studyInstanceUid: '1.1',
      seriesInstanceUid: '1.2',
      frameOfReferenceUid: '1.3',
      modality: 'CT',
      warnings: [{ code: 'volume/gap', message: 'one slice is missing' }],
    },
    maps: [
      {
        role: 'fine',
        grid: { dims, voxelToLps: AFFINE },
        channels: 3,
        weight: 1,
        vectors: Int8Array.from({ length: 36 }, (_, index) => index * seed),
        inverseNorms: Float32Array.from({ length: 12 }, (_, index) => 1 / (index + seed)),
      },
    ],
    bodyMask: Uint8Array.from({ length: 12 }, (_, index) => index % 2),
    image: {
      grid: { dims: [3, 3, 3], voxelToLps: AFFINE },
      values: Int16Array.from({ length: 27 }, (_, index) => 1000 - index * 77 * seed),
      scale: 0.25,
    },
  };
}

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samepoint-cache-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

interface Settings {
  readonly maxBytes?: number;
  readonly memoryRoom?: () => number;
  readonly bytesOf?: () => number;
  readonly files?: Partial<CacheFiles>;
  readonly now?: () => number;
}
/** A cache without memory, unless told: what it answers came from the disk. */
function open({ files, ...settings }: Settings = {}): Promise<EmbeddingCache> {
  const limits = { maxBytes: 1e6, memoryRoom: () => 1 };
  return createEmbeddingCache({ directory, ...limits, ...settings, files: { ...nodeFiles, ...files } });
}

describe('embedding cache', () => {
  it('gives back what was put, after a restart too', async () => {
    const cache = await open();
    expect(await cache.put(A, embedding(1))).toEqual({ stored: true });
    expect(await cache.get(A)).toEqual(embedding(1));
    expect(await (await open()).get(A)).toEqual(embedding(1));
    expect(await cache.get(B)).toBeUndefined();
  });

  it('answers from memory without reading', async () => {
    const readFiles = {
      readFile: (() => Promise.reject(new Error('read'))) as unknown as CacheFiles['readFile'],
    };
    const cache = await open({ memoryRoom: () => 1e6, files: readFiles });
    await cache.put(A, embedding(1));
    expect(await cache.get(A)).toEqual(embedding(1));
  });

  it('keeps in memory what there is room for at the moment, and reads the rest from the disk', async () => {
    let reads = 0;
    const counted: CacheFiles['readFile'] = ((path: string) => {
      reads += 1;
      return nodeFiles.readFile(path);
    }) as CacheFiles['readFile'];
    let room = 250;
    const settings = { memoryRoom: () => room, bytesOf: () => 100, files: { readFile: counted } };
    const cache = await open(settings);
    await cache.put(A, embedding(1));
    await cache.put(B, embedding(2));
    await cache.get(A);
    cache.shrinkTo(100);
    await cache.get(A);
    expect(reads).toBe(0);
    expect(await cache.get(B)).toEqual(embedding(2));
    expect(reads).toBe(1);
    room = 50;
    await cache.get(A);
    await cache.put(A, embedding(1));
    await cache.get(A);
    await cache.get(A);
    expect(reads).toBe(3);
  });

  it('names files by key only, readable by the server only', async () => {
    await (await open()).put(A, embedding(1));
    expect(await readdir(directory)).toEqual([`${A}.embedding`]);
    expect((await nodeFiles.stat(join(directory, `${A}.embedding`))).mode & 0o777).toBe(0o600);
  });

  it('drops a file damaged at any byte, and serves the next put', async () => {
    const path = join(directory, `${A}.embedding`);
    const cache = await open();
    await cache.put(A, embedding(1));
    const sound = await readFile(path);
    for (let position = 0; position < sound.length; position += 37) {
      const damaged = Buffer.from(sound);
      damaged[position] = (damaged[position] ?? 0) ^ 0x40;
      await writeFile(path, damaged);
      expect(await (await open()).get(A)).toBeUndefined();
      expect(await readdir(directory)).toEqual([]);
    }
    await cache.put(A, embedding(1));
    expect(await cache.get(A)).toEqual(embedding(1));
  });

  it.each([0, 4, 40, 300])('drops a file truncated to %d bytes', async (length) => {
    const cache = await open();
    await cache.put(A, embedding(1));
    const path = join(directory, `${A}.embedding`);
    await writeFile(path, (await readFile(path)).subarray(0, length));
    expect(await cache.get(A)).toBeUndefined();
    expect(cache.diskBytes).toBe(0);
  });

  it('evicts what was used longest ago, also across a restart', async () => {
    let time = Date.now();
    const now = (): number => (time += 61_000);
    const cache = await open({ now });
    await cache.put(A, embedding(1));
    const size = cache.diskBytes;
    await cache.put(B, embedding(2));
    await cache.get(A);
    const small = await open({ now, maxBytes: 2 * size + 10 });
    await small.put(C, embedding(3));
    expect((await readdir(directory)).sort()).toEqual([`${A}.embedding`, `${C}.embedding`]);
    expect(small.diskBytes).toBe(2 * size);
    expect((await open({ maxBytes: size })).diskBytes).toBe(size);
    expect(await readdir(directory)).toEqual([`${C}.embedding`]);
  });

  it('writes a use to the disk once a minute, not at every click', async () => {
    let [time, written] = [Date.now(), 0];
    const utimes: CacheFiles['utimes'] = () => {
      written++;
      return Promise.resolve();
    };
    const cache = await open({ now: () => time, memoryRoom: () => 1e6, files: { utimes } });
    await cache.put(A, embedding(1));
    for (let click = 0; click < 5; click++, time += 50) await cache.get(A);
    expect(written).toBe(1);
    time += 60_000;
    for (let click = 0; click < 5; click++, time += 50) await cache.get(A);
    expect(written).toBe(2);
  });

  it('has on disk what was being written when it was closed', async () => {
    const cache = await open();
    const put = cache.put(A, embedding(1));
    await cache.close();
    expect(await (await open()).get(A)).toEqual(embedding(1));
    await put;
  });

  it('says so when an embedding is larger than the cache, and keeps it in memory', async () => {
    const cache = await open({ maxBytes: 100, memoryRoom: () => 1e6 });
    const outcome = await cache.put(A, embedding(1));
    expect(outcome).toMatchObject({ stored: false, warning: { code: 'embedding/cache-write-failed' } });
    expect(await cache.get(A)).toEqual(embedding(1));
    expect(await readdir(directory)).toEqual([]);
  });

  it('on a full disk leaves nothing half-written, says ENOSPC, and still has the embedding', async () => {
    const full: Partial<CacheFiles> = {
      open: async (...parameters) => {
        const handle = await nodeFiles.open(...parameters);
        handle.sync = () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
        return handle;
      },
    };
    const cache = await open({ files: full, memoryRoom: () => 1e6 });
    const outcome = await cache.put(A, embedding(1));
    expect(outcome).toMatchObject({ stored: false, warning: { fields: { problem: 'ENOSPC' } } });
    expect(await readdir(directory)).toEqual([]);
    expect(await cache.get(A)).toEqual(embedding(1));
  });

  it('cleans what an interrupted write left, and leaves files of others alone', async () => {
    const left = `${A}.${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}.part`;
    await writeFile(join(directory, left), 'half');
    await writeFile(join(directory, 'README.txt'), 'mine');
    await open();
    expect(await readdir(directory)).toEqual(['README.txt']);
  });

  it('refuses a directory that is a file', async () => {
    await writeFile(join(directory, 'file'), '');
    const opened = createEmbeddingCache({ directory: join(directory, 'file'), maxBytes: 1 });
    await expect(opened).rejects.toMatchObject({ code: 'embedding/cache-unusable' });
  });
});
