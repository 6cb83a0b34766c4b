import { NEVER_PUT } from '../../embeddingCache/index.ts';
import { SamepointError } from '../../errors/index.ts';
import { lpsPoint } from '../../geometry/index.ts';
import type { WorkHandler, WorkKind, WorkQueue } from '../../work/index.ts';
import { createSamepoint, createWorkHandler } from '../samepoint.ts';
import { CURRENT, fakePorts, Gate, PRIOR, refOf } from '../../ports/testing/index.ts';
import type { FakePorts } from '../../ports/testing/index.ts';
import type { MatchResult } from '../types.ts';

const OPTIONS = { version: '1.2.3', queueLimit: 16, memoMs: 0 };
const NEVER = new AbortController().signal;
const ALICE = { authorization: 'Bearer alice' };

/** A server and a worker, each with its own memory, over one PACS and one store; what was ordered. */
function site(): {
  readonly server: FakePorts;
  readonly worker: FakePorts;
  readonly orders: { readonly kind: WorkKind; readonly key: string; readonly request: unknown }[];
  readonly handler: WorkHandler;
} {
  const server = fakePorts([CURRENT, PRIOR]);
  const worker = fakePorts([CURRENT, PRIOR]);
  const { cache, source } = server;
  const shared = { ...worker, cache, source };
  const handler = createWorkHandler(shared, OPTIONS);
  const orders: { kind: WorkKind; key: string; request: unknown }[] = [];
  const work: WorkQueue = {
    async run(order, { fetch, report }, signal) {
      // What goes to another process is JSON.
      const sent = JSON.parse(JSON.stringify(order)) as typeof order;
      orders.push(sent);
      await handler(sent, { signal, onProgress: report });
      const result = await fetch();
      if (result === undefined) throw new Error('the result is not in the store');
      return result;
    },
    join: () => undefined,
    waitingOf: () => 0,
    waiting: () => 0,
    load: { waiting: 0, running: 0 },
  };
  return { server: { ...server, work }, worker: shared, orders, handler };
}

describe('work that a worker does for a server', () => {
  it('is the same embedding, read from the PACS as the same caller; the server embeds nothing', async () => {
    const { server, worker, orders } = site();
    const samepoint = createSamepoint(server, OPTIONS);
    const progress: number[] = [];
    const plan = await samepoint.planEmbedding(refOf(CURRENT), undefined, ALICE);
    const ready = await plan.run({ onProgress: ({ fraction }) => progress.push(fraction) });
    expect(ready).toMatchObject({ state: 'ready', ...refOf(CURRENT) });
    expect([server.control.embedded, worker.control.embedded]).toEqual([0, 1]);
    expect(progress.length).toBeGreaterThan(1);
    expect(orders).toMatchObject([{ kind: 'embedding', request: { caller: ALICE, series: refOf(CURRENT) } }]);
    expect((await samepoint.planEmbedding(refOf(CURRENT), undefined, ALICE)).ready).toBe(true);
  });

  it('shows the preview of a cold pair while the worker embeds', async () => {
    const { server, worker } = site();
    const gate = new Gate();
    worker.control.gate = gate;
    const request = {
      query: refOf(CURRENT),
      targets: [refOf(PRIOR)],
      points: [{ id: 'p', lps: lpsPoint(1, 2, 3) }],
    };
    const plan = await createSamepoint(server, OPTIONS).planMatch(request, ALICE);
    const shown = Promise.withResolvers<MatchResult>();
    const result = plan.run({ onPreview: shown.resolve });
    expect((await shown.promise).matches).toHaveLength(1);
    gate.open();
    expect((await result).matches).toMatchObject([{ ok: true }]);
  });

  it('is the field of a pair, of embeddings that workers made', async () => {
    const { server, worker, orders } = site();
    const plan = await createSamepoint(server, OPTIONS).planField(
      { query: refOf(CURRENT), target: refOf(PRIOR) },
      ALICE,
    );
    const { bytes } = await plan.run();
    expect(bytes.length).toBeGreaterThan(0);
    expect(orders.map(({ kind }) => kind).sort()).toEqual(['embedding', 'embedding', 'field']);
    expect([server.control.embedded, worker.control.embedded]).toEqual([0, 2]);
  });

  it('fails where the PACS refuses the caller, in the words of the PACS', async () => {
    const { server } = site();
    const samepoint = createSamepoint(server, OPTIONS);
    const plan = await samepoint.planEmbedding(refOf(CURRENT), undefined, ALICE);
    server.source.allowed = [];
    await expect(plan.run()).rejects.toMatchObject({ code: 'dicomweb/unauthorized' });
  });

  it('fails where the series has other images than the server has listed, and nothing is kept', async () => {
    const { server, orders, handler } = site();
    const plan = await createSamepoint(server, OPTIONS).planEmbedding(refOf(CURRENT), undefined, ALICE);
    await plan.run();
    const [order] = orders;
    const request = { ...(order!.request as object), instances: 'of another list' };
    await expect(
      handler({ ...order!, urgency: 'interactive', request }, { signal: NEVER, onProgress: () => undefined }),
    ).rejects.toMatchObject({ code: 'application/series-changed' });
  });

  it.each([
    ['another name of the result', (order: object) => ({ ...order, key: 'f'.repeat(64) })],
    ['a request of another version', (order: object) => ({ ...order, request: { serie: 'x' } })],
  ])('fails where the worker has another version: %s', async (_what, change) => {
    const { server, orders, handler } = site();
    const plan = await createSamepoint(server, OPTIONS).planEmbedding(refOf(CURRENT), undefined, ALICE);
    await plan.run();
    const order = change({ ...orders[0]!, urgency: 'interactive' }) as Parameters<WorkHandler>[0];
    await expect(handler(order, { signal: NEVER, onProgress: () => undefined })).rejects.toMatchObject({
      code: 'queue/worker-differs',
    });
  });

  it('has not ended where the store is full', async () => {
    const { server } = site();
    server.control.diskFull = true;
    const plan = await createSamepoint(server, OPTIONS).planEmbedding(refOf(CURRENT), undefined, ALICE);
    await expect(plan.run()).rejects.toMatchObject({ code: 'embedding/cache-write-failed', status: 507 });
  });

  it('fails where the series grew while it was read: that embedding is not kept', async () => {
    const { server } = site();
    const warning = new SamepointError('embedding/cache-write-failed', { bytes: 0, problem: NEVER_PUT });
    Object.assign(server.cache, { persist: () => Promise.resolve({ stored: false, warning }) });
    const plan = await createSamepoint(server, OPTIONS).planEmbedding(refOf(CURRENT), undefined, ALICE);
    await expect(plan.run()).rejects.toMatchObject({ code: 'application/series-changed' });
  });

  it('is a turned embedding, of one that lies in the store', async () => {
    const { server, worker, handler } = site();
    await (await createSamepoint(server, OPTIONS).planEmbedding(refOf(CURRENT), undefined, ALICE)).run();
    const [of] = [...server.stored.keys()];
    const turn = [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0] as const;
    const source = server.stored.get(of!)!;
    const key = server.modules.turnedEmbeddingKey(source, [...turn], server.models.get('m1'));
    const request = { of, turn, model: 'm1' };
    const options = { signal: NEVER, onProgress: () => undefined };
    await handler({ kind: 'turned', key, urgency: 'interactive', request }, options);
    expect([server.stored.has(key), worker.control.embedded]).toEqual([true, 2]);
    const missing = { ...request, of: 'none' };
    await expect(
      handler({ kind: 'turned', key, urgency: 'interactive', request: missing }, options),
    ).rejects.toMatchObject({ code: 'queue/result-missing' });
  });
});
