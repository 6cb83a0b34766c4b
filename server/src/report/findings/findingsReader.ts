import { extname } from 'node:path';
import { createBoundedPool } from '../../concurrency/index.ts';
import { errorFrom } from '../../errors/index.ts';
import type { ReadFindings } from './types.ts';

/** A report of 5,000 findings needs 5 s; waiting for the thread counts. */
const TIMEOUT_MS = 30_000;
/** Such a report makes 300 to 400 MB of objects. */
const HEAP_MB = 640;
/** A report of 5,000 findings has 8 MB, a binary segmentation of 800 slices of 512 x 512 pixels 26 MB. */
export const MAX_DOCUMENT_BYTES = 64 * 2 ** 20;

/** Reads documents in a thread, because others write them. */
export interface FindingsReader {
  /** Never rejects because of the bytes: what cannot be read is damaged, and the reason says how. */
  readFindings(part10: Uint8Array): Promise<ReadFindings>;
  close(): Promise<void>;
}

/** Starts its thread when there is something to read. */
export function createFindingsReader(options: { readonly timeoutMs?: number } = {}): FindingsReader {
  const pool = createBoundedPool<Uint8Array, ReadFindings>({
    worker: new URL(`./findingsWorker${extname(import.meta.url)}`, import.meta.url),
    threads: 1,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    heapMb: HEAP_MB,
  });
  return {
    async readFindings(part10) {
      if (part10.byteLength > MAX_DOCUMENT_BYTES)
        return { ok: false, isDamaged: true, reason: 'it is too large to be read' };
      const bytes = new Uint8Array(part10);
      try {
        return await pool.run(bytes, [bytes.buffer]);
      } catch (thrown) {
        return { ok: false, isDamaged: true, reason: errorFrom(thrown).message };
      }
    },
    close: () => pool.close(),
  };
}
