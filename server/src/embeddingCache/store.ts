import type { FileHandle } from 'node:fs/promises';
import type { SamepointError } from '../errors/index.ts';

/** Whether a put reached the store; if not, why (embedding/cache-write-failed): for the log, not for the reader. */
export type PutOutcome =
  { readonly stored: true } | { readonly stored: false; readonly warning: SamepointError };

/** Where a warning goes; pino's loggers fit. Files are named by the first digits of their key: no UIDs. */
export interface CacheLogger {
  warn(fields: object, message: string): void;
}

/** A file that is being read, from its beginning. */
export interface StoredFile {
  /** Bytes. */
  readonly size: number;
  /** Fills an array with the next bytes. @throws RangeError where the file has become shorter, and what reading throws */
  fill(part: Uint8Array): Promise<void>;
  /** Removes the file, unless another one has replaced it. Never throws. */
  discard(): Promise<void>;
}

/** Files by name: a folder of one server, a folder of several, or a bucket. What is in the files is for others to know. */
export interface Store {
  /** Bytes that it is known to hold. */
  readonly diskBytes: number;
  /** @throws SamepointError `embedding/cache-in-use`, `store/unusable`; and what the file system throws */
  open(): Promise<void>;
  /** Looks whether it can be used now. @throws what looking throws */
  probe(): Promise<void>;
  /** Records a use. Never throws. */
  touch(name: string): Promise<void>;
  /** Reads a file with `use`; undefined where there is none. @throws what reading throws */
  read<T>(name: string, use: (file: StoredFile) => Promise<T>): Promise<T | undefined>;
  /** @throws what looking throws */
  has(name: string): Promise<boolean>;
  /** Names of all files. @throws what listing throws */
  names(): Promise<readonly string[]>;
  /** A reader sees the old file, the new one or none. Never throws. */
  write(name: string, parts: readonly Uint8Array[]): Promise<PutOutcome>;
  /** Never throws. */
  remove(name: string): Promise<void>;
  close(): Promise<void>;
}

/** An open file as one that is read from its beginning. */
export async function storedFile(file: FileHandle, discard: () => Promise<void>): Promise<StoredFile> {
  const { size } = await file.stat();
  let position = 0;
  return {
    size,
    discard,
    async fill(part) {
      for (let done = 0; done < part.length;) {
        const { bytesRead } = await file.read(part, done, part.length - done, position);
        if (bytesRead === 0) throw new RangeError('the file has become shorter');
        done += bytesRead;
        position += bytesRead;
      }
    },
  };
}

/** Keys, one or several. */
const KEYS = '[0-9a-f]{64}(-[0-9a-f]{16,64})*';
const ENTRY_NAME = new RegExp(`^${KEYS}\\.[a-z]+$`);
/** End of the name of a file that is being written. */
export const TEMPORARY_SUFFIX = '.part';
const TEMPORARY_NAME = new RegExp(`^${KEYS}\\.([a-z]+\\.)?[0-9a-f-]{36}\\.part$`);
/** Digits of a key that name a file in the log. */
export const NAME_DIGITS = 12;

/** True for the name of a file of a store. */
export function isEntryName(name: string): boolean {
  return ENTRY_NAME.test(name);
}

/** True for the name of a file that is being written, or whose writer has died. */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY_NAME.test(name);
}
