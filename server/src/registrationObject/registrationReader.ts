import { extname } from 'node:path';
import { createDocumentReader } from '../documents/index.ts';
import type { ReadRegistration } from './types.ts';

/** An object of 50,000 nodes needs 0.05 s. */
const TIMEOUT_MS = 20_000;
const HEAP_MB = 160;
/** An object of Samepoint has 2 MB; those of others, with finer grids, are not read. */
export const MAX_REGISTRATION_BYTES = 16 * 2 ** 20;

/** Reads registration objects; see {@link createDocumentReader}. */
export interface RegistrationReader {
  readRegistration(part10: Uint8Array): Promise<ReadRegistration>;
  close(): Promise<void>;
}

/** Starts its thread when there is something to read. */
export function createRegistrationReader(): RegistrationReader {
  const reader = createDocumentReader<ReadRegistration>({
    worker: new URL(`./registrationWorker${extname(import.meta.url)}`, import.meta.url),
    timeoutMs: TIMEOUT_MS,
    heapMb: HEAP_MB,
    maxBytes: MAX_REGISTRATION_BYTES,
    tooLarge: { ok: false, isDamaged: false, reason: 'it is larger than any object of Samepoint' },
  });
  return { readRegistration: (part10) => reader.read(part10), close: () => reader.close() };
}
