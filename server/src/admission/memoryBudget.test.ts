import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Lease } from './memoryBudget.ts';
import {
  LONG_SERIES_BYTES,
  MemoryBudget,
  PROCESS_BYTES,
  withVolumeMemory,
  WORK_BYTES,
} from './memoryBudget.ts';

const MIB = 2 ** 20;
const { signal: never } = new AbortController();

describe('MemoryBudget', () => {
  it('lets what fits at a time have it, and the next one wait in its turn', async () => {
    const budget = new MemoryBudget(100);
    const first = await budget.lease(60);
    const order: string[] = [];
    const large = budget.lease(70).then((lease) => {
      order.push('large');
      return lease;
    });
    const small = budget.lease(10).then((lease) => {
      order.push('small');
      return lease;
    });
    await nextTurn();
    expect(order).toEqual([]);
    first.end();
    await Promise.all([large, small]);
    expect(order).toEqual(['large', 'small']);
    expect(budget.freeBytes).toBe(20);
  });

  it('lets long series follow one another however much is free, and others pass', async () => {
    const budget = new MemoryBudget(Infinity);
    const granted: string[] = [];
    const lease = async (name: string, bytes: number): Promise<Lease> => {
      const found = await budget.lease(bytes);
      granted.push(name);
      return found;
    };
    const first = await lease('first long one', LONG_SERIES_BYTES + 1);
    const second = lease('second long one', LONG_SERIES_BYTES + 1);
    const third = lease('third long one', LONG_SERIES_BYTES + 1);
    await lease('short one', LONG_SERIES_BYTES);
    expect(granted).toEqual(['first long one', 'short one']);
    first.end();
    await second;
    // An end that comes twice ends nothing else.
    first.end();
    await nextTurn();
    expect(granted).toEqual(['first long one', 'short one', 'second long one']);
    (await second).end();
    await third;
    expect(granted.at(-1)).toBe('third long one');
  });

  it('refuses in words what can never fit', async () => {
    await expect(new MemoryBudget(100 * MIB).lease(200 * MIB)).rejects.toMatchObject({
      code: 'application/series-needs-memory',
      status: 413,
      message: 'reading this series needs about 200 MiB of memory; the server has 100 MiB for it',
    });
  });

  it('shrinks what is kept before work begins, and gives it back when it ends', async () => {
    const budget = new MemoryBudget(100);
    const shrunk: number[] = [];
    budget.keep({ shrinkTo: (bytes) => shrunk.push(bytes) });
    const lease = await budget.lease(30);
    expect(lease.resize(80)).toBe(true);
    expect(lease.resize(101)).toBe(false);
    expect(shrunk).toEqual([70, 20]);
    lease.end();
    lease.end();
    expect(budget.freeBytes).toBe(100);
  });

  it('forgets who aborts in the queue, and serves those behind', async () => {
    const budget = new MemoryBudget(100);
    const first = await budget.lease(90);
    const disconnect = new AbortController();
    const gone = budget.lease(50, disconnect.signal);
    const next = budget.lease(10);
    disconnect.abort(new Error('enough'));
    await expect(gone).rejects.toThrow('enough');
    await next;
    first.end();
    expect(budget.freeBytes).toBe(90);
  });

  it('counts what the processes use themselves', () => {
    expect(MemoryBudget.of(PROCESS_BYTES + 5).freeBytes).toBe(5);
  });
});

describe('withVolumeMemory', () => {
  it('reads two series one after another where they do not fit at a time', async () => {
    const budget = new MemoryBudget(WORK_BYTES + 100 * MIB);
    let [running, most] = [0, 0];
    const read = (): Promise<void> =>
      withVolumeMemory(budget, 100, never, async () => {
        most = Math.max(most, ++running);
        await nextTurn();
        running -= 1;
      });
    await Promise.all([read(), read(), read()]);
    expect(most).toBe(1);
  });

  it('begins again with the size of the images where that is more than their number suggests', async () => {
    const budget = new MemoryBudget(2 * WORK_BYTES + 60 * MIB);
    const other = await budget.lease(WORK_BYTES + 30 * MIB);
    let attempts = 0;
    const reading = withVolumeMemory(budget, 10, never, async (onSize) => {
      attempts += 1;
      await nextTurn();
      onSize(50 * MIB);
      return budget.freeBytes;
    });
    await nextTurn();
    await nextTurn();
    expect(attempts).toBe(1);
    other.end();
    expect(await reading).toBe(WORK_BYTES + 10 * MIB);
    expect(attempts).toBe(2);
  });

  it('refuses a series whose images turn out to be too much, and gives back what it had', async () => {
    const budget = new MemoryBudget(WORK_BYTES + 60 * MIB);
    const reading = withVolumeMemory(budget, 10, never, (onSize) => {
      onSize(61 * MIB);
      return Promise.resolve();
    });
    await expect(reading).rejects.toMatchObject({ code: 'application/series-needs-memory' });
    expect(budget.freeBytes).toBe(WORK_BYTES + 60 * MIB);
  });
});
