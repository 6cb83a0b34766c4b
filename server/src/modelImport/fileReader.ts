import { open, stat } from 'node:fs/promises';
import { SamepointError, problemOf } from '../errors/index.ts';
import { MAX_FILE_BYTES } from './limits.ts';

/** A file of known size. */
export interface FileReader {
  /** Bytes. */
  readonly size: number;
  /** @throws RangeError when the bytes do not all lie in the file: where they lie was read from it. */
  read(start: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/**
 * Opens a file to read parts of it.
 * @throws SamepointError models/not-a-checkpoint when it cannot be read, is no regular file, or is too large
 */
export async function openFile(file: string): Promise<FileReader> {
  const refuse = (reason: string, cause?: unknown): SamepointError =>
    new SamepointError('models/not-a-checkpoint', { file, reason }, { cause });
  const unreadable = (cause: unknown): never => {
    throw refuse(`it cannot be read (${problemOf(cause)})`, cause);
  };
  // Checked before it is opened: the opening of a pipe waits for somebody who writes to it.
  const { size } = await stat(file)
    .then((found) => {
      if (!found.isFile()) throw refuse('it is no regular file');
      return found;
    })
    .catch((error: unknown) => (error instanceof SamepointError ? Promise.reject(error) : unreadable(error)));
  if (size > MAX_FILE_BYTES) throw refuse(`it has ${size} bytes, more than ${MAX_FILE_BYTES}`);
  const handle = await open(file).catch(unreadable);
  return {
    size,
    async read(start, length) {
      const isInside = start >= 0 && length >= 0 && start + length <= size;
      if (!isInside) throw new RangeError('a part of it lies beyond its end');
      const bytes = Buffer.allocUnsafe(length);
      for (let done = 0; done < length;) {
        const { bytesRead } = await handle.read(bytes, done, length - done, start + done);
        if (bytesRead === 0) throw new RangeError('it became shorter while it was read');
        done += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}
