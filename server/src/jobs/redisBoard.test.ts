import { setTimeout as pause } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { Redis } from 'ioredis';
import { ownerOf, shareOwners } from '../access/index.ts';
import type { Caller } from '../access/index.ts';
import { CURRENT, fakePorts, Gate, PRIOR, refOf, tokenOf } from '../ports/testing/index.ts';
import type { MatchResult } from '../application/types.ts';
import { SamepointError } from '../errors/index.ts';
import type { WorkLogger } from '../work/index.ts';
import { redisProgram, startRedis } from '../redis/testing/redisServer.ts';
import type { RedisServer } from '../redis/testing/redisServer.ts';
import type { JobBoard } from './board.ts';
import { JobStore } from './jobs.ts';
import type { JobRun, JobSnapshot } from './jobs.ts';
import { openRedisBoard } from './redisBoard.ts';
import { SharedJobs } from './sharedJobs.ts';

/** A sign of life expires after seconds. */
jest.setTimeout(60_000);

const KEY = 'a secret of thirty-two characters';
const RETENTION_MS = 600_000;
const LOCK_MS = 2_000;
const logger: WorkLogger = { info: () => undefined, warn: () => undefined };
const ALICE: Caller = { authorization: tokenOf({ iss: 'https://idp', sub: 'alice', exp: 1 }) };
const BOB: Caller = { authorization: tokenOf({ iss: 'https://idp', sub: 'bob', exp: 1 }) };
const NEVER = new AbortController().signal;
const UNKNOWN = { code: 'http/unknown-job' };
const RESULT: MatchResult = {
  matches: [],
  warnings: [{ series: refOf(CURRENT), code: 'x/y', message: 'an unusual word' }],
};
const PREVIEW: MatchResult = { matches: [], warnings: [] };

/** A web process as far as its jobs go. */
interface Web {
  readonly jobs: SharedJobs;
  readonly board: JobBoard;
}

let redis: RedisServer;
let tests = 0;
const opened: JobBoard[] = [];
const describeWithRedis = redisProgram === undefined ? describe.skip : describe;

async function collect(snapshots: AsyncIterable<JobSnapshot>): Promise<JobSnapshot[]> {
  const all: JobSnapshot[] = [];
  for await (const snapshot of snapshots) all.push(snapshot);
  return all;
}

describeWithRedis('jobs of several web processes', () => {
  beforeAll(async () => {
    shareOwners(KEY);
    redis = await startRedis();
  });
  afterAll(() => redis.close());
  beforeEach(() => {
    tests += 1;
  });
  afterEach(async () => {
    for (const board of opened.splice(0)) await board.close();
  });

  const web = (url = redis.url): Web => {
    const settings = { redis: url, prefix: `test-${tests}`, key: KEY, lockMs: LOCK_MS, patienceMs: 5_000 };
    const board = openRedisBoard({ ...settings, retentionMs: RETENTION_MS }, logger);
    opened.push(board);
    const store = new JobStore({ maxJobs: 10, retentionMs: RETENTION_MS }, fakePorts([]));
    return { board, jobs: new SharedJobs(store, board) };
  };
  /** Starts a job; again while the connection is being made. */
  const start = async ({ jobs }: Web, work: (run: JobRun) => Promise<MatchResult>): Promise<string> => {
    const request = { kind: 'match', owner: ownerOf(ALICE), series: [refOf(CURRENT), refOf(PRIOR)] } as const;
    for (;;) {
      const made = await jobs.start(request, work).catch(() => undefined);
      if (made !== undefined) return made.id;
      await pause(20);
    }
  };
  /** The job as a web process finds it, as soon as it can reach Redis. */
  const find = async ({ jobs }: Web, id: string, caller = ALICE): ReturnType<SharedJobs['find']> => {
    for (;;) {
      try {
        return await jobs.find(id, ownerOf(caller));
      } catch (error) {
        if (!(error instanceof SamepointError) || error.code !== 'queue/unreachable') throw error;
        await pause(20);
      }
    }
  };
  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    while (!(await holds())) await pause(50);
  };

  it('are read, with their results, by their owner only, in each of them', async () => {
    const [a, b] = [web(), web()];
    const id = await start(a, () => Promise.resolve(RESULT));
    await until(async () => (await find(b, id)).snapshot.state === 'done');
    const found = await find(b, id);
    expect(found).toMatchObject({ isSameLogin: true, snapshot: { id, kind: 'match', result: RESULT } });
    expect(found.series).toEqual([refOf(CURRENT), refOf(PRIOR)]);
    await expect(find(b, id, BOB)).rejects.toMatchObject(UNKNOWN);
  });

  it('are followed from each of them; a preview stays the same object', async () => {
    const [a, b] = [web(), web()];
    const gate = new Gate();
    const id = await start(a, async ({ onPreview, onProgress }) => {
      onPreview(PREVIEW);
      await gate.opened;
      onProgress({ stage: 'match', fraction: 0.9, message: 'Matching' });
      await pause(300);
      return RESULT;
    });
    await find(b, id);
    const following = collect(await b.jobs.watch(id, ownerOf(ALICE), NEVER));
    gate.open();
    const all = await following;
    expect(all.at(-1)).toMatchObject({ state: 'done', result: RESULT });
    const previews = all.flatMap(({ preview }) => preview ?? []);
    expect(previews.length).toBeGreaterThan(1);
    expect(new Set(previews).size).toBe(1);
  });

  it('hold errors of the catalogue, also within a result', async () => {
    const [a, b] = [web(), web()];
    const error = new SamepointError('volume/mixed-matrix', { sizes: ['512 x 512', '256 x 256'] });
    const failed = await start(a, () => Promise.reject(error));
    await until(async () => (await find(b, failed)).snapshot.state === 'failed');
    expect((await find(b, failed)).snapshot.error).toEqual(error);
    const outcome = { pointId: 'p', target: refOf(PRIOR), ok: false, error } as const;
    const mixed = { matches: [outcome], warnings: [] };
    const partly = await start(a, () => Promise.resolve(mixed));
    await until(async () => (await find(b, partly)).snapshot.state === 'done');
    expect((await find(b, partly)).snapshot.result).toEqual(mixed);
  });

  it.each(['cancel', 'drop'] as const)('end where they run by a %s elsewhere', async (how) => {
    const [a, b] = [web(), web()];
    const aborted = Promise.withResolvers<undefined>();
    const id = await start(a, async ({ signal }) => {
      signal.addEventListener('abort', () => {
        aborted.resolve(undefined);
      });
      await new Gate().pass(signal);
      return RESULT;
    });
    await find(b, id);
    if (how === 'cancel') {
      await b.jobs.cancel(id, ownerOf(ALICE));
      expect((await b.jobs.find(id, ownerOf(ALICE))).snapshot.state).toBe('cancelled');
    } else await b.jobs.drop(id);
    await aborted.promise;
    if (how === 'drop') {
      await expect(a.jobs.find(id, ownerOf(ALICE))).rejects.toMatchObject(UNKNOWN);
      await expect(find(b, id)).rejects.toMatchObject(UNKNOWN);
    }
  });

  it('fail in words when their process ends; what has ended before stays', async () => {
    const [a, b] = [web(), web()];
    const done = await start(a, () => Promise.resolve(RESULT));
    const running = await start(a, () => new Gate().pass().then(() => RESULT));
    await until(async () => (await find(b, done)).snapshot.state === 'done');
    const following = collect(await b.jobs.watch(running, ownerOf(ALICE), NEVER));
    await opened.shift()?.close();
    expect((await following).at(-1)).toMatchObject({ state: 'failed', error: { code: 'queue/server-lost' } });
    expect((await find(b, done)).snapshot).toMatchObject({ state: 'done', result: RESULT });
  });

  it('are sealed', async () => {
    const [a, b] = [web(), web()];
    const id = await start(a, () => Promise.resolve(RESULT));
    await until(async () => (await find(b, id)).snapshot.state === 'done');
    const text = await redis.dump();
    expect(text).toContain(id);
    for (const word of ['unusual', CURRENT.seriesInstanceUid, 'alice', 'match']) {
      expect(text).not.toContain(word);
    }
  });

  describe('where Redis fails', () => {
    let own: RedisServer;
    beforeEach(async () => {
      own = await startRedis();
    });
    afterEach(() => own.close());

    it('goes on with what it still runs, and is shown again when Redis comes back with nothing', async () => {
      const [a, b] = [web(own.url), web(own.url)];
      const gate = new Gate();
      const id = await start(a, () => gate.opened.then(() => RESULT));
      await find(b, id);
      await own.kill();
      await expect(b.jobs.find(id, ownerOf(ALICE))).rejects.toMatchObject({ code: 'queue/unreachable' });
      expect((await a.jobs.find(id, ownerOf(ALICE))).snapshot.state).toBe('queued');
      await own.startEmpty();
      expect((await find(b, id)).snapshot.state).toBe('queued');
      gate.open();
      await until(async () => (await find(b, id)).snapshot.state === 'done');
    });

    it('is slow: jobs are where they were when it answers again', async () => {
      const [a, b] = [web(own.url), web(own.url)];
      const id = await start(a, () => new Gate().pass().then(() => RESULT));
      await find(b, id);
      const administrator = new Redis(own.url);
      // Longer than a sign of life holds.
      await administrator.call('CLIENT', 'PAUSE', String(1.5 * LOCK_MS), 'ALL');
      administrator.disconnect();
      expect((await find(b, id)).snapshot.state).toBe('queued');
      expect((await find(b, id)).snapshot.state).toBe('queued');
    });

    it('begins nothing that the others could not see', async () => {
      const a = web(own.url);
      await start(a, () => Promise.resolve(RESULT));
      await own.kill();
      const work = jest.fn<() => Promise<MatchResult>>();
      const request = { kind: 'match', owner: ownerOf(ALICE), series: [] } as const;
      await expect(a.jobs.start(request, work)).rejects.toMatchObject({ code: 'queue/unreachable' });
      expect(work).not.toHaveBeenCalled();
    });
  });
});

describeWithRedis('a Redis that is full', () => {
  it('refuses a job in words', async () => {
    const full = await startRedis(['--maxmemory', '1kb']);
    const settings = { redis: full.url, prefix: 'full', key: KEY, lockMs: LOCK_MS, patienceMs: 5_000 };
    const board = openRedisBoard({ ...settings, retentionMs: RETENTION_MS }, logger);
    try {
      const store = new JobStore({ maxJobs: 10, retentionMs: RETENTION_MS }, fakePorts([]));
      const jobs = new SharedJobs(store, board);
      const request = { kind: 'match', owner: ownerOf(ALICE), series: [] } as const;
      const refused = async (): Promise<unknown> => {
        const error: unknown = await jobs
          .start(request, () => Promise.resolve(RESULT))
          .catch((e: unknown) => e);
        if (!(error instanceof SamepointError) || error.code !== 'queue/unreachable') return error;
        await pause(20);
        return await refused();
      };
      expect(await refused()).toMatchObject({ code: 'queue/refused', fields: { problem: 'OOM' } });
    } finally {
      await board.close();
      await full.close();
    }
  });
});
