import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FairQueue } from './fairQueue.ts';
import { Gate } from '../ports/testing/index.ts';

/** A queue of pairs whose work ends when the test says so; `begun` is the order in which it began. */
function setUp(): {
  readonly queue: FairQueue;
  readonly begun: string[];
  readonly add: (caller: string, ...keys: string[]) => Promise<void>;
  readonly signals: Map<string, AbortController>;
  readonly end: (key: string) => Promise<void>;
  readonly endAll: () => Promise<void>;
} {
  const queue = new FairQueue({ concurrency: 2, turnSize: 2 });
  const begun: string[] = [];
  const gates = new Map<string, Gate>();
  const signals = new Map<string, AbortController>();
  const end = async (key: string): Promise<void> => {
    gates.get(key)?.open();
    await nextTurn();
  };
  const add = async (caller: string, ...keys: string[]): Promise<void> => {
    for (const key of keys) {
      const [gate, controller] = [new Gate(), new AbortController()];
      gates.set(key, gate);
      signals.set(key, controller);
      const work = async (): Promise<void> => {
        begun.push(key);
        await gate.opened;
      };
      queue.add(key, caller, work, controller.signal).catch(() => undefined);
    }
    await nextTurn();
  };
  const endAll = async (): Promise<void> => {
    for (let at = 0; at < begun.length; at += 1) await end(begun[at] ?? '');
  };
  return { queue, begun, add, signals, end, endAll };
}

describe('FairQueue', () => {
  it('serves a newcomer next, before the rest of a caller with many requests', async () => {
    const { begun, add, endAll } = setUp();
    await add('a', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8');
    await add('b', 'b1', 'b2');
    await endAll();
    expect(begun).toEqual(['a1', 'a2', 'b1', 'b2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8']);
  });

  it('gives callers turns of two', async () => {
    const { begun, add, endAll } = setUp();
    await add('a', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6');
    await add('b', 'b1', 'b2', 'b3', 'b4');
    await add('c', 'c1', 'c2', 'c3');
    await endAll();
    expect(begun.join(' ')).toBe('a1 a2 b1 b2 c1 c2 a3 a4 b3 b4 c3 a5 a6');
  });

  it('does not let a caller who always has one pair under way overtake another', async () => {
    const { begun, add, end } = setUp();
    await add('a', 'a1', 'a2');
    await add('b', 'b1', 'b2', 'b3', 'b4');
    for (let pair = 1; pair <= 9; pair += 2) {
      await add('a', `a${pair + 2}`, `a${pair + 3}`);
      await end(`a${pair}`);
      await end(`a${pair + 1}`);
      for (const key of ['b1', 'b2', 'b3', 'b4']) await end(key);
    }
    // What came first in a turn goes first, and the next pair of the other waits for the turn after it.
    expect(begun.slice(0, 8)).toEqual(['a1', 'a2', 'b1', 'b2', 'b3', 'b4', 'a3', 'a4']);
  });

  it('begins at once with what somebody else has waiting and a newcomer wants, too', async () => {
    const { queue, begun, add, endAll } = setUp();
    await add('a', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6');
    queue.join('a6', 'b');
    // A second request for the same thing gains no turn.
    queue.join('a5', 'a');
    expect([queue.waitingOf('a'), queue.waitingOf('b')]).toEqual([4, 0]);
    await endAll();
    expect(begun).toEqual(['a1', 'a2', 'a6', 'a3', 'a4', 'a5']);
  });

  it('counts what waits, and one caller up to its share', async () => {
    const { queue, add, signals, end } = setUp();
    await add('a', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6');
    await add('b', 'b1');
    expect([queue.waitingOf('a'), queue.waitingOf('b'), queue.waitingOf('c')]).toEqual([4, 1, 0]);
    expect([queue.waiting(10), queue.waiting(3)]).toEqual([5, 4]);
    signals.get('a6')?.abort(new Error('gone'));
    await end('a1');
    expect([queue.waitingOf('a'), queue.waitingOf('b')]).toEqual([3, 0]);
  });

  it('drops what waits when it is aborted, and gives what runs its place until it ends', async () => {
    const { queue, begun, add, signals, end } = setUp();
    await add('a', 'a1', 'a2', 'a3', 'a4');
    signals.get('a3')?.abort(new Error('gone'));
    signals.get('a1')?.abort(new Error('gone'));
    await nextTurn();
    expect(begun).toEqual(['a1', 'a2']);
    await end('a1');
    expect(begun).toEqual(['a1', 'a2', 'a4']);
    const aborted = AbortSignal.abort(new Error('gone before'));
    await expect(queue.add('a9', 'a', () => Promise.resolve(1), aborted)).rejects.toThrow('gone before');
    expect(queue.waitingOf('a')).toBe(0);
  });
});

it('runs work as a part of the request that has added it, whichever work ends before', async () => {
  const queue = new FairQueue({ concurrency: 1, turnSize: 4 });
  const request = new AsyncLocalStorage<string>();
  const { signal } = new AbortController();
  const gate = Promise.withResolvers<undefined>();
  const add = (key: string): Promise<string | undefined> =>
    request.run(key, () =>
      queue.add(
        key,
        key,
        async () => {
          await gate.promise;
          return request.getStore();
        },
        signal,
      ),
    );
  const both = Promise.all([add('first'), add('second')]);
  gate.resolve(undefined);
  expect(await both).toEqual(['first', 'second']);
});
