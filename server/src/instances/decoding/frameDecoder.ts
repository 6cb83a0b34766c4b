import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { isArrayBuffer } from 'node:util/types';
import { errorFrom, isSamepointError, SamepointError } from '../../errors/index.ts';
import { createBoundedPool } from '../../concurrency/index.ts';
import type { FrameDecoder } from '../readInstance.ts';
import type { DecodeAnswer, DecodeTask } from './decodeWorker.ts';

/**
 * A frame may need this long, waiting for a thread included, ms. The slowest codec needs 50 ms; CharLS and OpenJPH however never
 * return from some damaged streams, and only ending their thread stops them.
 */
const FRAME_TIMEOUT_MS = 60_000;
/** Elements of one instance are objects on this heap, MiB; pixels are not. */
const HEAP_MB = 512;

/** Memory beyond this many times the bytes that are in use is not moved to a thread: a small file within a large buffer. */
const MOST_SPARE = 2;

/** Options of {@link createFrameDecoder}. */
export interface FrameDecoderOptions {
  /** Frames decoded at the same time; default: all processors. */
  readonly threads?: number;
  /** Longest time for a frame, ms; default 60,000. */
  readonly timeoutMs?: number;
}

/** Bytes that move to a thread and are gone here: the caller's own where they fill their memory. */
function given(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const isWhole = isArrayBuffer(buffer) && buffer.byteLength < MOST_SPARE * bytes.byteLength;
  return isWhole ? new Uint8Array(buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes);
}

/** Reads instances and frames in a pool of worker threads, started when needed. One pool may serve many reads. */
export function createFrameDecoder(options: FrameDecoderOptions = {}): FrameDecoder {
  const { threads = availableParallelism(), timeoutMs = FRAME_TIMEOUT_MS } = options;
  const pool = createBoundedPool<DecodeTask, DecodeAnswer>({
    // The sources in development and tests, the compiled file in dist/.
    worker: new URL(`./decodeWorker${extname(import.meta.url)}`, import.meta.url),
    threads,
    timeoutMs,
    heapMb: HEAP_MB,
  });
  return {
    threads,
    async read(part10, task, isGiven = false) {
      const bytes = isGiven ? given(part10) : new Uint8Array(part10);
      try {
        const answer = await pool.run({ kind: 'instance', bytes, task }, [bytes.buffer]);
        if ('frames' in answer) return answer;
        throw new TypeError('a frame in answer to an instance');
      } catch (thrown) {
        if (isSamepointError(thrown)) throw thrown;
        const fields = { instance: task.instance, reason: errorFrom(thrown).message };
        throw new SamepointError('volume/unreadable-instance', fields, { cause: thrown });
      }
    },
    async decode(frame, plan) {
      const bytes = new Uint8Array(frame.bytes);
      const answer = await pool.run({ kind: 'frame', frame: { ...frame, bytes }, plan }, [bytes.buffer]);
      if ('frames' in answer) throw new TypeError('an instance in answer to a frame');
      return answer;
    },
    close: () => pool.close(),
  };
}
