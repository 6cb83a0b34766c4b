import { mkdtemp, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { arraysOf, smallEmbedding as embedding } from '../embedding/testing/smallEmbedding.ts';
import { startS3 } from './testing/s3Server.ts';
import type { S3Server } from './testing/s3Server.ts';
import { Bucket } from './bucket.ts';
import { createEmbeddingCache, nodeFiles } from './cache.ts';
import type { CacheFiles, EmbeddingCache, EmbeddingCacheOptions, StoreSettings } from './cache.ts';
import type { EmbeddingKey } from './key.ts';
import { SharedFolder } from './sharedFolder.ts';
import type { Store } from './store.ts';

/** The client of S3 waits between its attempts. */
jest.setTimeout(60_000);

const keyOf = (digit: string): EmbeddingKey => digit.repeat(64) as EmbeddingKey;
const [A, B, C] = [keyOf('a'), keyOf('b'), keyOf('c')];
const FIELD = { query: A, target: B, terms: 'version 1' };
const BYTES = Uint8Array.from({ length: 1000 }, (_, n) => n % 251);

let directory: string;
let s3: S3Server;
let logged: string[];
let running: { close(): Promise<void> }[];
const logger = {
  warn: (_fields: object, message: string): void => {
    logged.push(message);
  },
};
beforeAll(async () => {
  s3 = await startS3();
});
afterAll(async () => {
  await s3.close();
});
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'samepoint-shared-')), 'embeddings');
  logged = [];
  running = [];
});
afterEach(async () => {
  for (const one of running) await one.close();
  await rm(join(directory, '..'), { recursive: true });
});

/** A process with no memory of embeddings, so that what it answers comes from the store. */
async function process(
  store: StoreSettings,
  change: Partial<EmbeddingCacheOptions> = {},
): Promise<EmbeddingCache> {
  const options = { directory, maxBytes: 1e6, memoryCapacity: () => 1, logger, store };
  const cache = await createEmbeddingCache({ ...options, ...change });
  running.push(cache);
  return cache;
}

interface Kind {
  readonly settings: () => StoreSettings;
  /** The store below. */
  raw(): Promise<Store>;
  breakIt(): Promise<void>;
  mend(): Promise<void>;
}

let buckets = 0;
let keyPrefix = '';
const FOLDER: Kind = {
  settings: () => ({ type: 'shared' }),
  async raw() {
    const options = { directory, maxBytes: 1e6, logger, files: nodeFiles, now: Date.now };
    const folder = new SharedFolder(options);
    await folder.open();
    return folder;
  },
  breakIt: () => rename(directory, `${directory}-gone`),
  mend: () => rename(`${directory}-gone`, directory),
};
const BUCKET_OF_S3: Kind = {
  settings: () => ({ type: 's3', ...s3.settings, keyPrefix }),
  async raw() {
    const bucket = new Bucket({ ...s3.settings, keyPrefix });
    await bucket.open();
    running.push(bucket);
    return bucket;
  },
  breakIt: () => s3.stop(),
  mend: () => s3.start(),
};

describe.each([
  ['a shared folder', FOLDER],
  ['a bucket', BUCKET_OF_S3],
])('%s', (_name, kind) => {
  beforeEach(() => {
    keyPrefix = `test-${(buckets += 1)}/`;
  });
  const open = (change?: Partial<EmbeddingCacheOptions>): Promise<EmbeddingCache> =>
    process(kind.settings(), change);

  it('gives to one process what another one has put', async () => {
    const [first, second] = [await open(), await open()];
    expect(await second.get(A)).toBeUndefined();
    expect(await first.put(A, embedding(1))).toEqual({ stored: true });
    expect(await first.putField(FIELD, BYTES)).toEqual({ stored: true });
    const read = await second.get(A);
    expect(arraysOf(read)).toEqual(embedding(1));
    expect(read?.memory?.buffer).toBe(read?.maps[0]?.vectors.buffer);
    expect(await second.getField(FIELD)).toEqual(BYTES);
    expect(second.keyOf(read!)).toBe(A);
  });

  it('holds one embedding where two processes put the same at once', async () => {
    const caches = [await open(), await open(), await open()];
    await Promise.all(caches.map((cache) => cache.put(A, embedding(1))));
    expect(await (await kind.raw()).names()).toEqual([`${A}.embedding`]);
    for (const cache of caches) expect(arraysOf(await cache.get(A))).toEqual(embedding(1));
  });

  it('never gives another embedding, or one of another version, under a name; a new one replaces it', async () => {
    const cache = await open();
    await cache.put(A, embedding(1));
    const raw = await kind.raw();
    const bytes = await raw.read(`${A}.embedding`, async (file) => {
      const all = new Uint8Array(file.size);
      await file.fill(all);
      return all;
    });
    const ofOtherVersion = Uint8Array.from(bytes!);
    ofOtherVersion[7] = 2;
    await raw.write(`${B}.embedding`, [bytes!]);
    await raw.write(`${C}.embedding`, [ofOtherVersion]);
    for (const key of [B, C]) {
      expect(await cache.get(key)).toBeUndefined();
      expect(await raw.has(`${key}.embedding`)).toBe(false);
      await cache.put(key, embedding(2));
      expect(arraysOf(await cache.get(key))).toEqual(embedding(2));
    }
    expect(logged).toHaveLength(2);
  });

  it('never gives a part of an embedding', async () => {
    const cache = await open();
    await cache.put(A, embedding(1));
    const raw = await kind.raw();
    const bytes = await raw.read(`${A}.embedding`, async (file) => {
      const all = new Uint8Array(file.size);
      await file.fill(all);
      return all;
    });
    for (const length of [0, 7, 100, bytes!.length - 1]) {
      await raw.write(`${A}.embedding`, [bytes!.subarray(0, length)]);
      expect(await cache.get(A)).toBeUndefined();
    }
  });

  it('drops an embedding and its fields for all processes', async () => {
    const [first, second] = [await open({ memoryCapacity: () => 1e6 }), await open()];
    const old = embedding(1);
    await first.put(B, old);
    await first.putField(FIELD, BYTES);
    await first.putField({ ...FIELD, target: C }, BYTES);
    await first.drop(B, old);
    expect([await second.get(B), await second.getField(FIELD)]).toEqual([undefined, undefined]);
    expect(await second.getField({ ...FIELD, target: C })).toEqual(BYTES);
  });

  it('gives the preview image of a series, and never that of another one or a part of it', async () => {
    const [first, second] = [await open(), await open()];
    const { volume, image } = embedding(1);
    const [nx, ny, nz] = image.grid.dims;
    const preview = { volume, image, bodyMask: Uint8Array.from({ length: nx * ny * nz }, (_, n) => n % 2) };
    expect(await second.getPreview(A)).toBeUndefined();
    expect(await first.putPreview(A, preview)).toEqual({ stored: true });
    expect(await second.getPreview(A)).toEqual(preview);
    const raw = await kind.raw();
    const bytes = await raw.read(`${A}.preview`, async (file) => {
      const all = new Uint8Array(file.size);
      await file.fill(all);
      return all;
    });
    await raw.write(`${B}.preview`, [bytes!]);
    expect(await second.getPreview(B)).toBeUndefined();
    for (const [index, byte] of bytes!.entries()) {
      if (index % 61 !== 0) continue;
      const changed = Uint8Array.from(bytes!);
      changed[index] = byte ^ 1;
      await raw.write(`${A}.preview`, [changed]);
      expect(await second.getPreview(A)).toBeUndefined();
    }
  });

  it('is given again what is gone from it', async () => {
    const cache = await open({ memoryCapacity: () => 1e6 });
    await cache.put(A, embedding(1));
    await cache.putField(FIELD, BYTES);
    const raw = await kind.raw();
    for (const name of await raw.names()) await raw.remove(name);
    expect([await cache.persist(A), await cache.persistField(FIELD)]).toEqual([
      { stored: true },
      { stored: true },
    ]);
    const other = await open();
    expect(arraysOf(await other.get(A))).toEqual(embedding(1));
    expect(await other.getField(FIELD)).toEqual(BYTES);
    expect(await cache.persist(C)).toMatchObject({ stored: false });
  });

  it('that is gone costs no answer, is said, and serves again when it is back', async () => {
    const cache = await open();
    await cache.put(A, embedding(1));
    expect(await cache.problem()).toBeUndefined();
    await kind.breakIt();
    try {
      expect(await cache.problem()).toMatch(/^E[A-Z]+$/);
      expect(await cache.get(A)).toBeUndefined();
      const outcome = await cache.put(B, embedding(2));
      expect(outcome).toMatchObject({ stored: false, warning: { code: 'embedding/cache-write-failed' } });
    } finally {
      await kind.mend();
    }
    expect(await cache.problem()).toBeUndefined();
    expect(arraysOf(await cache.get(A))).toEqual(embedding(1));
    expect(await cache.put(B, embedding(2))).toEqual({ stored: true });
  });
});

describe('a bucket that is not there, or refuses', () => {
  it.each([
    ['another bucket', { bucket: 'none-such' }, /NotFound|NoSuchBucket/],
    [
      'an unknown access key',
      { credentials: { accessKeyId: 'unknown', secretAccessKey: 'wrong' } },
      /HTTP 403|InvalidAccessKeyId/,
    ],
  ])('%s: the server does not start, and says why without the secret', async (_name, change, problem) => {
    const opening = process({ type: 's3', ...s3.settings, ...change });
    await expect(opening).rejects.toMatchObject({ code: 'store/unusable' });
    await expect(opening).rejects.toThrow(problem);
    await expect(opening).rejects.not.toThrow(/wrong/);
  });
});

describe('a folder of the network', () => {
  const failing = (code: string): Promise<never> =>
    Promise.reject(Object.assign(new Error('it does not work'), { code }));
  const open = (
    files: Partial<CacheFiles>,
    change: Partial<EmbeddingCacheOptions> = {},
  ): Promise<EmbeddingCache> => process({ type: 'shared' }, { files: { ...nodeFiles, ...files }, ...change });

  it('forgets files for a moment (ESTALE): they are opened again', async () => {
    let failures = 2;
    const cache = await open({
      openToRead: (path) => ((failures -= 1) >= 0 ? failing('ESTALE') : nodeFiles.openToRead(path)),
    });
    await cache.put(A, embedding(1));
    expect(arraysOf(await cache.get(A))).toEqual(embedding(1));
  });

  it('that never finds them again is not there: no answer, no error', async () => {
    const cache = await open({ openToRead: () => failing('ESTALE') });
    await cache.put(A, embedding(1));
    expect(await cache.get(A)).toBeUndefined();
  });

  it('may say of a file that it was renamed already: it is there', async () => {
    const cache = await open({
      rename: async (from, to) => {
        await nodeFiles.rename(from, to);
        await failing('ENOENT');
      },
    });
    expect(await cache.put(A, embedding(1))).toEqual({ stored: true });
    expect(arraysOf(await cache.get(A))).toEqual(embedding(1));
  });

  it('holds nothing where renaming fails', async () => {
    const cache = await open({ rename: () => failing('ENOENT') });
    expect(await cache.put(A, embedding(1))).toMatchObject({ stored: false });
    expect(await readdir(directory)).toEqual([]);
  });

  it('that is full is cleaned once, and then written', async () => {
    const cleaner = await open({});
    await cleaner.put(A, embedding(1));
    let isFull = true;
    const maxBytes = cleaner.diskBytes + 4_000;
    const cache = await open(
      {
        open: (...args) => {
          if (!isFull) return nodeFiles.open(...args);
          isFull = false;
          return failing('ENOSPC');
        },
      },
      { maxBytes },
    );
    expect(await cache.put(B, embedding(2))).toEqual({ stored: true });
  });

  it('is cleaned of what was used longest ago, and of what dead writers have begun, but not of what is being written', async () => {
    const first = await open({});
    for (const key of [A, B, C]) await first.put(key, embedding(1));
    const hourAgo = new Date(Date.now() - 2 * 3_600_000);
    await utimes(join(directory, `${B}.embedding`), hourAgo, hourAgo);
    const part = (id: string): string =>
      join(directory, `${A}.embedding.${id}-0000-4000-8000-000000000000.part`);
    for (const id of ['00000000', '11111111']) await writeFile(part(id), '');
    await utimes(part('00000000'), hourAgo, hourAgo);
    const { size } = await nodeFiles.stat(join(directory, `${A}.embedding`));
    await open({}, { maxBytes: 2 * size });
    const names = await readdir(directory);
    expect(names.filter((name) => name.endsWith('.part'))).toEqual([expect.stringContaining('11111111')]);
    expect(names.filter((name) => name.endsWith('.embedding')).sort()).toEqual([
      `${A}.embedding`,
      `${C}.embedding`,
    ]);
  });

  it('needs no lock: two servers open it', async () => {
    await Promise.all([open({}), open({})]);
    expect(await readdir(directory)).toEqual([]);
  });
});
