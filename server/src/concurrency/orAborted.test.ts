import { setImmediate as nextTurn } from 'node:timers/promises';
import { orAborted } from './orAborted.ts';

/** How many listeners a signal has: what stays behind keeps work in memory for as long as the signal lives. */
function watched(): { signal: AbortSignal; listeners: () => number; abort: (reason?: unknown) => void } {
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...args);
  };
  return {
    signal,
    listeners: () => listeners,
    abort: (reason) => {
      controller.abort(reason);
    },
  };
}

describe('orAborted', () => {
  it('gives what the work gives, with or without a signal', async () => {
    expect(await orAborted(Promise.resolve(7), undefined)).toBe(7);
    expect(await orAborted(Promise.resolve(7), watched().signal)).toBe(7);
  });

  it('fails as the work fails', async () => {
    const fail = (): Promise<never> => Promise.reject(new RangeError('broken'));
    await expect(orAborted(fail(), undefined)).rejects.toThrow(RangeError);
    await expect(orAborted(fail(), watched().signal)).rejects.toThrow(RangeError);
  });

  it('does not wait for work that goes on after the caller has disconnected', async () => {
    const { signal, abort } = watched();
    const answer = orAborted(new Promise(() => undefined), signal);
    abort(new Error('the reader has disconnected'));
    await expect(answer).rejects.toThrow('the reader has disconnected');
  });

  it('fails at once for a caller who has disconnected already, though the work is done', async () => {
    await expect(orAborted(Promise.resolve(7), AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  });

  it('hands the reason over unchanged', async () => {
    const { signal, abort } = watched();
    const answer = orAborted(new Promise(() => undefined), signal);
    const reason = { code: 'not an error' };
    abort(reason);
    await expect(answer).rejects.toBe(reason);
  });

  it('causes no unhandled rejection when the work fails after the caller has disconnected', async () => {
    const unhandled: unknown[] = [];
    const record = (error: unknown): void => {
      unhandled.push(error);
    };
    process.on('unhandledRejection', record);
    let fail: (error: Error) => void = () => undefined;
    const { signal, abort } = watched();
    const work = new Promise((_resolve, reject) => {
      fail = reject;
    });
    const answer = orAborted(work, signal).catch(() => 'aborted');
    abort();
    expect(await answer).toBe('aborted');
    fail(new Error('too late'));
    await nextTurn();
    await nextTurn();
    process.off('unhandledRejection', record);
    expect(unhandled).toEqual([]);
  });

  it('keeps no listener on the signal once the work is over', async () => {
    const { signal, listeners } = watched();
    await orAborted(Promise.resolve(1), signal);
    await orAborted(Promise.reject(new Error('x')), signal).catch(() => undefined);
    await nextTurn();
    expect(listeners()).toBe(0);
  });
});
