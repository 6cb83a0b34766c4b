import { isSamepointError } from '../errors/index.ts';
import type { Transport } from './options.ts';

/**
 * How long to wait before the next try, in ms, or undefined when trying again would not help. Exponential with jitter
 * (half of the pause is random), so that clients which failed together do not come back together.
 */
export function retryDelayMs(transport: Transport, error: unknown, retriesDone: number): number | undefined {
  if (retriesDone >= transport.retries || !mayPass(error)) return undefined;
  const pause = transport.backoffMs * 2 ** retriesDone;
  const requested = isSamepointError(error, 'dicomweb/server-error') ? error.fields.retryAfterMs : 0;
  return Math.max(requested, pause * (0.5 + 0.5 * transport.random()));
}

function mayPass(error: unknown): boolean {
  return (
    isSamepointError(error, 'dicomweb/unreachable') ||
    isSamepointError(error, 'dicomweb/timeout') ||
    isSamepointError(error, 'dicomweb/truncated') ||
    isSamepointError(error, 'dicomweb/server-error')
  );
}

/** Runs `attempt` until it succeeds, fails finally, or the retries are used up. `attempt` gets the retries done so far. */
export async function withRetries<T>(
  transport: Transport,
  signal: AbortSignal | undefined,
  attempt: (retriesDone: number) => Promise<T>,
): Promise<T> {
  for (let retriesDone = 0; ; retriesDone += 1) {
    try {
      return await attempt(retriesDone);
    } catch (error) {
      const delayMs = retryDelayMs(transport, error, retriesDone);
      if (delayMs === undefined) throw error;
      await transport.sleep(delayMs, signal);
    }
  }
}
