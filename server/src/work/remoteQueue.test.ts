import { readFile } from 'node:fs/promises';
import { jest } from '@jest/globals';
import { Redis } from 'ioredis';
import { SamepointError } from '../errors/index.ts';
import { startWorker } from './bullWorker.ts';
import { inspectQueue } from './inspect.ts';
import { openRemoteQueue } from './remoteQueue.ts';
import type { QueueSettings, RemoteQueue, RunningWorker, Urgency, WorkLogger } from './index.ts';
import { jobIdOf } from './orders.ts';
import { describeQueue, heldWork, keyOf, orderOf, wanted } from './testing/queueContract.ts';
import type { QueueUnderTest, Work } from './testing/queueContract.ts';
import { redisProgram, startRedis } from '../redis/testing/redisServer.ts';
import type { RedisServer } from '../redis/testing/redisServer.ts';

/** A lost lock is noticed after seconds. */
jest.setTimeout(60_000);

const logger: WorkLogger = { info: () => undefined, warn: () => undefined };
const KEY = 'a secret of thirty-two characters';
const [A, B] = [keyOf('a'), keyOf('b')];

let redis: RedisServer;
const opened: (() => Promise<void>)[] = [];
const describeWithRedis = redisProgram === undefined ? describe.skip : describe;

describeWithRedis('the queue in Redis', () => {
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => {
    await redis.close();
  });
  afterEach(async () => {
    for (const close of opened.splice(0).reverse()) await close();
  });

  let tests = 0;
  /** Each test has keys of its own in Redis. */
  const settingsOf = (change: Partial<QueueSettings> = {}): QueueSettings => ({
    ...{ redis: redis.url, prefix: `test-${tests}`, key: KEY, lockMs: 2_000, patienceMs: 20_000 },
    ...change,
  });

  interface Bench extends Pick<QueueUnderTest, 'works' | 'results'> {
    readonly queue: RemoteQueue;
    readonly settings: QueueSettings;
    /** Another web process. */
    another(change?: Partial<QueueSettings>): RemoteQueue;
    worker(slots?: Readonly<Record<Urgency, number>>, change?: Partial<QueueSettings>): RunningWorker;
    /** How often work has begun, by key. */
    readonly begun: Map<string, number>;
  }

  function bench(): Bench {
    tests += 1;
    const settings = settingsOf();
    const works = new Map<string, Work>();
    const results = new Map<string, string>();
    const begun = new Map<string, number>();
    const another = (change?: Partial<QueueSettings>): RemoteQueue => {
      const queue = openRemoteQueue({ ...settings, ...change }, logger);
      opened.push(() => queue.close());
      return queue;
    };
    const worker: Bench['worker'] = (slots = { interactive: 1, background: 1 }, change = {}) => {
      const started = startWorker({
        ...{ settings: { ...settings, ...change }, slots, logger },
        async handler({ key }, { signal, onProgress }) {
          begun.set(key, (begun.get(key) ?? 0) + 1);
          const work = works.get(key);
          if (work === undefined) throw new Error('the test has no such work');
          results.set(key, await work(signal, onProgress));
        },
      });
      opened.push(() => started.close());
      return started;
    };
    return { works, results, begun, settings, another, worker, queue: another() };
  }

  /** Resolves when the queue has connected. */
  async function connected(queue: RemoteQueue): Promise<void> {
    while (!(await queue.isReachable())) await new Promise(setImmediate);
  }

  describeQueue('like every queue', async () => {
    const test = bench();
    test.worker();
    await connected(test.queue);
    return { ...test, hasPlacesOfReaders: true, close: () => Promise.resolve() };
  });

  it('does once what two servers want, and both get it', async () => {
    const test = bench();
    const other = test.another();
    await Promise.all([connected(test.queue), connected(other)]);
    const held = heldWork('made');
    test.works.set(A, held.work);
    const first = wanted(test, orderOf(A));
    const second = wanted({ ...test, queue: other }, orderOf(A));
    test.worker();
    await held.begun;
    held.end();
    expect(await Promise.all([first, second])).toEqual(['made', 'made']);
    expect(test.begun.get(A)).toBe(1);
  });

  it('goes on where one of two servers wants the result no more', async () => {
    const test = bench();
    const other = test.another();
    await Promise.all([connected(test.queue), connected(other)]);
    const held = heldWork('made');
    test.works.set(A, held.work);
    const caller = new AbortController();
    const left = wanted(test, orderOf(A), { signal: caller.signal });
    const stays = wanted({ ...test, queue: other }, orderOf(A));
    test.worker();
    await held.begun;
    caller.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    held.end();
    expect(await stays).toBe('made');
  });

  it('tries the credentials of each server: what one caller may not read, another one may', async () => {
    const test = bench();
    const other = test.another();
    await Promise.all([connected(test.queue), connected(other)]);
    const refused = new SamepointError('dicomweb/forbidden', { operation: 'retrieve' });
    const answers = [() => Promise.reject(refused), () => Promise.resolve('made')];
    const held = heldWork('');
    test.works.set(A, async (signal, report) => {
      if (answers.length === 2) await held.work(signal, report);
      return await (answers.shift() ?? fail())();
    });
    const first = wanted(test, orderOf(A));
    test.worker();
    await held.begun;
    const second = wanted({ ...test, queue: other }, orderOf(A));
    // The other server waits for the same job before it fails.
    while ((await other.counts()).interactive.active !== 1) await new Promise(setImmediate);
    held.end();
    await expect(first).rejects.toMatchObject({ code: 'dicomweb/forbidden' });
    expect(await second).toBe('made');
  });

  it('moves what waits in the background to the front when a reader comes', async () => {
    const test = bench();
    const other = test.another();
    await Promise.all([connected(test.queue), connected(other)]);
    const held = heldWork('long');
    test.works.set(B, held.work);
    test.works.set(A, () => Promise.resolve('made'));
    test.worker();
    const long = wanted(test, orderOf(B, 'background'));
    await held.begun;
    const speculative = wanted(test, orderOf(A, 'background'));
    while ((await test.queue.counts()).background.waiting !== 1) await new Promise(setImmediate);
    expect(await wanted({ ...test, queue: other }, orderOf(A))).toBe('made');
    expect(await speculative).toBe('made');
    held.end();
    await long;
    expect(test.begun.get(A)).toBe(1);
  });

  it('gives work back when a worker is stopped, and another one does it', async () => {
    const test = bench();
    await connected(test.queue);
    const held = heldWork('made');
    test.works.set(A, held.work);
    const first = test.worker();
    const result = wanted(test, orderOf(A));
    await held.begun;
    test.works.set(A, () => Promise.resolve('made'));
    await first.close();
    test.worker();
    expect(await result).toBe('made');
  });

  it('keeps what it is given while Redis is gone, with and without its data', async () => {
    const test = bench();
    await connected(test.queue);
    test.works.set(A, () => Promise.resolve('a'));
    test.works.set(B, () => Promise.resolve('b'));
    const results = [wanted(test, orderOf(A)), wanted(test, orderOf(B, 'background'))];
    while ((await test.queue.counts()).background.waiting !== 1) await new Promise(setImmediate);
    await redis.kill();
    expect(await test.queue.isReachable()).toBe(false);
    await expect(wanted(test, orderOf(A, 'interactive', 'bob'))).rejects.toMatchObject({
      code: 'queue/unreachable',
      status: 503,
    });
    await redis.startEmpty();
    test.worker();
    expect(await Promise.all(results)).toEqual(['a', 'b']);
    expect(await test.queue.isReachable()).toBe(true);
  });

  it('waits for a Redis that is slow', async () => {
    const test = bench();
    await connected(test.queue);
    test.works.set(A, () => Promise.resolve('made'));
    test.worker();
    const administrator = new Redis(redis.url);
    await administrator.call('CLIENT', 'PAUSE', '1500', 'ALL');
    administrator.disconnect();
    expect(await wanted(test, orderOf(A))).toBe('made');
    expect(test.begun.get(A)).toBe(1);
  });

  it('ends while Redis is gone', async () => {
    const gone = await startRedis();
    opened.push(() => gone.close());
    const test = bench();
    const queue = test.another({ redis: gone.url });
    const worker = test.worker(undefined, { redis: gone.url });
    await connected(queue);
    await gone.kill();
    await Promise.all([queue.close(), worker.close()]);
    expect(await queue.isReachable()).toBe(false);
  });

  it('says that a worker of another key cannot read the order', async () => {
    const test = bench();
    await connected(test.queue);
    test.works.set(A, () => Promise.resolve('made'));
    test.worker(undefined, { key: 'another secret of thirty-two characters' });
    await expect(wanted(test, orderOf(A))).rejects.toMatchObject({ code: 'queue/unreadable-order' });
    expect(test.begun.size).toBe(0);
  });

  it('says that the result of a worker is not in the store that this server looks at', async () => {
    const test = bench();
    await connected(test.queue);
    test.works.set(A, () => Promise.resolve('made'));
    test.worker();
    const elsewhere = { ...test, results: new Map<string, string>() };
    await expect(wanted(elsewhere, orderOf(A))).rejects.toMatchObject({ code: 'queue/result-missing' });
  });

  it('holds neither credentials nor UIDs, while work waits and when it has ended', async () => {
    const test = bench();
    await connected(test.queue);
    const request = {
      series: { studyInstanceUid: '1.2.840.99' },
      caller: { authorization: 'Bearer s3cr3t' },
    };
    test.works.set(A, () =>
      Promise.reject(new SamepointError('application/series-changed', { seriesInstanceUid: '1.2.840.99' })),
    );
    const failing = wanted(test, { ...orderOf(A), request }).catch((error: unknown) => error);
    while ((await test.queue.counts()).interactive.waiting !== 1) await new Promise(setImmediate);
    const before = await redis.dump();
    test.worker();
    expect(await failing).toMatchObject({ fields: { seriesInstanceUid: '1.2.840.99' } });
    for (const text of [before, await redis.dump()]) {
      expect(text.length).toBeGreaterThan(100);
      expect(text).not.toMatch(/s3cr3t|1\.2\.840|Bearer/);
    }
  });

  it('works with a user who may do no more than docs/operation.md says, and knows a wrong password', async () => {
    const text = await readFile(new URL('../../../docs/operation.md', import.meta.url), 'utf8');
    const rights = /^user (samepoint on >PASSWORD .*)$/mu.exec(text)?.[1]?.split(' ') ?? [];
    const ofTest = rights.map((word) => word.replace('samepoint:', 'test-'));
    const guarded = await startRedis(['--user', ...ofTest, '--user', 'default', 'off']);
    opened.push(() => guarded.close());
    const test = bench();
    const change = { redis: guarded.url, username: 'samepoint', password: 'PASSWORD' };
    const queue = test.another(change);
    await connected(queue);
    test.works.set(A, () => Promise.resolve('made'));
    test.worker(undefined, change);
    expect(await wanted({ ...test, queue }, orderOf(A))).toBe('made');
    expect(await queue.workers()).toBe(1);
    expect(await inspectQueue({ ...test.settings, ...change })).toMatchObject({
      memoryPolicy: 'noeviction',
      isPersistent: true,
      workers: 1,
    });
    const wrong = inspectQueue({ ...test.settings, ...change, password: 'wrong' });
    await expect(wrong).rejects.toMatchObject({
      code: 'queue/refused',
      fields: { problem: 'WRONGPASS' },
    });
  });

  it('goes on with what waits when the memory of Redis was full for a while', async () => {
    const test = bench();
    await connected(test.queue);
    test.works.set(A, () => Promise.resolve('made'));
    const waits = wanted(test, orderOf(A));
    const administrator = new Redis(redis.url);
    while ((await administrator.exists(`${test.settings.prefix}:interactive:${jobIdOf(orderOf(A))}`)) === 0) {
      await new Promise(setImmediate);
    }
    await administrator.config('SET', 'maxmemory', '1kb');
    // It has said again that it wants the result, and Redis has refused that.
    while (!(await administrator.info('errorstats')).includes('errorstat_OOM'))
      await new Promise(setImmediate);
    await administrator.config('SET', 'maxmemory', '0');
    administrator.disconnect();
    test.worker();
    expect(await waits).toBe('made');
  });

  it('says that Redis refuses, where its memory is full', async () => {
    const full = await startRedis(['--maxmemory', '1']);
    opened.push(() => full.close());
    const test = bench();
    const queue = test.another({ redis: full.url });
    await connected(queue);
    test.works.set(A, () => Promise.resolve('made'));
    await expect(wanted({ ...test, queue }, orderOf(A))).rejects.toMatchObject({
      code: 'queue/refused',
      fields: { problem: 'OOM' },
    });
  });
});

function fail(): never {
  throw new Error('the work was begun too often');
}
