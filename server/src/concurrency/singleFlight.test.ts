import { setImmediate as nextTurn } from 'node:timers/promises';
import { SingleFlight } from './singleFlight.ts';

/** Work that ends when the test says so. */
function controlled(): {
  work: (signal: AbortSignal, report: (progress: number) => void) => Promise<string>;
  starts: () => number;
  report: (progress: number) => void;
  finish: (value: string) => void;
  fail: (error: Error) => void;
  aborted: () => boolean;
} {
  let resolve: (value: string) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<string>((onDone, onFailed) => {
    resolve = onDone;
    reject = onFailed;
  });
  let starts = 0;
  let current: { signal: AbortSignal; report: (progress: number) => void } | undefined;
  return {
    work: (signal, report) => {
      starts += 1;
      current = { signal, report };
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
      return promise;
    },
    starts: () => starts,
    report: (progress) => current?.report(progress),
    finish: resolve,
    fail: reject,
    aborted: () => current?.signal.aborted ?? false,
  };
}

describe('SingleFlight', () => {
  it('joins callers of the same key on one piece of work, and gives all of them the result', async () => {
    const flights = new SingleFlight<string, number>();
    const job = controlled();
    const answers = [1, 2, 3].map(() => flights.join('a', job.work));
    await nextTurn();
    job.finish('done');
    expect(await Promise.all(answers)).toEqual(['done', 'done', 'done']);
    expect(job.starts()).toBe(1);
  });

  it('starts other keys by themselves, and the same key again once it has landed', async () => {
    const flights = new SingleFlight<string, number>();
    const results = await Promise.all([
      flights.join('a', () => Promise.resolve('A')),
      flights.join('b', () => Promise.resolve('B')),
    ]);
    expect(results).toEqual(['A', 'B']);
    expect(flights.has('a')).toBe(false);
    expect(await flights.join('a', () => Promise.resolve('A again'))).toBe('A again');
  });

  it('reports progress to every caller on board, late ones included', async () => {
    const flights = new SingleFlight<string, number>();
    const job = controlled();
    const heard: string[] = [];
    const first = flights.join('a', job.work, { onProgress: (p) => heard.push(`first ${p}`) });
    await nextTurn();
    job.report(1);
    const second = flights.join('a', job.work, { onProgress: (p) => heard.push(`second ${p}`) });
    await nextTurn();
    job.report(2);
    job.finish('done');
    await Promise.all([first, second]);
    expect(heard).toEqual(['first 1', 'first 2', 'second 2']);
  });

  it('goes on while one caller remains, and aborts the work when the last one aborts', async () => {
    const flights = new SingleFlight<string, number>();
    const job = controlled();
    const [one, two] = [new AbortController(), new AbortController()];
    const first = flights.join('a', job.work, { signal: one.signal });
    const second = flights.join('a', job.work, { signal: two.signal });
    await nextTurn();
    one.abort();
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    expect(job.aborted()).toBe(false);
    expect(flights.has('a')).toBe(true);
    two.abort();
    await expect(second).rejects.toMatchObject({ name: 'AbortError' });
    expect(job.aborted()).toBe(true);
    expect(flights.has('a')).toBe(false);
  });

  it('does not let a new caller join a flight that was aborted', async () => {
    const flights = new SingleFlight<string, number>();
    const abandoned = controlled();
    const controller = new AbortController();
    const first = flights.join('a', abandoned.work, { signal: controller.signal });
    await nextTurn();
    controller.abort();
    const second = flights.join('a', () => Promise.resolve('fresh'));
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    expect(await second).toBe('fresh');
  });

  it('gives a failure to everyone on board, and forgets it', async () => {
    const flights = new SingleFlight<string, number>();
    const job = controlled();
    const answers = [flights.join('a', job.work), flights.join('a', job.work)];
    const settled = Promise.allSettled(answers);
    await nextTurn();
    job.fail(new Error('broken'));
    for (const answer of await settled) {
      expect(answer).toMatchObject({ status: 'rejected', reason: { message: 'broken' } });
    }
    expect(await flights.join('a', () => Promise.resolve('works again'))).toBe('works again');
  });

  it('does not start for a caller who has aborted already', async () => {
    const flights = new SingleFlight<string, number>();
    const job = controlled();
    await expect(flights.join('a', job.work, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(job.starts()).toBe(0);
  });

  it('also fails on a synchronous throw of the work', async () => {
    const flights = new SingleFlight<string, number>();
    const work = (): Promise<string> => {
      throw new Error('at once');
    };
    await expect(flights.join('a', work)).rejects.toThrow('at once');
  });
});
