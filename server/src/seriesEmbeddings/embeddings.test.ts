import { setImmediate as nextTurn } from 'node:timers/promises';
import { createAccess } from '../access/access.ts';
import type { GrantedSeries } from '../access/access.ts';
import { createEmbeddings } from './embeddings.ts';
import type { Embeddings, EmbeddingPlan } from './embeddings.ts';
import {
  ALL_SERIES,
  CURRENT,
  fakePorts,
  Gate,
  PRIOR,
  PRIOR_2,
  refOf,
  OTHER_PATIENT,
} from '../ports/testing/index.ts';
import type { FakePorts, FakeSeries } from '../ports/testing/index.ts';
import type { Progress } from './types.ts';

function setUp(queueLimit = 16): {
  ports: FakePorts;
  embeddings: Embeddings;
  plan: (series: FakeSeries, authorization?: string) => Promise<EmbeddingPlan>;
} {
  const ports = fakePorts([...ALL_SERIES]);
  const embeddings = createEmbeddings(ports, { queueLimit });
  const access = createAccess(ports.source, { memoMs: 0, clock: ports.monotonic });
  const plan = async (series: FakeSeries, authorization?: string): Promise<EmbeddingPlan> => {
    const caller = { authorization };
    const granted: GrantedSeries = await access.grant(refOf(series), caller);
    return embeddings.plan(granted, ports.models.get('m1'), caller);
  };
  return { ports, embeddings, plan };
}

/** Lets everything that is ready to run do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
}

describe('embeddings', () => {
  it('fetches, embeds and keeps; the next plan is ready', async () => {
    const { ports, plan } = setUp();
    const first = await plan(CURRENT);
    expect(first.ready).toBe(false);
    expect(await first.run()).toMatchObject({ modelId: 'm1', volume: refOf(CURRENT) });
    const second = await plan(CURRENT);
    expect(second.ready).toBe(true);
    await second.run();
    expect(ports.control.embedded).toBe(1);
  });

  it('reports its progress: images, then inference, never falling', async () => {
    const { plan } = setUp();
    const reported: Progress[] = [];
    await (await plan(CURRENT)).run({ onProgress: (progress) => reported.push(progress) });
    expect([...new Set(reported.map(({ stage }) => stage))]).toEqual(['fetch', 'embed']);
    const fractions = reported.map(({ fraction }) => fraction);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions[0]).toBe(0);
    expect(fractions.at(-1)).toBe(1);
    expect(reported.map(({ message }) => message)).toContain('Reading image 2 of 2');
  });

  it('computes once for callers that come at the same time', async () => {
    const { ports, plan } = setUp();
    ports.control.gate = new Gate();
    const plans = await Promise.all([plan(CURRENT), plan(CURRENT), plan(CURRENT)]);
    const answers = plans.map((one) => one.run());
    await settle();
    ports.control.gate.open();
    const [a, b, c] = await Promise.all(answers);
    expect(a).toBe(b);
    expect(b).toBe(c);
    expect(ports.control.embedded).toBe(1);
    expect(ports.source.requests.filter((request) => request === 'retrieve')).toHaveLength(1);
  });

  it('aborts the work when the last caller disconnects, and serves the next request', async () => {
    const { ports, plan } = setUp();
    ports.control.gate = new Gate();
    const [one, two] = [new AbortController(), new AbortController()];
    const first = (await plan(CURRENT)).run({ signal: one.signal });
    const second = (await plan(CURRENT)).run({ signal: two.signal });
    const settled = Promise.allSettled([first, second]);
    await settle();
    one.abort();
    await settle();
    expect(ports.stored.size).toBe(0);
    two.abort();
    for (const outcome of await settled) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } });
    }
    delete ports.control.gate;
    expect(await (await plan(CURRENT)).run()).toMatchObject({ modelId: 'm1' });
  });

  it('reads two series at a time, and embeds them as soon as they are read', async () => {
    const { ports, plan } = setUp();
    ports.control.gate = new Gate();
    const read = (): number => ports.source.requests.filter((request) => request === 'retrieve').length;
    const answers = [(await plan(CURRENT)).run(), (await plan(PRIOR)).run(), (await plan(PRIOR_2)).run()];
    await settle();
    expect([read(), ports.control.embedded]).toEqual([2, 2]);
    ports.control.gate.open();
    await Promise.all(answers);
    expect([read(), ports.control.embedded]).toEqual([3, 3]);
  });

  it('shows the preview image while it embeds, also to callers who join late', async () => {
    const { ports, plan } = setUp();
    ports.control.gate = new Gate();
    const seen: string[] = [];
    const onPreviewImage = ({ volume }: { volume: { seriesInstanceUid: string } }): void => {
      seen.push(volume.seriesInstanceUid);
    };
    const first = (await plan(CURRENT)).run({ onPreviewImage });
    await settle();
    // The gate is shut: no embedding is there yet.
    expect(seen).toEqual([CURRENT.seriesInstanceUid]);
    // Who joins now has missed it, and is shown it at once.
    const second = (await plan(CURRENT)).run({ onPreviewImage });
    await settle();
    expect(seen).toHaveLength(2);
    ports.control.gate.open();
    expect(await first).toBe(await second);
    await (await plan(CURRENT)).run({ onPreviewImage });
    expect(seen).toHaveLength(2);
  });

  it('refuses when too many are waiting, but lets callers join what is on its way', async () => {
    const { ports, plan } = setUp(1);
    ports.control.gate = new Gate();
    // Two are on their way, one waits.
    const answers = [(await plan(CURRENT)).run(), (await plan(PRIOR_2)).run(), (await plan(PRIOR)).run()];
    await settle();
    await expect(plan(OTHER_PATIENT)).rejects.toMatchObject({ code: 'http/busy', fields: { waiting: 1 } });
    answers.push((await plan(PRIOR)).run());
    ports.control.gate.open();
    await Promise.all(answers);
    await expect((await plan(OTHER_PATIENT)).run()).resolves.toBeDefined();
  });

  it('answers the first pair of one caller while another has ten', async () => {
    const ports = fakePorts([]);
    const pairs = Array.from({ length: 11 }, (_, pair) =>
      [1, 2].map((side) => ({
        ...CURRENT,
        seriesInstanceUid: `1.2.${pair}.${side}`,
        sopInstanceUids: [`1.2.${pair}.${side}.1`],
      })),
    );
    ports.source.series.push(...pairs.flat());
    const embeddings = createEmbeddings(ports, { queueLimit: 16, queueLimitPerCaller: 8 });
    const access = createAccess(ports.source, { memoMs: 0, clock: ports.monotonic });
    const read: string[] = [];
    const retrieve = ports.source.retrieveSeries.bind(ports.source);
    ports.source.retrieveSeries = (series, options) => {
      read.push(`${options?.authorization ?? ''} ${series.seriesInstanceUid}`);
      return retrieve(series, options);
    };
    ports.control.gate = new Gate();
    const request = async (series: FakeSeries, authorization: string): Promise<Promise<unknown>> => {
      const granted = await access.grant(refOf(series), { authorization });
      const plan = await embeddings.plan(granted, ports.models.get('m1'), { authorization });
      return await Promise.resolve({ running: plan.run() }).then(({ running }) =>
        running.catch(() => undefined),
      );
    };
    const outcomes: string[] = [];
    for (const series of pairs.slice(0, 10).flat()) {
      void request(series, 'greedy').catch((error: unknown) =>
        outcomes.push((error as { code: string }).code),
      );
      await settle();
    }
    // Two run, eight wait: its share. The rest is refused, not the others.
    expect(outcomes).toEqual(new Array(10).fill('http/busy'));
    const others = (pairs[10] ?? []).map((series) => request(series, 'other'));
    await settle();
    ports.control.gate.open();
    await Promise.all(others);
    await settle();
    expect(read.slice(2, 4)).toEqual(['other 1.2.10.1', 'other 1.2.10.2']);
    expect(read).toHaveLength(12);
  });

  it('drops a waiting computation whose caller disconnected', async () => {
    const { ports, plan } = setUp();
    ports.control.gate = new Gate();
    const running = [(await plan(CURRENT)).run(), (await plan(PRIOR_2)).run()];
    const disconnect = new AbortController();
    const waiting = (await plan(PRIOR)).run({ signal: disconnect.signal });
    await settle();
    disconnect.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    ports.control.gate.open();
    await Promise.all(running);
    await settle();
    expect(ports.control.embedded).toBe(2);
  });

  it('answers although the disk is full, and says so in the log', async () => {
    const { ports, plan } = setUp();
    ports.control.diskFull = true;
    expect(await (await plan(CURRENT)).run()).toMatchObject({ modelId: 'm1' });
    expect(ports.logged).toEqual([expect.objectContaining({ level: 'warn' })]);
    expect((await plan(CURRENT)).ready).toBe(false);
  });

  it('refuses a series that comes short of what the PACS lists, and keeps nothing', async () => {
    const { ports, plan } = setUp();
    ports.source.withheld = 1;
    await expect((await plan(CURRENT)).run()).rejects.toMatchObject({
      code: 'application/series-incomplete',
      fields: { listedInstances: 2, receivedInstances: 1 },
    });
    expect(ports.stored.size).toBe(0);
    ports.source.withheld = 0;
    await expect((await plan(CURRENT)).run()).resolves.toBeDefined();
  });

  it('does not keep the embedding of a series that grew while it was read', async () => {
    const { ports, plan } = setUp();
    const planned = await plan(CURRENT);
    ports.source.series[0] = { ...CURRENT, sopInstanceUids: [...CURRENT.sopInstanceUids, '1.2.3.4.1.1.3'] };
    await expect(planned.run()).resolves.toBeDefined();
    expect(ports.stored.size).toBe(0);
  });

  it('passes failures on and is ready for the next request', async () => {
    const { ports, plan } = setUp();
    ports.control.failure = new Error('broken');
    await expect((await plan(CURRENT)).run()).rejects.toThrow('broken');
    delete ports.control.failure;
    await expect((await plan(CURRENT)).run()).resolves.toBeDefined();
  });

  it('lets those who joined try their own credentials when those of the first fail', async () => {
    const { ports, plan } = setUp();
    const first = await plan(CURRENT, 'Bearer expiring');
    const second = await plan(CURRENT, 'Bearer valid');
    ports.source.allowed = ['Bearer valid'];
    const [expired, valid] = await Promise.allSettled([first.run(), second.run()]);
    expect(expired).toMatchObject({ status: 'rejected', reason: { code: 'dicomweb/unauthorized' } });
    expect(valid).toMatchObject({ status: 'fulfilled', value: { modelId: 'm1' } });
  });

  it('distinguishes models', async () => {
    const { ports, embeddings } = setUp();
    const granted = await createAccess(ports.source, { memoMs: 0, clock: ports.monotonic }).grant(
      refOf(PRIOR_2),
      {},
    );
    await (await embeddings.plan(granted, ports.models.get('m1'), {})).run();
    expect((await embeddings.plan(granted, ports.models.get('m1'), {})).ready).toBe(true);
    expect((await embeddings.plan(granted, ports.models.get('m2'), {})).ready).toBe(false);
  });
});
