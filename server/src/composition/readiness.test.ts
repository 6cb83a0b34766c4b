import { SamepointError } from '../errors/index.ts';
import type { Embedder } from '../embedding/index.ts';
import { createReadiness, watchEmbedder } from './readiness.ts';
import type { ModelState, SharedProbe, SourceProbe } from './readiness.ts';
import { queueProbe, storeProbe } from './shared.ts';

interface Setup {
  readonly model?: ModelState;
  readonly answers?: Readonly<Record<string, boolean>>;
  readonly shared?: readonly SharedProbe[];
}

function setUp({ model = 'open', answers = { main: true }, shared = [] }: Setup = {}) {
  const shutdown = new AbortController();
  const time = { ms: 0 };
  const looks: string[] = [];
  const sources: SourceProbe[] = Object.entries(answers).map(([name, isReachable]) => ({
    name,
    probe: () => {
      looks.push(name);
      return Promise.resolve(isReachable);
    },
  }));
  const readiness = createReadiness({
    shutdown: shutdown.signal,
    model: () => model,
    sources,
    shared,
    monotonic: () => time.ms,
  });
  return { readiness, shutdown, time, looks };
}

describe('readiness', () => {
  it('is there when a model is open and a PACS answers', async () => {
    expect(await setUp().readiness()).toEqual({ isReady: true, reasons: [] });
  });

  it.each([
    ['no model', { model: 'missing' }, ['health/no-model']],
    ['a model that is being opened', { model: 'opening' }, ['health/model-opening']],
    ['an inference process that crashes', { model: 'failed' }, ['health/inference-failed']],
    ['a PACS that does not answer', { answers: { main: false } }, ['health/pacs-unreachable']],
  ] as const)('is not there with %s', async (_what, setup, codes) => {
    const { isReady, reasons } = await setUp(setup).readiness();
    expect([isReady, reasons.map(({ code }) => code)]).toEqual([false, codes]);
  });

  it('is there with one of two PACS, and the other is named', async () => {
    const { isReady, reasons } = await setUp({ answers: { main: true, archive: false } }).readiness();
    expect([isReady, reasons]).toEqual([
      true,
      [{ code: 'health/pacs-unreachable', message: 'the PACS "archive" does not answer' }],
    ]);
  });

  it('goes with Redis or the store, and comes back with them within a second', async () => {
    const state = { isReachable: true, problem: undefined as string | undefined };
    const shared = [
      queueProbe(() => Promise.resolve(state.isReachable)),
      storeProbe(() => Promise.resolve(state.problem)),
    ];
    const { readiness, time } = setUp({ shared });
    expect((await readiness()).isReady).toBe(true);
    Object.assign(state, { isReachable: false, problem: 'ESTALE' });
    time.ms += 1_001;
    const { isReady, reasons } = await readiness();
    expect([isReady, reasons.map(({ code }) => code)]).toEqual([
      false,
      ['health/queue-unreachable', 'health/store-unusable'],
    ]);
    Object.assign(state, { isReachable: true, problem: undefined });
    time.ms += 1_001;
    expect(await readiness()).toEqual({ isReady: true, reasons: [] });
  });

  it('stays where no worker is connected: what is embedded can be matched', async () => {
    const reason = { code: 'health/no-worker', message: 'no worker is connected to the queue' };
    const shared = [{ isNeeded: false, probe: () => Promise.resolve(reason) }];
    expect(await setUp({ shared }).readiness()).toEqual({ isReady: true, reasons: [reason] });
  });

  it('ends when the server is being stopped', async () => {
    const { readiness, shutdown } = setUp();
    shutdown.abort();
    expect(await readiness()).toMatchObject({ isReady: false, reasons: [{ code: 'health/stopping' }] });
  });

  it('looks at a PACS once in ten seconds, however many requests there are', async () => {
    const { readiness, time, looks } = setUp();
    await readiness();
    time.ms = 9_000;
    await readiness();
    expect(looks).toHaveLength(1);
    time.ms = 11_000;
    await readiness();
    expect(looks).toHaveLength(2);
  });
});

function fakeEmbedder(results: (Error | undefined)[]): Embedder {
  const report = { running: 'cpu', refused: [] } as const;
  const next = async <T>(result: T): Promise<T> => {
    await Promise.resolve();
    const error = results.shift();
    if (error !== undefined) throw error;
    return result;
  };
  const embedding = {} as Awaited<ReturnType<Embedder['embed']>>;
  return {
    executionProvider: report,
    embed: () => next(embedding),
    embedTurned: () => next(embedding),
    openModel: () => next(report),
    close: () => Promise.resolve(),
  };
}

const CRASH = new SamepointError('embedding/inference-crashed', { model: 'm', reason: 'SIGKILL' });

describe('watchEmbedder', () => {
  it('is opening until a model is open, and missing without one', async () => {
    const watched = watchEmbedder(fakeEmbedder([]), true, undefined);
    expect(watched.state()).toBe('opening');
    await watched.embedder.openModel();
    expect(watched.state()).toBe('open');
    expect(watchEmbedder(fakeEmbedder([]), false, undefined).state()).toBe('missing');
  });

  it('has failed after a crash, and is open again after a request for its state', async () => {
    const watched = watchEmbedder(fakeEmbedder([undefined, CRASH]), true, undefined);
    await watched.embedder.openModel();
    await expect(watched.embedder.embed({} as never)).rejects.toBe(CRASH);
    expect(watched.state()).toBe('failed');
    await new Promise(setImmediate);
    expect(watched.state()).toBe('open');
  });

  it('does not blame the process for a series without a body', async () => {
    const empty = new SamepointError('embedding/no-body', { model: 'm', dims: [1, 1, 1] });
    const watched = watchEmbedder(fakeEmbedder([undefined, empty]), true, undefined);
    await watched.embedder.openModel();
    await expect(watched.embedder.embed({} as never)).rejects.toBe(empty);
    expect(watched.state()).toBe('open');
  });
});
