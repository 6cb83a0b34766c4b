import { setImmediate as nextTurn } from 'node:timers/promises';
import { SamepointError } from '../errors/index.ts';
import { ownerOf } from '../access/credentials.ts';
import { JobStore } from './jobs.ts';
import type { JobSnapshot } from './jobs.ts';
import { fakePorts, Gate } from '../ports/testing/index.ts';
import { errorLike } from '../errors/testing/like.ts';
import type { MatchResult } from '../application/types.ts';

const alice = ownerOf({ authorization: 'Bearer alice' });
const bob = ownerOf({ authorization: 'Bearer bob' });
const anonymous = ownerOf({});

const match = { kind: 'match', owner: alice, series: [] } as const;

const NOTHING: MatchResult = { matches: [], warnings: [] };

function warned(code: string): MatchResult {
  const series = { studyInstanceUid: '1.2', seriesInstanceUid: '1.2.1' };
  return { matches: [], warnings: [{ series, code, message: '' }] };
}

const RETENTION_MS = 60_000;

function setUp(maxJobs = 10): { jobs: JobStore; ports: ReturnType<typeof fakePorts> } {
  const ports = fakePorts([]);
  return { jobs: new JobStore({ maxJobs, retentionMs: RETENTION_MS }, ports), ports };
}

async function collect(snapshots: AsyncIterable<JobSnapshot>): Promise<JobSnapshot[]> {
  const all: JobSnapshot[] = [];
  for await (const snapshot of snapshots) all.push(snapshot);
  return all;
}

const never = new AbortController().signal;

describe('JobStore', () => {
  it('runs work from queued over running to done', async () => {
    const { jobs } = setUp();
    const job = jobs.start(match, ({ onProgress }) => {
      onProgress({ stage: 'embed', fraction: 0.5, message: 'Half' });
      return Promise.resolve(NOTHING);
    });
    expect(job.state).toBe('queued');
    const snapshots = await collect(jobs.watch(job.id, alice, never));
    expect(snapshots.at(-1)).toMatchObject({
      state: 'done',
      kind: 'match',
      progress: { fraction: 1 },
      result: NOTHING,
    });
    expect(jobs.get(job.id, alice)).toBe(snapshots.at(-1));
  });

  it('shows first answers, and nothing more once it is cancelled', async () => {
    const { jobs } = setUp();
    let show: (preview: MatchResult) => void = () => undefined;
    const job = jobs.start(match, ({ onPreview, signal }) => {
      show = onPreview;
      return new Gate().pass(signal).then(() => NOTHING);
    });
    show(warned('first'));
    expect(jobs.get(job.id, alice)).toMatchObject({ state: 'running', preview: warned('first') });
    jobs.cancel(job.id, alice);
    show(warned('second'));
    expect(jobs.get(job.id, alice)).toMatchObject({ state: 'cancelled', preview: warned('first') });
    await nextTurn();
  });

  it('emits each whole percent once, and every stage', async () => {
    const { jobs } = setUp();
    const gate = new Gate();
    const job = jobs.start(match, async ({ onProgress }) => {
      await gate.opened;
      for (let step = 1; step <= 1000; step += 1) {
        onProgress({ stage: 'fetch', fraction: step / 2000, message: '' });
        await nextTurn();
      }
      onProgress({ stage: 'embed', fraction: 0.5, message: '' });
      return NOTHING;
    });
    const snapshots = collect(jobs.watch(job.id, alice, never));
    await nextTurn();
    gate.open();
    const fractions = (await snapshots).map(({ progress }) => Math.floor(progress.fraction * 100));
    expect(fractions.length).toBeGreaterThan(40);
    expect(fractions.length).toBeLessThan(60);
  });

  it('keeps a catalogue error unchanged', async () => {
    const { jobs } = setUp();
    const error = new SamepointError('dicomweb/forbidden', { operation: 'x' });
    const job = jobs.start(match, () => Promise.reject(error));
    const snapshots = await collect(jobs.watch(job.id, alice, never));
    expect(snapshots.at(-1)).toMatchObject({ state: 'failed', error });
  });

  it('hides a fault of ours behind a correlation id that the log has', async () => {
    const { jobs, ports } = setUp();
    const job = jobs.start(match, () => Promise.reject(new TypeError('secret detail')));
    const [last] = (await collect(jobs.watch(job.id, alice, never))).slice(-1);
    expect(last?.error?.toJSON()).toMatchObject({ code: 'http/internal', fields: { correlationId: job.id } });
    expect(JSON.stringify(last?.error)).not.toContain('secret');
    const errors = ports.logged.filter(({ level }) => level === 'error');
    expect(errors).toMatchObject([{ fields: { correlationId: job.id } }]);
  });

  it('cancels: the work is aborted, the job says so at once, a late result changes nothing', async () => {
    const { jobs } = setUp();
    let isAborted = false;
    const gate = new Gate();
    const job = jobs.start(match, async ({ signal }) => {
      signal.addEventListener('abort', () => {
        isAborted = true;
      });
      await gate.opened;
      return NOTHING;
    });
    await nextTurn();
    jobs.cancel(job.id, alice);
    expect(jobs.get(job.id, alice).state).toBe('cancelled');
    expect(isAborted).toBe(true);
    gate.open();
    await nextTurn();
    expect(jobs.get(job.id, alice)).toMatchObject({ state: 'cancelled' });
    expect(jobs.get(job.id, alice)).not.toHaveProperty('result');
  });

  it('keeps a finished job unchanged when it is cancelled', async () => {
    const { jobs } = setUp();
    const job = jobs.start(match, () => Promise.resolve(NOTHING));
    await nextTurn();
    jobs.cancel(job.id, alice);
    expect(jobs.get(job.id, alice).state).toBe('done');
  });

  it('does not exist for others', () => {
    const { jobs } = setUp();
    const job = jobs.start(match, () => new Promise(() => undefined));
    const unknown = errorLike({ code: 'http/unknown-job' });
    for (const other of [bob, anonymous]) {
      expect(() => jobs.get(job.id, other)).toThrow(unknown);
      expect(() => {
        jobs.cancel(job.id, other);
      }).toThrow(unknown);
      expect(() => jobs.watch(job.id, other, never)).toThrow(unknown);
    }
    expect(jobs.get(job.id, alice).state).toBe('queued');
  });

  it('forgets finished jobs after a while, running ones never', async () => {
    const { jobs, ports } = setUp();
    const finished = jobs.start(match, () => Promise.resolve(NOTHING));
    const running = jobs.start(match, () => new Promise(() => undefined));
    await nextTurn();
    ports.control.monotonic += RETENTION_MS + 1;
    expect(() => jobs.get(finished.id, alice)).toThrow(/does not exist/);
    expect(jobs.get(running.id, alice).state).toBe('queued');
  });

  it('drops the oldest finished job when the store is full, and refuses when all are running', async () => {
    const { jobs } = setUp(2);
    const finished = jobs.start(match, () => Promise.resolve(NOTHING));
    jobs.start(match, () => new Promise(() => undefined));
    await nextTurn();
    const third = jobs.start(match, () => new Promise(() => undefined));
    expect(() => jobs.get(finished.id, alice)).toThrow(/does not exist/);
    expect(jobs.get(third.id, alice).id).toBe(third.id);
    expect(() => jobs.start(match, () => Promise.resolve(NOTHING))).toThrow(
      errorLike({ code: 'http/too-many-jobs' }),
    );
  });

  it('gives each caller a share: its own oldest job goes, and it cannot fill the store', async () => {
    const jobs = new JobStore({ maxJobs: 4, maxJobsPerCaller: 2, retentionMs: RETENTION_MS }, fakePorts([]));
    const done = (): Promise<MatchResult> => Promise.resolve(NOTHING);
    const endless = (): Promise<MatchResult> => new Promise(() => undefined);
    const ofBob = jobs.start({ ...match, owner: bob }, done);
    const [first, second] = [jobs.start(match, done), jobs.start(match, endless)];
    await nextTurn();
    const third = jobs.start(match, endless);
    expect(() => jobs.get(first.id, alice)).toThrow(/does not exist/);
    expect([jobs.get(second.id, alice).state, jobs.get(third.id, alice).state]).toEqual(['queued', 'queued']);
    expect(() => jobs.start(match, done)).toThrow(
      errorLike({
        code: 'http/too-many-jobs',
        fields: { running: 2, retryAfterS: 10 },
      }),
    );
    expect(jobs.get(ofBob.id, bob).state).toBe('done');
    expect(jobs.start({ ...match, owner: anonymous }, endless).state).toBe('queued');
  });

  it('drops a job of the caller who has most', async () => {
    const jobs = new JobStore({ maxJobs: 3, maxJobsPerCaller: 3, retentionMs: RETENTION_MS }, fakePorts([]));
    const done = (): Promise<MatchResult> => Promise.resolve(NOTHING);
    const ofBob = jobs.start({ ...match, owner: bob }, done);
    const [first, second] = [jobs.start(match, done), jobs.start(match, done)];
    await nextTurn();
    jobs.start({ ...match, owner: anonymous }, done);
    expect(() => jobs.get(first.id, alice)).toThrow(/does not exist/);
    expect([jobs.get(ofBob.id, bob).state, jobs.get(second.id, alice).state]).toEqual(['done', 'done']);
  });

  it('ends a watch silently when the reader goes away', async () => {
    const { jobs } = setUp();
    const disconnect = new AbortController();
    const job = jobs.start(match, () => new Promise(() => undefined));
    const snapshots = collect(jobs.watch(job.id, alice, disconnect.signal));
    await nextTurn();
    disconnect.abort();
    expect(await snapshots).toHaveLength(1);
    expect(jobs.get(job.id, alice).state).toBe('queued');
  });

  it('cancels everything when it is closed', () => {
    const { jobs } = setUp();
    const job = jobs.start(match, () => new Promise(() => undefined));
    jobs.close();
    expect(jobs.get(job.id, alice).state).toBe('cancelled');
  });
});
