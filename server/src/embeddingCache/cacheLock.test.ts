import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmbeddingCache } from './cache.ts';
import type { EmbeddingCache } from './cache.ts';
import { LOCK_NAME } from './cacheLock.ts';
import type { EmbeddingKey } from './key.ts';
import { arraysOf, smallEmbedding as embedding } from '../embedding/testing/smallEmbedding.ts';

const keyOf = (digit: string): EmbeddingKey => digit.repeat(64) as EmbeddingKey;
const [A, B, C] = [keyOf('a'), keyOf('b'), keyOf('c')];

let directory: string;
let logged: { readonly fields: object; readonly message: string }[];
const logger = {
  warn: (fields: object, message: string): void => {
    logged.push({ fields, message });
  },
};
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samepoint-lock-'));
  logged = [];
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

describe('one server per folder', () => {
  const start = (role?: 'guest'): Promise<EmbeddingCache> =>
    createEmbeddingCache({ directory, maxBytes: 1e6, logger, ...(role && { role }) });

  it('refuses a second one, until the first has ended', async () => {
    const first = await start();
    await expect(start()).rejects.toMatchObject({
      code: 'embedding/cache-in-use',
      fields: { directory, pid: process.pid },
    });
    await first.close();
    await (await start()).close();
  });

  it('replaces the lock of a process that was killed', async () => {
    const child = spawnSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' });
    await (await start()).put(A, embedding(1));
    const lock = join(directory, LOCK_NAME);
    const holder = JSON.parse(await readFile(lock, 'utf8')) as object;
    await writeFile(lock, JSON.stringify({ ...holder, pid: Number(child.stdout) }));
    await (await start()).close();
  });

  it('is not fooled by another process that has got the process id', async () => {
    const lock = join(directory, LOCK_NAME);
    await start();
    const holder = JSON.parse(await readFile(lock, 'utf8')) as object;
    await writeFile(lock, JSON.stringify({ ...holder, began: '1' }));
    await (await start()).close();
  });

  it('waits for a machine elsewhere, whose process ids mean nothing here, until it is silent', async () => {
    const lock = join(directory, LOCK_NAME);
    const elsewhere = { token: 'x', pid: 1, host: 'other', processes: 'elsewhere', began: '1' };
    await writeFile(lock, JSON.stringify(elsewhere));
    await expect(start()).rejects.toMatchObject({ fields: { pid: 1, host: 'other' } });
    const past = new Date(Date.now() - 60_000);
    await utimes(lock, past, past);
    await (await start()).close();
  });

  it('lets a guest read and add beside it, without cleaning', async () => {
    const owner = await start();
    await owner.put(A, embedding(1));
    const part = join(directory, `${A}.${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}.part`);
    await writeFile(part, 'the owner is writing');
    const guest = await createEmbeddingCache({ directory, maxBytes: 3000, role: 'guest' });
    expect(arraysOf(await guest.get(A))).toEqual(embedding(1));
    await guest.put(B, embedding(2));
    await guest.put(C, embedding(3));
    await guest.close();
    expect((await readdir(directory)).filter((name) => name !== LOCK_NAME)).toHaveLength(4);
    expect(arraysOf(await owner.get(A))).toEqual(embedding(1));
    await owner.close();
  });

  it('opens a folder that cannot be locked, and says so', async () => {
    await mkdir(join(directory, LOCK_NAME));
    await mkdir(join(directory, LOCK_NAME, 'inner'));
    const past = new Date(0);
    await utimes(join(directory, LOCK_NAME), past, past);
    await (await start()).close();
    expect(logged.map(({ message }) => message)).toEqual([expect.stringMatching(/cannot be locked/)]);
  });
});
