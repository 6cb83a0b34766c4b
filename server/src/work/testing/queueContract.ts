/** What every queue does, whoever does the work. @module */
import { once } from 'node:events';
import { SamepointError } from '../../errors/index.ts';
import type { Urgency, WorkOrder, WorkProgress, WorkQueue } from '../types.ts';

/** What the work of one key does. */
export type Work = (signal: AbortSignal, report: (progress: WorkProgress) => void) => Promise<string>;

/** A queue with one place for work, and what the work does. */
export interface QueueUnderTest {
  readonly queue: WorkQueue;
  /** By key; a worker looks here, too. */
  readonly works: Map<string, Work>;
  /** What workers have made. */
  readonly results: Map<string, string>;
  /** True where background work never holds the place of a reader's. */
  readonly hasPlacesOfReaders: boolean;
  close(): Promise<void>;
}

/** A key of 64 digits. */
export function keyOf(digit: string): string {
  return digit.repeat(64);
}

/** An order of a key. */
export function orderOf(key: string, urgency: Urgency = 'interactive', share = 'alice'): WorkOrder {
  return { kind: 'embedding', key, urgency, share, request: { of: key } };
}

/** Wants the result of a key. */
export async function wanted(
  { queue, works, results }: Pick<QueueUnderTest, 'queue' | 'works' | 'results'>,
  order: WorkOrder,
  options: { readonly signal?: AbortSignal; readonly onProgress?: (progress: WorkProgress) => void } = {},
): Promise<string> {
  const { signal = new AbortController().signal, onProgress: report = () => undefined } = options;
  const work = works.get(order.key);
  if (work === undefined) throw new Error('the test has no such work');
  const steps = {
    compute: () => work(signal, report),
    fetch: () => Promise.resolve(results.get(order.key)),
    report,
  };
  return await queue.run(order, steps, signal);
}

/** Work that begins and waits for its end. */
export function heldWork(result: string): {
  readonly work: Work;
  readonly begun: Promise<AbortSignal>;
  end(): void;
} {
  const begun = Promise.withResolvers<AbortSignal>();
  const ended = Promise.withResolvers<string>();
  return {
    begun: begun.promise,
    work: async (signal) => {
      begun.resolve(signal);
      signal.addEventListener('abort', () => {
        ended.reject(signal.reason);
      });
      return await ended.promise;
    },
    end: () => {
      ended.resolve(result);
    },
  };
}

const [A, B, C] = [keyOf('a'), keyOf('b'), keyOf('c')];

function describeResults(test: () => QueueUnderTest): void {
  it('gives the result, and says how far the work is', async () => {
    const heard: WorkProgress[] = [];
    const progress: WorkProgress = { stage: 'fetch', fraction: 0.25, message: 'Reading image 1 of 4' };
    const held = heldWork('made');
    const spoken = Promise.withResolvers<undefined>();
    test().works.set(A, async (signal, report) => {
      report(progress);
      return await held.work(signal, report);
    });
    const onProgress = (one: WorkProgress): void => {
      heard.push(one);
      spoken.resolve(undefined);
    };
    const result = wanted(test(), orderOf(A), { onProgress });
    await Promise.all([held.begun, spoken.promise]);
    held.end();
    expect(await result).toBe('made');
    expect(heard).toEqual([progress]);
  });

  it('fails with the words of the work, and then serves the next', async () => {
    const failure = new SamepointError('dicomweb/forbidden', { operation: 'retrieve' });
    test().works.set(A, () => Promise.reject(failure));
    const said = await wanted(test(), orderOf(A)).catch((error: unknown) => error);
    expect(said).toMatchObject({ code: 'dicomweb/forbidden', fields: failure.fields });
    test().works.set(A, () => Promise.resolve('made'));
    expect(await wanted(test(), orderOf(A))).toBe('made');
  });
}

function describeTurns(test: () => QueueUnderTest): void {
  it('does what a reader waits for before what waits in the background', async () => {
    const order: string[] = [];
    const held = heldWork('first');
    test().works.set(A, held.work);
    for (const key of [B, C])
      test().works.set(key, () => {
        order.push(key);
        return Promise.resolve(key);
      });
    const first = wanted(test(), orderOf(A, 'background'));
    await held.begun;
    const background = wanted(test(), orderOf(B, 'background'));
    const reader = wanted(test(), orderOf(C, 'interactive', 'bob'));
    if (test().hasPlacesOfReaders) expect(await reader).toBe(C);
    held.end();
    await Promise.all([first, reader, background]);
    expect(order).toEqual([C, B]);
  });

  it('counts what waits and what runs, by whom', async () => {
    const held = heldWork('first');
    test().works.set(A, held.work);
    test().works.set(B, () => Promise.resolve('second'));
    const first = wanted(test(), orderOf(A, 'background'));
    await held.begun;
    const second = wanted(test(), orderOf(B, 'background', 'bob'));
    expect(test().queue.waitingOf('bob')).toBe(1);
    held.end();
    await Promise.all([first, second]);
    expect(test().queue.load).toEqual({ waiting: 0, running: 0 });
    expect([test().queue.waitingOf('bob'), test().queue.waiting(8)]).toEqual([0, 0]);
  });
}

function describeAborts(test: () => QueueUnderTest): void {
  it('stops work that its caller wants no more', async () => {
    const held = heldWork('never');
    test().works.set(A, held.work);
    const caller = new AbortController();
    const left = wanted(test(), orderOf(A), { signal: caller.signal });
    const signal = await held.begun;
    caller.abort(new Error('the reader has gone'));
    await expect(left).rejects.toThrow('the reader has gone');
    if (!signal.aborted) await once(signal, 'abort');
    test().works.set(B, () => Promise.resolve('next'));
    expect(await wanted(test(), orderOf(B))).toBe('next');
  });
}

/** The contract. */
export function describeQueue(name: string, open: () => Promise<QueueUnderTest>): void {
  describe(name, () => {
    let opened: QueueUnderTest;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(async () => {
      await opened.close();
    });
    const test = (): QueueUnderTest => opened;
    describeResults(test);
    describeTurns(test);
    describeAborts(test);
  });
}
