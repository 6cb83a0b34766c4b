import { extname } from 'node:path';
import { createDocumentReader } from '../documents/index.ts';
import type { ReadFindings } from './types.ts';

/** A report of 5,000 findings needs 5 s. */
const TIMEOUT_MS = 30_000;
/** Such a report makes 300 to 400 MB of objects. */
const HEAP_MB = 640;
/** A report of 5,000 findings has 8 MB, a binary segmentation of 800 slices of 512 x 512 pixels 26 MB. */
export const MAX_DOCUMENT_BYTES = 64 * 2 ** 20;

/** Reads the findings of documents; see {@link createDocumentReader}. */
export interface FindingsReader {
  readFindings(part10: Uint8Array): Promise<ReadFindings>;
  close(): Promise<void>;
}

/** Starts its thread when there is something to read. */
export function createFindingsReader(options: { readonly timeoutMs?: number } = {}): FindingsReader {
  const reader = createDocumentReader<ReadFindings>({
    worker: new URL(`./findingsWorker${extname(import.meta.url)}`, import.meta.url),
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    heapMb: HEAP_MB,
    maxBytes: MAX_DOCUMENT_BYTES,
    tooLarge: { ok: false, isDamaged: true, reason: 'it is too large to be read' },
  });
  return { readFindings: (part10) => reader.read(part10), close: () => reader.close() };
}
