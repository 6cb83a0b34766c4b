import { extname } from 'node:path';
import { createDocumentReader } from '../documents/index.ts';
import type { ReadReport } from './types.ts';

/** A report of 200 pairs needs 0.1 s. */
const TIMEOUT_MS = 20_000;
const HEAP_MB = 160;
/** A report of Samepoint has 6 kB per pair; larger SRs are those of others. */
export const MAX_REPORT_BYTES = 8 * 2 ** 20;

/** Reads the pairs of reports; see {@link createDocumentReader}. */
export interface ReportReader {
  readReport(part10: Uint8Array): Promise<ReadReport>;
  close(): Promise<void>;
}

/** Starts its thread when there is something to read. */
export function createReportReader(options: { readonly timeoutMs?: number } = {}): ReportReader {
  const reader = createDocumentReader<ReadReport>({
    worker: new URL(`./reportWorker${extname(import.meta.url)}`, import.meta.url),
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    heapMb: HEAP_MB,
    maxBytes: MAX_REPORT_BYTES,
    tooLarge: { ok: false, isDamaged: false, reason: 'it is larger than any report of Samepoint' },
  });
  return { readReport: (part10) => reader.read(part10), close: () => reader.close() };
}
