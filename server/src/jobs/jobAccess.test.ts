import { setImmediate as nextTurn } from 'node:timers/promises';
import { SamepointError } from '../errors/index.ts';
import { createAccess } from '../access/access.ts';
import { ownerOf } from '../access/credentials.ts';
import { JobAccess } from './jobAccess.ts';
import { JobStore } from './jobs.ts';
import { SharedJobs } from './sharedJobs.ts';
import type { JobRun, JobSnapshot } from './jobs.ts';
import { CURRENT, fakePorts, Gate, PRIOR, refOf, tokenOf } from '../ports/testing/index.ts';
import type { FakePorts } from '../ports/testing/index.ts';
import type { MatchResult } from '../application/types.ts';
import type { Caller } from '../access/index.ts';

const MEMO_MS = 5_000;
const ALICE: Caller = { authorization: tokenOf({ iss: 'https://idp', sub: 'alice', exp: 1 }) };
const ALICE_LATER: Caller = { authorization: tokenOf({ iss: 'https://idp', sub: 'alice', exp: 2 }) };
const BOB: Caller = { authorization: tokenOf({ iss: 'https://idp', sub: 'bob', exp: 1 }) };
const OPAQUE: Caller = { authorization: 'Bearer opaque' };
/** An answer with content of a series. */
function resultWith(message: string): MatchResult {
  return { matches: [], warnings: [{ series: refOf(CURRENT), code: 'x/y', message }] };
}
const RESULT = resultWith('the answer');
const PREVIEW = resultWith('roughly');
/** Work that ends when it is aborted. */
function endless(signal?: AbortSignal): Promise<MatchResult> {
  return new Gate().pass(signal).then(() => RESULT);
}

const NEVER = new AbortController().signal;

interface Test {
  readonly ports: FakePorts;
  readonly jobs: JobStore;
  readonly shown: JobAccess;
  readonly start: (caller: Caller, work?: (run: JobRun) => Promise<MatchResult>) => string;
}

function setUp(memoMs = MEMO_MS): Test {
  const ports = fakePorts([CURRENT, PRIOR]);
  const jobs = new JobStore({ maxJobs: 10, retentionMs: 600_000 }, ports);
  const access = createAccess(ports.source, { memoMs, clock: ports.monotonic });
  const shown = new JobAccess(new SharedJobs(jobs), async (series, caller, signal) => {
    await Promise.all(series.map((one) => access.grant(one, caller, signal)));
  });
  const start: Test['start'] = (caller, work = () => Promise.resolve(RESULT)) => {
    const series = [refOf(CURRENT), refOf(PRIOR)];
    return jobs.start({ kind: 'match', owner: ownerOf(caller), series }, work).id;
  };
  return { ports, jobs, shown, start };
}

const FORBIDDEN = { code: 'dicomweb/forbidden' };
const UNKNOWN = { code: 'http/unknown-job' };

async function collect(snapshots: AsyncIterable<JobSnapshot>): Promise<JobSnapshot[]> {
  const all: JobSnapshot[] = [];
  for await (const snapshot of snapshots) all.push(snapshot);
  return all;
}

describe('the result of a job', () => {
  it('is sent while the PACS shows the series, which is queried at most once in the time of the memory', async () => {
    const { ports, shown, start } = setUp();
    const id = start(ALICE);
    await nextTurn();
    expect(await shown.read(id, ALICE)).toMatchObject({ state: 'done', result: RESULT });
    const sentBefore = ports.source.requests.length;
    await shown.read(id, ALICE);
    expect(ports.source.requests).toHaveLength(sentBefore);
    ports.control.monotonic += MEMO_MS + 1;
    await shown.read(id, ALICE);
    expect(ports.source.requests.length).toBeGreaterThan(sentBefore);
  });

  it('is not sent once the PACS has withdrawn access, and is forgotten', async () => {
    const { ports, shown, start } = setUp();
    const id = start(ALICE);
    await nextTurn();
    await shown.read(id, ALICE);
    ports.source.withoutRetrieval = [ALICE.authorization ?? ''];
    ports.control.monotonic += MEMO_MS + 1;
    await expect(shown.read(id, ALICE)).rejects.toMatchObject(FORBIDDEN);
    ports.source.withoutRetrieval = [];
    await expect(shown.read(id, ALICE)).rejects.toMatchObject(UNKNOWN);
  });

  it('is not sent when one of several series is hidden', async () => {
    const { ports, shown, start } = setUp();
    const id = start(ALICE);
    await nextTurn();
    ports.source.series.splice(1, 1);
    await expect(shown.read(id, ALICE)).rejects.toMatchObject({ code: 'dicomweb/study-not-found' });
  });

  it('is not sent to an expired login, but is there after the next one', async () => {
    const { ports, shown, start } = setUp();
    const id = start(ALICE);
    await nextTurn();
    ports.source.allowed = [ALICE_LATER.authorization ?? ''];
    await expect(shown.read(id, ALICE)).rejects.toMatchObject({ code: 'dicomweb/unauthorized' });
    expect(await shown.read(id, ALICE_LATER)).toMatchObject({ result: RESULT });
  });

  it('is not sent while a wall clock is set back', async () => {
    const { ports, shown, start } = setUp();
    const id = start(ALICE);
    await nextTurn();
    await shown.read(id, ALICE);
    ports.control.now -= 3_600_000;
    ports.control.monotonic += MEMO_MS + 1;
    ports.source.allowed = [];
    await expect(shown.read(id, ALICE)).rejects.toMatchObject({ code: 'dicomweb/unauthorized' });
  });

  it('is not needed to see how far a job is, nor that the PACS has refused it', async () => {
    const { ports, shown, start } = setUp();
    const running = start(ALICE, () => endless());
    const error = new SamepointError('dicomweb/forbidden', { operation: 'x' });
    const refused = start(ALICE, () => Promise.reject(error));
    const odd = new SamepointError('volume/mixed-matrix', { sizes: ['512 x 512', '256 x 256'] });
    const failed = start(ALICE, () => Promise.reject(odd));
    await nextTurn();
    ports.source.allowed = [];
    expect(await shown.read(running, ALICE)).toMatchObject({ state: 'queued' });
    expect(await shown.read(refused, ALICE)).toMatchObject({ state: 'failed', error });
    // What is wrong with the images is about the images.
    await expect(shown.read(failed, ALICE)).rejects.toMatchObject({ code: 'dicomweb/unauthorized' });
  });
});

describe('the events of a job', () => {
  const previewed = (): { readonly work: (run: JobRun) => Promise<MatchResult>; readonly gate: Gate } => {
    const gate = new Gate();
    const work = async ({ onPreview }: JobRun): Promise<MatchResult> => {
      onPreview(PREVIEW);
      await gate.opened;
      return RESULT;
    };
    return { work, gate };
  };

  it('show preview and result while the PACS shows the series', async () => {
    const { shown, start } = setUp(0);
    const { work, gate } = previewed();
    const snapshots = collect(await shown.watch(start(ALICE, work), ALICE, NEVER));
    await nextTurn();
    gate.open();
    expect((await snapshots).map(({ state }) => state)).toEqual(['running', 'done']);
  });

  it('end with the refusal, without preview and result, where access goes in between', async () => {
    const { ports, shown, start } = setUp(0);
    const { work, gate } = previewed();
    const id = start(ALICE, work);
    const snapshots = collect(await shown.watch(id, ALICE, NEVER));
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    ports.source.withoutRetrieval = [ALICE.authorization ?? ''];
    gate.open();
    const [first, last, ...more] = await snapshots;
    expect([first?.preview, more]).toEqual([PREVIEW, []]);
    expect(last).toMatchObject({ id, state: 'failed', error: FORBIDDEN });
    expect(last).not.toHaveProperty('preview');
    expect(last).not.toHaveProperty('result');
    await expect(shown.read(id, ALICE)).rejects.toMatchObject(UNKNOWN);
  });

  it('do not show a preview that was there when access went, and end the work', async () => {
    const { ports, shown, start } = setUp(0);
    let aborted = false;
    const id = start(ALICE, ({ onPreview, signal }) => {
      onPreview(PREVIEW);
      signal.addEventListener('abort', () => (aborted = true));
      return endless(signal);
    });
    ports.source.withoutRetrieval = [ALICE.authorization ?? ''];
    const snapshots = await collect(await shown.watch(id, ALICE, NEVER));
    expect(snapshots).toMatchObject([{ state: 'failed', error: FORBIDDEN }]);
    expect(JSON.stringify(snapshots)).not.toContain('roughly');
    expect(aborted).toBe(true);
  });

  it('query the PACS for a preview once, however often it is emitted', async () => {
    const { ports, shown, start } = setUp(0);
    const gate = new Gate();
    const id = start(ALICE, async ({ onPreview, onProgress }) => {
      onPreview(PREVIEW);
      await gate.opened;
      for (let step = 1; step <= 50; step += 1) {
        onProgress({ stage: 'embed', fraction: step / 100, message: '' });
        await nextTurn();
      }
      return RESULT;
    });
    const snapshots = collect(await shown.watch(id, ALICE, NEVER));
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    gate.open();
    expect((await snapshots).length).toBeGreaterThan(10);
    expect(ports.source.requests.filter((request) => request === 'studies')).toHaveLength(4);
  });
});

describe('whose a job is', () => {
  it('a renewed token keeps its job: read, watch, cancel', async () => {
    const { jobs, shown, start } = setUp();
    const id = start(ALICE);
    await nextTurn();
    expect(await shown.read(id, ALICE_LATER)).toMatchObject({ result: RESULT });
    const snapshots = await collect(await shown.watch(id, ALICE_LATER, NEVER));
    expect(snapshots).toMatchObject([{ result: RESULT }]);
    const running = start(ALICE, ({ signal }) => endless(signal));
    await shown.cancel(running, ALICE_LATER);
    expect(jobs.get(running, ownerOf(ALICE)).state).toBe('cancelled');
  });

  it('a forged token with the same subject gets what the PACS gives it: nothing, not even progress', async () => {
    const { ports, jobs, shown, start } = setUp();
    ports.source.allowed = [ALICE.authorization ?? ''];
    const id = start(ALICE, ({ signal }) => endless(signal));
    const refused = { code: 'dicomweb/unauthorized' };
    await expect(shown.read(id, ALICE_LATER)).rejects.toMatchObject(refused);
    await expect(shown.watch(id, ALICE_LATER, NEVER)).rejects.toMatchObject(refused);
    await expect(shown.cancel(id, ALICE_LATER)).rejects.toMatchObject(refused);
    expect(jobs.get(id, ownerOf(ALICE)).state).toBe('queued');
  });

  it.each([
    ['another user', BOB],
    ['no user', {}],
    ['an opaque token', OPAQUE],
    ['the same subject of another issuer', { authorization: tokenOf({ iss: 'https://evil', sub: 'alice' }) }],
  ])('does not exist for %s, although the PACS shows the series', async (_name, other) => {
    const { shown, start } = setUp();
    const id = start(ALICE);
    await nextTurn();
    await expect(shown.read(id, other)).rejects.toMatchObject(UNKNOWN);
    await expect(shown.watch(id, other, NEVER)).rejects.toMatchObject(UNKNOWN);
    await expect(shown.cancel(id, other)).rejects.toMatchObject(UNKNOWN);
  });
});
