import { EventEmitter } from 'node:events';
import type { Response } from 'express';
import type { JobSnapshot } from '../jobs/index.ts';
import { streamJob } from './eventStream.ts';

/** A connection whose buffers are full. */
class FullResponse extends EventEmitter {
  isDestroyed = false;
  readonly writableNeedDrain = true;
  writes = 0;
  status(): this {
    return this;
  }
  set(): this {
    return this;
  }
  flushHeaders(): void {
    // Nothing to send.
  }
  write(): boolean {
    this.writes += 1;
    return false;
  }
  end(): void {
    // Nothing to send.
  }
  destroy(): void {
    this.isDestroyed = true;
  }
}

const RUNNING: JobSnapshot = {
  id: '1',
  kind: 'match',
  state: 'running',
  progress: { stage: 'fetch', fraction: 0, message: '' },
};

/** A job that never ends by itself. */
async function* endless(): AsyncGenerator<JobSnapshot, void, undefined> {
  for (;;) {
    yield RUNNING;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What the stream uses of a response of Express. */
function responseOf(res: FullResponse): Response {
  return res as unknown as Response;
}

it('a reader that reads nothing is cut off, and gets no comments meanwhile', async () => {
  const res = new FullResponse();
  const { signal } = new AbortController();
  await streamJob(responseOf(res), endless(), { keepAliveMs: 5, signal, stalledMs: 50 });
  expect(res.isDestroyed).toBe(true);
  expect(res.writes).toBe(1);
});

it('a reader that goes on in time is served on', async () => {
  const res = new FullResponse();
  const stop = new AbortController();
  const drain = setInterval(() => res.emit('drain'), 5);
  setTimeout(() => {
    stop.abort();
  }, 100);
  async function* untilStopped(): AsyncGenerator<JobSnapshot, void, undefined> {
    for await (const snapshot of endless()) {
      if (stop.signal.aborted) return;
      yield snapshot;
    }
  }
  const options = { keepAliveMs: 1000, signal: stop.signal, stalledMs: 10_000 };
  await streamJob(responseOf(res), untilStopped(), options);
  clearInterval(drain);
  expect(res.isDestroyed).toBe(false);
  expect(res.writes).toBeGreaterThan(2);
});
