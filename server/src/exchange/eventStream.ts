import { once } from 'node:events';
import type { Response } from 'express';
import { isFinished } from '../jobs/index.ts';
import type { JobSnapshot } from '../jobs/index.ts';
import { jobBody } from './answers.ts';

/** A browser that is suspended for longer reconnects, ms. */
const STALLED_MS = 60_000;

/** How a stream is kept open and ended. */
export interface StreamOptions {
  readonly keepAliveMs: number;
  readonly signal: AbortSignal;
  /** Time for a reader to read what was sent to it; then it is cut off. */
  readonly stalledMs?: number;
}

/** HTML Living Standard 9.2.5: an event ends with an empty line; JSON holds no raw line break. */
function eventText(snapshot: JobSnapshot, hasNewPreview: boolean): string {
  const event = isFinished(snapshot) ? snapshot.state : hasNewPreview ? 'preview' : 'progress';
  return `event: ${event}\ndata: ${JSON.stringify(jobBody(snapshot))}\n\n`;
}

/**
 * Sends the snapshots of a job as server-sent events. A slow reader gets fewer of them: nothing piles up in memory.
 * Compression and buffering by proxies would hold events back, hence `no-transform` and `X-Accel-Buffering`.
 */
export async function streamJob(
  res: Response,
  snapshots: AsyncIterable<JobSnapshot>,
  { keepAliveMs, signal, stalledMs = STALLED_MS }: StreamOptions,
): Promise<void> {
  res.status(200).set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
  });
  res.flushHeaders();
  const keepAlive = setInterval(() => {
    if (!res.writableNeedDrain) res.write(': keep-alive\n\n');
  }, keepAliveMs);
  try {
    let preview: unknown;
    for await (const snapshot of snapshots) {
      const text = eventText(snapshot, snapshot.preview !== preview);
      ({ preview } = snapshot);
      if (!res.write(text) && !(await drained(res, signal, stalledMs))) return;
    }
  } finally {
    clearInterval(keepAlive);
    res.end();
  }
}

/** Waits for a slow reader; one that reads nothing for too long is cut off, and this is false. */
async function drained(res: Response, signal: AbortSignal, stalledMs: number): Promise<boolean> {
  const tooLong = AbortSignal.timeout(stalledMs);
  await once(res, 'drain', { signal: AbortSignal.any([signal, tooLong]) }).catch(() => undefined);
  if (tooLong.aborted) res.destroy();
  return !tooLong.aborted;
}
