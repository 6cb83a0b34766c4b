import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Piscina } from 'piscina';
import type { EncodedFrame, FrameDecoder } from '../types.ts';

/** Idle threads end after this time, ms: long enough for the pause between two series, short enough to free memory. */
const IDLE_TIMEOUT_MS = 30_000;

/**
 * A frame may take this long, waiting for a thread included, ms. The slowest codec needs 50 ms; CharLS however never
 * returns from some damaged streams, and only ending its thread stops it.
 */
const FRAME_TIMEOUT_MS = 60_000;

/** Options of {@link createFrameDecoder}. */
export interface FrameDecoderOptions {
  /** Frames decoded at the same time; default: all processors. */
  readonly threads?: number;
  /** Longest time for a frame, ms; default 60,000. */
  readonly timeoutMs?: number;
}

/** Decodes frames in a pool of worker threads, started when needed. One pool may serve many reads. */
export function createFrameDecoder(options: FrameDecoderOptions = {}): FrameDecoder {
  const { threads = availableParallelism(), timeoutMs = FRAME_TIMEOUT_MS } = options;
  const pool = new Piscina<EncodedFrame, Int16Array | Float32Array>({
    // The sources in development and tests, the compiled file in dist/.
    filename: new URL(`./decodeWorker${extname(import.meta.url)}`, import.meta.url).href,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: IDLE_TIMEOUT_MS,
    // Threads that work on what came from outside need no variables, and so no secrets among them.
    env: {},
  });
  return {
    threads,
    async decode(frame) {
      // A copy of its own: the caller's bytes are usually a view of a whole file, which must not be detached.
      const bytes = new Uint8Array(frame.bytes);
      const abort = new AbortController();
      const timer = setTimeout(() => {
        abort.abort();
      }, timeoutMs);
      try {
        return await pool.run({ ...frame, bytes }, { transferList: [bytes.buffer], signal: abort.signal });
      } catch (error) {
        if (!abort.signal.aborted) throw error;
        throw new Error(`decoding took longer than ${String(timeoutMs / 1000)} s`, { cause: error });
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => pool.destroy(),
  };
}
