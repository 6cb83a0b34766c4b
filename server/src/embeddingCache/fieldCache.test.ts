import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmbeddingCache } from './cache.ts';
import { LOCK_NAME } from './cacheLock.ts';
import type { EmbeddingCache, EmbeddingCacheOptions } from './cache.ts';
import type { EmbeddingKey } from './key.ts';
import { arraysOf, smallEmbedding as embedding } from '../embedding/testing/smallEmbedding.ts';

const keyOf = (digit: string): EmbeddingKey => digit.repeat(64) as EmbeddingKey;
const [A, B, C] = [keyOf('a'), keyOf('b'), keyOf('c')];

let directory: string;
/** The one that owns the folder. */
let running: EmbeddingCache | undefined;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samepoint-cache-'));
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  await rm(directory, { recursive: true });
});

/** A cache without memory of embeddings by default. A new owner replaces the one before. */
async function open(options: Partial<EmbeddingCacheOptions> = {}): Promise<EmbeddingCache> {
  await running?.close();
  running = await createEmbeddingCache({ directory, maxBytes: 1e6, memoryCapacity: () => 1, ...options });
  return running;
}

/** The files of the folder but for the lock. */
async function entries(): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name !== LOCK_NAME);
}

describe('fields of pairs in the cache', () => {
  const ofPair = { query: A, target: B, terms: 'version 1' };
  const bytes = Uint8Array.from({ length: 1000 }, (_, n) => n % 251);

  it('are given back, after a restart too, and only for the same pair and terms', async () => {
    const cache = await open();
    expect(await cache.putField(ofPair, bytes)).toEqual({ stored: true });
    for (const one of [cache, await open()]) {
      expect(await one.getField(ofPair)).toEqual(bytes);
      expect(await one.getField({ ...ofPair, query: B, target: A })).toBeUndefined();
      expect(await one.getField({ ...ofPair, terms: 'version 2' })).toBeUndefined();
    }
  });

  it('go when one of their embeddings is dropped, and no others', async () => {
    const cache = await open({ memoryCapacity: () => 1e6 });
    const other = { query: A, target: C, terms: '' };
    const old = embedding(1);
    await cache.put(B, old);
    await cache.putField(ofPair, bytes);
    await cache.putField(other, bytes);
    await cache.drop(B, old);
    expect(await cache.getField(ofPair)).toBeUndefined();
    expect(await cache.getField(other)).toEqual(bytes);
    expect(await (await open()).getField(ofPair)).toBeUndefined();
  });

  it('count among the bytes on disk, and go when they were used longest ago', async () => {
    let time = Date.now();
    const now = (): number => (time += 61_000);
    const cache = await open({ now });
    await cache.putField(ofPair, bytes);
    const size = cache.diskBytes;
    expect(size).toBeGreaterThan(bytes.length);
    await cache.put(A, embedding(1));
    const small = await open({ now, maxBytes: cache.diskBytes - 1 });
    expect(await small.getField(ofPair)).toBeUndefined();
    expect(arraysOf(await small.get(A))).toEqual(embedding(1));
  });

  it('are dropped where the file is damaged at any byte', async () => {
    await (await open()).putField(ofPair, bytes);
    const [name] = await entries();
    const path = join(directory, name!);
    const sound = await readFile(path);
    for (let position = 0; position < sound.length; position += 97) {
      const damaged = Buffer.from(sound);
      damaged[position] = (damaged[position] ?? 0) ^ 0x40;
      await writeFile(path, damaged);
      expect(await (await open()).getField(ofPair)).toBeUndefined();
      expect(await entries()).toEqual([]);
    }
  });

  it('have no remains of an interrupted write', async () => {
    const part = `${A}-${B}-${'0'.repeat(16)}.field.${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}.part`;
    await writeFile(join(directory, part), 'half');
    await open();
    expect(await entries()).toEqual([]);
  });
});
