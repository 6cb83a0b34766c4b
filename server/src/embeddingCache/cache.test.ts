import { chmod, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmbeddingCache, nodeFiles } from './cache.ts';
import { LOCK_NAME } from './cacheLock.ts';
import type { CacheFiles, EmbeddingCache } from './cache.ts';
import type { EmbeddingKey } from './key.ts';
import { arraysOf, smallEmbedding as embedding } from '../embedding/testing/smallEmbedding.ts';

const keyOf = (digit: string): EmbeddingKey => digit.repeat(64) as EmbeddingKey;
const [A, B, C] = [keyOf('a'), keyOf('b'), keyOf('c')];

let directory: string;
let logged: { readonly fields: object; readonly message: string }[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samepoint-cache-'));
  logged = [];
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  await rm(directory, { recursive: true });
});

/** The files of the folder but for the lock. */
async function entries(): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name !== LOCK_NAME);
}
const pathOf = (key: string): string => join(directory, `${key}.embedding`);
function failing(code: string): () => Promise<never> {
  return () => Promise.reject(Object.assign(new Error('it does not work'), { code }));
}

interface Settings {
  readonly maxBytes?: number;
  readonly memoryCapacity?: () => number;
  readonly bytesOf?: () => number;
  readonly files?: Partial<CacheFiles>;
  readonly now?: () => number;
  readonly role?: 'owner' | 'guest';
}
/** The one that owns the folder. */
let running: EmbeddingCache | undefined;
const logger = {
  warn: (fields: object, message: string): void => {
    logged.push({ fields, message });
  },
};
/** A cache without memory by default: what it answers came from the disk. A new owner replaces the one before. */
async function open({ files, ...settings }: Settings = {}): Promise<EmbeddingCache> {
  const limits = { maxBytes: 1e6, memoryCapacity: () => 1, logger };
  const options = { directory, ...limits, ...settings, files: { ...nodeFiles, ...files } };
  if (settings.role === 'guest') return await createEmbeddingCache(options);
  await running?.close();
  running = await createEmbeddingCache(options);
  return running;
}

describe('embedding cache', () => {
  it('gives back what was put, after a restart too', async () => {
    const cache = await open();
    expect(await cache.put(A, embedding(1))).toEqual({ stored: true });
    expect(arraysOf(await cache.get(A))).toEqual(embedding(1));
    const read = await (await open()).get(A);
    expect(arraysOf(read)).toEqual(embedding(1));
    expect(read?.memory?.buffer).toBe(read?.maps[0]?.vectors.buffer);
    expect(await cache.get(B)).toBeUndefined();
  });

  it('answers from memory without reading', async () => {
    const readFiles = {
      openToRead: () => Promise.reject(new Error('read')),
    };
    const cache = await open({ memoryCapacity: () => 1e6, files: readFiles });
    await cache.put(A, embedding(1));
    expect(arraysOf(await cache.get(A))).toEqual(embedding(1));
  });

  it('keeps in memory what its capacity allows at the moment, and reads the rest from the disk', async () => {
    let reads = 0;
    const counted: CacheFiles['openToRead'] = (path) => {
      reads += 1;
      return nodeFiles.openToRead(path);
    };
    let capacity = 250;
    const settings = { memoryCapacity: () => capacity, bytesOf: () => 100, files: { openToRead: counted } };
    const cache = await open(settings);
    await cache.put(A, embedding(1));
    await cache.put(B, embedding(2));
    await cache.get(A);
    cache.shrinkTo(100);
    await cache.get(A);
    expect(reads).toBe(0);
    expect(arraysOf(await cache.get(B))).toEqual(embedding(2));
    expect(reads).toBe(1);
    capacity = 50;
    await cache.get(A);
    await cache.put(A, embedding(1));
    await cache.get(A);
    await cache.get(A);
    expect(reads).toBe(3);
  });

  it('names files by key only, readable by the server only', async () => {
    await (await open()).put(A, embedding(1));
    expect(await entries()).toEqual([`${A}.embedding`]);
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
      expect(await entries()).toEqual([]);
    }
    await cache.put(A, embedding(1));
    expect(arraysOf(await cache.get(A))).toEqual(embedding(1));
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
    expect((await entries()).sort()).toEqual([`${A}.embedding`, `${C}.embedding`]);
    expect(small.diskBytes).toBe(2 * size);
    expect((await open({ maxBytes: size })).diskBytes).toBe(size);
    expect(await entries()).toEqual([`${C}.embedding`]);
  });

  it('writes a use to the disk once a minute, not at every click', async () => {
    let [time, written] = [Date.now(), 0];
    const utimes: CacheFiles['utimes'] = () => {
      written++;
      return Promise.resolve();
    };
    const cache = await open({ now: () => time, memoryCapacity: () => 1e6, files: { utimes } });
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
    expect(arraysOf(await (await open()).get(A))).toEqual(embedding(1));
    await put;
  });

  it('says so when an embedding is larger than the cache, and keeps it in memory', async () => {
    const cache = await open({ maxBytes: 100, memoryCapacity: () => 1e6 });
    const outcome = await cache.put(A, embedding(1));
    expect(outcome).toMatchObject({ stored: false, warning: { code: 'embedding/cache-write-failed' } });
    expect(arraysOf(await cache.get(A))).toEqual(embedding(1));
    expect(await entries()).toEqual([]);
  });

  it('on a full disk keeps no incomplete file, says ENOSPC, and still has the embedding', async () => {
    const full: Partial<CacheFiles> = {
      open: async (...parameters) => {
        const handle = await nodeFiles.open(...parameters);
        handle.sync = () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
        return handle;
      },
    };
    const cache = await open({ files: full, memoryCapacity: () => 1e6 });
    const outcome = await cache.put(A, embedding(1));
    expect(outcome).toMatchObject({ stored: false, warning: { fields: { problem: 'ENOSPC' } } });
    expect(await entries()).toEqual([]);
    expect(arraysOf(await cache.get(A))).toEqual(embedding(1));
  });

  it('removes what an interrupted write wrote, and no other file', async () => {
    const incomplete = `${A}.${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}.part`;
    await writeFile(join(directory, incomplete), 'half');
    await writeFile(join(directory, 'README.txt'), 'mine');
    await open();
    expect(await entries()).toEqual(['README.txt']);
  });

  it('refuses a directory that is a file', async () => {
    await writeFile(join(directory, 'file'), '');
    const opened = createEmbeddingCache({ directory: join(directory, 'file'), maxBytes: 1 });
    await expect(opened).rejects.toMatchObject({ code: 'embedding/cache-unusable' });
  });

  describe('files that are not what they should be', () => {
    it('refuses two files that were swapped, removes and logs them', async () => {
      const cache = await open();
      await cache.put(A, embedding(1));
      await cache.put(B, embedding(2));
      await rename(pathOf(A), pathOf(C));
      await rename(pathOf(B), pathOf(A));
      await rename(pathOf(C), pathOf(B));
      const again = await open();
      expect(await again.get(A)).toBeUndefined();
      expect(await again.get(B)).toBeUndefined();
      expect(await entries()).toEqual([]);
      expect(logged.map(({ fields }) => fields)).toEqual([
        { file: A.slice(0, 12), reason: 'it is another embedding under this name' },
        { file: B.slice(0, 12), reason: 'it is another embedding under this name' },
      ]);
    });

    it('logs a damaged file that it removes, without a UID', async () => {
      const cache = await open();
      await cache.put(A, embedding(1));
      await writeFile(pathOf(A), 'nonsense');
      expect(await cache.get(A)).toBeUndefined();
      expect(logged).toEqual([
        {
          fields: { file: A.slice(0, 12), reason: 'truncated' },
          message: 'a damaged file of the embedding cache was removed',
        },
      ]);
    });

    it.each(['EMFILE', 'ENFILE', 'EAGAIN', 'EIO', 'EACCES', 'ENOMEM', 'ESTALE'])(
      'keeps a file that cannot be read for the moment (%s), and says so',
      async (code) => {
        const cache = await open();
        await cache.put(A, embedding(1));
        let isWell = false;
        const readFiles: CacheFiles['openToRead'] = (path) =>
          isWell ? nodeFiles.openToRead(path) : failing(code)();
        const reader = await open({ files: { openToRead: readFiles } });
        expect(await reader.get(A)).toBeUndefined();
        expect(logged).toEqual([
          expect.objectContaining({ fields: { file: A.slice(0, 12), problem: code } }),
        ]);
        isWell = true;
        expect(arraysOf(await reader.get(A))).toEqual(embedding(1));
      },
    );

    it('forgets a file that somebody has removed', async () => {
      const cache = await open();
      await cache.put(A, embedding(1));
      await rm(pathOf(A));
      expect(await cache.get(A)).toBeUndefined();
      expect(cache.diskBytes).toBe(0);
    });

    it('removes files of earlier versions when it opens', async () => {
      await (await open()).put(A, embedding(1));
      await writeFile(pathOf(B), Buffer.concat([Buffer.from('SPEMBED\u0002', 'latin1'), Buffer.alloc(100)]));
      const cache = await open();
      expect(await entries()).toEqual([`${A}.embedding`]);
      expect(logged).toEqual([expect.objectContaining({ fields: { files: 1 } })]);
      expect(arraysOf(await cache.get(A))).toEqual(embedding(1));
    });

    it('drops what is reported as out of date, but not what has replaced it', async () => {
      const cache = await open({ memoryCapacity: () => 1e6 });
      const [old, fresh] = [embedding(1), embedding(2)];
      await cache.put(A, old);
      await cache.put(A, fresh);
      await cache.drop(A, old);
      expect(await cache.get(A)).toBe(fresh);
      await cache.drop(A, fresh);
      expect(await cache.get(A)).toBeUndefined();
      expect(await entries()).toEqual([]);
    });

    it('says when other users may write to the folder', async () => {
      await chmod(directory, 0o777);
      await open();
      expect(logged.map(({ message }) => message)).toEqual([expect.stringMatching(/other users/)]);
    });
  });
});
