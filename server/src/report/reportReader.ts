import { extname } from 'node:path';
import { errorFrom } from '../errors/index.ts';
import { createBoundedPool } from '../concurrency/index.ts';
import type { ReadReport } from './types.ts';

/** A report of 200 pairs needs 0.1 s; waiting for a thread counts. */
const TIMEOUT_MS = 20_000;
const HEAP_MB = 160;
/** A report of Samepoint has 6 kB per pair; larger SRs are those of others. */
export const MAX_REPORT_BYTES = 8 * 2 ** 20;

/** Reads SRs in a thread, because others write them, too. */
export interface ReportReader {
  /** Never rejects because of the bytes: what cannot be read is damaged, and the reason says how. */
  readReport(part10: Uint8Array): Promise<ReadReport>;
  close(): Promise<void>;
}

/** Starts its thread when there is something to read. */
export function createReportReader(options: { readonly timeoutMs?: number } = {}): ReportReader {
  const pool = createBoundedPool<Uint8Array, ReadReport>({
    worker: new URL(`./reportWorker${extname(import.meta.url)}`, import.meta.url),
    threads: 1,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    heapMb: HEAP_MB,
  });
  return {
    async readReport(part10) {
      if (part10.byteLength > MAX_REPORT_BYTES)
        return { ok: false, isDamaged: false, reason: 'it is larger than any report of Samepoint' };
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
