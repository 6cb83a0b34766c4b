import { setImmediate as nextTurn } from 'node:timers/promises';
import { atOnce, inTurns, cooperativeTurns } from './turns.ts';

/** Holds the event loop, ms. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

let isStopped = false;
afterEach(() => {
  isStopped = true;
});

/** Counts the turns that other work gets until the test ends. */
function otherWork(): () => number {
  let turns = 0;
  isStopped = false;
  const again = (): void => {
    if (isStopped) return;
    turns += 1;
    setImmediate(again);
  };
  setImmediate(again);
  return () => turns;
}

function* steps(count: number, ms: number, log: number[] = []): Generator<void, string> {
  for (let step = 0; step < count; step += 1) {
    block(ms);
    log.push(step);
    yield;
  }
  return 'done';
}

describe('cooperativeTurns', () => {
  it('lets other work have its turn once the event loop was held for long enough', async () => {
    const other = otherWork();
    await cooperativeTurns(10_000)();
    expect(other()).toBe(0);
    const turn = cooperativeTurns(5);
    block(6);
    await turn();
    expect(other()).toBeGreaterThan(0);
  });

  it('counts anew after a turn', async () => {
    // Longer than a busy machine stops for.
    const turn = cooperativeTurns(250);
    block(251);
    await turn();
    const other = otherWork();
    await turn();
    expect(other()).toBe(0);
  });
});

describe('inTurns', () => {
  it('does all the steps in order and gives what the work returns', async () => {
    const log: number[] = [];
    expect(await inTurns(steps(20, 0, log))).toBe('done');
    expect(log).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  it('lets other work in between long steps', async () => {
    const other = otherWork();
    await inTurns(steps(8, 5));
    expect(other()).toBeGreaterThanOrEqual(7);
  });

  it('stops between two steps with the reason of the signal', async () => {
    const log: number[] = [];
    const stop = new AbortController();
    const working = inTurns(steps(1_000, 2, log), stop.signal);
    await nextTurn();
    stop.abort(new Error('the reader has disconnected'));
    await expect(working).rejects.toThrow('the reader has disconnected');
    expect(log.length).toBeLessThan(1_000);
  });

  it('does not begin for a caller who has disconnected already', async () => {
    const log: number[] = [];
    await expect(inTurns(steps(3, 0, log), AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    expect(log).toEqual([]);
  });

  it('fails as the work does', async () => {
    function* broken(): Generator<void, never> {
      yield;
      throw new RangeError('in the second step');
    }
    await expect(inTurns(broken())).rejects.toThrow(RangeError);
  });
});

describe('atOnce', () => {
  it('does the same work without a turn for others', () => {
    const log: number[] = [];
    expect(atOnce(steps(5, 0, log))).toBe('done');
    expect(log).toEqual([0, 1, 2, 3, 4]);
  });
});
