import { extname } from 'node:path';
import { isSamepointError, SamepointError } from '../errors/index.ts';
import { createBoundedPool } from '../concurrency/index.ts';
import type { ParsedInstance } from './dataset.ts';

/** A multi-frame instance needs 1 s; dcmjs needs hours for some texts of 100 kB (it trims them by `/\s*$/`). */
const TIMEOUT_MS = 20_000;
const HEAP_MB = 512;

/** Reads a Part 10 file. @throws SamepointError `archive/not-dicom` */
export type ReadInstance = (part10: Uint8Array) => Promise<ParsedInstance>;

/** Reads in a thread that lives as long as there is something to read. */
export function createInstanceReader(options: { readonly timeoutMs?: number } = {}): ReadInstance {
  const pool = createBoundedPool<Uint8Array, ParsedInstance>({
    worker: new URL(`./instanceWorker${extname(import.meta.url)}`, import.meta.url),
    threads: 1,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    heapMb: HEAP_MB,
  });
  return async (part10) => {
    const bytes = new Uint8Array(part10);
    try {
      return await pool.run(bytes, [bytes.buffer]);
    } catch (error) {
      if (isSamepointError(error)) throw error;
      throw new SamepointError('archive/not-dicom', {
        reason: 'reading it needs too much time or memory',
      });
    }
  };
}
