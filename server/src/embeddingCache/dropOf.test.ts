import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { smallEmbedding } from '../embedding/testing/smallEmbedding.ts';
import type { Embedding } from '../embedding/types.ts';
import { createEmbeddingCache } from './cache.ts';
import type { EmbeddingCache, StoreSettings } from './cache.ts';
import { LOCK_NAME } from './cacheLock.ts';
import type { EmbeddingKey } from './key.ts';

const keyOf = (digit: string): EmbeddingKey => digit.repeat(64) as EmbeddingKey;
const [A, B, C] = [keyOf('a'), keyOf('b'), keyOf('c')];

function embeddingOf(studyInstanceUid: string, seriesInstanceUid: string): Embedding {
  const small = smallEmbedding(1);
  return { ...small, volume: { ...small.volume, studyInstanceUid, seriesInstanceUid } };
}

let directory: string;
let cache: EmbeddingCache;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samepoint-cache-'));
});
afterEach(async () => {
  await cache.close();
  await rm(directory, { recursive: true });
});

/** Two series of the study 1.1 and one of 1.10, and the field of a pair of them; `holds` bytes of memory. */
async function filled(type: StoreSettings['type'], holds: number): Promise<void> {
  const options = { directory, maxBytes: 1e6, memoryCapacity: () => holds };
  cache = await createEmbeddingCache({ ...options, store: type === 's3' ? { type: 'own' } : { type } });
  await cache.put(A, embeddingOf('1.1', '1.1.1'));
  await cache.put(B, embeddingOf('1.1', '1.1.2'));
  await cache.put(C, embeddingOf('1.10', '1.1.1'));
  await cache.putField({ query: A, target: C, terms: '' }, Uint8Array.of(1));
}

async function files(): Promise<readonly string[]> {
  return (await readdir(directory))
    .filter((name) => name !== LOCK_NAME)
    .map((name) => name.replaceAll(/(\w)\1{63}/gu, '$1'));
}

describe.each(['own', 'shared'] as const)('what is dropped of a deleted study (%s)', (type) => {
  test.each([1, 1e6])(
    'is every embedding of it, with the fields, and of no other study; memory of %p bytes',
    async (holds) => {
      await filled(type, holds);
      expect(await cache.dropOf({ studyInstanceUid: '1.1' })).toBe(2);
      expect(await files()).toEqual(['c.embedding']);
      expect([await cache.get(A), await cache.get(B)]).toEqual([undefined, undefined]);
      expect(await cache.get(C)).toBeDefined();
      expect(await cache.getField({ query: A, target: C, terms: '' })).toBeUndefined();
    },
  );

  test('is one series, where one was deleted', async () => {
    await filled(type, 1);
    expect(await cache.dropOf({ studyInstanceUid: '1.1', seriesInstanceUid: '1.1.2' })).toBe(1);
    expect(await cache.get(A)).toBeDefined();
    expect(await cache.get(B)).toBeUndefined();
    expect(await cache.getField({ query: A, target: C, terms: '' })).toBeDefined();
  });
});

test('what cannot be read is passed over, and what is being written is dropped, too', async () => {
  await filled('own', 1);
  await writeFile(join(directory, `${A}.embedding`), 'no embedding');
  const writing = cache.put(keyOf('d'), embeddingOf('1.1', '1.1.3'));
  expect(await cache.dropOf({ studyInstanceUid: '1.1' })).toBe(2);
  await writing;
  expect(await cache.get(keyOf('d'))).toBeUndefined();
});
