import { createBoundedPool } from '../concurrency/index.ts';
import { errorFrom } from '../errors/index.ts';

/** Why a document could not be read. */
interface Unread {
  readonly ok: false;
  /** True where the file is damaged; false where it is of another kind. */
  readonly isDamaged: boolean;
  readonly reason: string;
}

/** How documents are read, and what bounds it. */
interface DocumentReaderOptions {
  /** The module of the thread: bytes of a document in, what it says out. */
  readonly worker: URL;
  /** Waiting for the thread counts. */
  readonly timeoutMs: number;
  readonly heapMb: number;
  readonly maxBytes: number;
  /** The answer to a document of more bytes. */
  readonly tooLarge: Unread;
}

/** Reads documents in a thread, because others write them. */
export interface DocumentReader<R> {
  /** Never rejects because of the bytes: what cannot be read is damaged, and the reason says how. */
  read(part10: Uint8Array): Promise<R | Unread>;
  close(): Promise<void>;
}

/** Starts its thread when there is something to read. */
export function createDocumentReader<R>({
  maxBytes,
  tooLarge,
  ...bounds
}: DocumentReaderOptions): DocumentReader<R> {
  const pool = createBoundedPool<Uint8Array, R>({ ...bounds, threads: 1 });
  return {
    async read(part10) {
      if (part10.byteLength > maxBytes) return tooLarge;
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
