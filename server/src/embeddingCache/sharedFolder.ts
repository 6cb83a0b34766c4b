/**
 * A folder that several processes on several machines use at a time, mostly over NFS. There is no index and no lock: the names of the
 * files say what they are made of, so that two that are written at a time are equal, and renaming replaces one by the other at once. Of a
 * file system of the network it is expected that renaming is atomic; what it forgets for a moment (ESTALE) is opened again.
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { problemOf, SamepointError } from '../errors/index.ts';
import type { CacheFiles } from './cacheFolder.ts';
import { isEntryName, isTemporaryName, storedFile, TEMPORARY_SUFFIX } from './store.ts';
import type { CacheLogger, PutOutcome, Store, StoredFile } from './store.ts';

/** Parts of a shared folder. */
export interface SharedFolderOptions {
  readonly directory: string;
  /** Most bytes of all processes together; the files that were not used for longest go first. */
  readonly maxBytes: number;
  readonly logger: CacheLogger;
  readonly files: CacheFiles;
  readonly now: () => number;
}

/** A use is written to the disk if the one before is this old, ms. */
const WRITE_USE_AFTER_MS = 60_000;
/** Pause between two looks at the size of the folder, ms. */
const CLEAN_EVERY_MS = 60_000;
/** A file that has been in writing for so long has lost its writer, ms: a slow store writes 200 MB in minutes. */
const ABANDONED_MS = 3_600_000;
/** File systems of the network forget the file behind a name when another machine has replaced it. */
const OPEN_ATTEMPTS = 3;

interface Entry {
  readonly name: string;
  readonly bytes: number;
  readonly usedMs: number;
}

/** Files by name, without an index. */
export class SharedFolder implements Store {
  readonly #options: SharedFolderOptions;
  readonly #usesWritten = new Map<string, number>();
  #diskBytes = 0;
  #cleanedMs = -Infinity;
  #cleaning: Promise<void> | undefined;

  constructor(options: SharedFolderOptions) {
    this.#options = options;
  }

  get diskBytes(): number {
    return this.#diskBytes;
  }

  async open(): Promise<void> {
    const { directory, files } = this.#options;
    try {
      await files.mkdir(directory, { recursive: true, mode: 0o700 });
      await files.readdir(directory);
    } catch (cause) {
      throw new SamepointError('store/unusable', { problem: problemOf(cause) }, { cause });
    }
    await this.#clean();
  }

  async probe(): Promise<void> {
    await this.#options.files.stat(this.#options.directory);
  }

  async touch(name: string): Promise<void> {
    const { files, now } = this.#options;
    const nowMs = now();
    if (nowMs - (this.#usesWritten.get(name) ?? -Infinity) < WRITE_USE_AFTER_MS) return;
    this.#usesWritten.set(name, nowMs);
    const time = new Date(nowMs);
    await files.utimes(this.#path(name), time, time).catch(() => undefined);
  }

  async read<T>(name: string, use: (file: StoredFile) => Promise<T>): Promise<T | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#readOnce(name, use);
      } catch (error) {
        const problem = problemOf(error);
        if (problem === 'ENOENT') return undefined;
        if (problem !== 'ESTALE' || attempt === OPEN_ATTEMPTS) throw error;
      }
    }
  }

  async #readOnce<T>(name: string, use: (file: StoredFile) => Promise<T>): Promise<T> {
    const handle = await this.#options.files.openToRead(this.#path(name));
    try {
      const { mtimeMs } = await handle.stat();
      return await use(await storedFile(handle, () => this.#discard(name, mtimeMs)));
    } finally {
      await handle.close().catch(() => undefined);
    }
  }

  async #discard(name: string, writtenMs: number): Promise<void> {
    const { files } = this.#options;
    const found = await files.stat(this.#path(name)).catch(() => undefined);
    if (found?.mtimeMs === writtenMs) await this.remove(name);
  }

  async has(name: string): Promise<boolean> {
    try {
      await this.#options.files.stat(this.#path(name));
      return true;
    } catch (error) {
      if (problemOf(error) === 'ENOENT') return false;
      throw error;
    }
  }

  async names(): Promise<readonly string[]> {
    const { directory, files } = this.#options;
    return (await files.readdir(directory)).filter(isEntryName);
  }

  async write(name: string, parts: readonly Uint8Array[]): Promise<PutOutcome> {
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    try {
      if (bytes > this.#options.maxBytes)
        throw new RangeError(`the store holds ${this.#options.maxBytes} bytes`);
      await this.#writeWithSpace(name, parts);
    } catch (cause) {
      const fields = { bytes, problem: problemOf(cause) };
      return {
        stored: false,
        warning: new SamepointError('embedding/cache-write-failed', fields, { cause }),
      };
    }
    this.#usesWritten.set(name, this.#options.now());
    if (this.#options.now() - this.#cleanedMs > CLEAN_EVERY_MS) await this.#clean();
    return { stored: true };
  }

  /** A disk that is full is cleaned once: other processes have written since it was looked at. */
  async #writeWithSpace(name: string, parts: readonly Uint8Array[]): Promise<void> {
    try {
      await this.#write(name, parts);
    } catch (error) {
      if (problemOf(error) !== 'ENOSPC') throw error;
      await this.#clean();
      await this.#write(name, parts);
    }
  }

  /** Temporary file, fsync, rename: a reader sees the old file, the new one or none, also after a power cut. */
  async #write(name: string, parts: readonly Uint8Array[]): Promise<void> {
    const { files } = this.#options;
    const temporary = this.#path(`${name}.${randomUUID()}${TEMPORARY_SUFFIX}`);
    try {
      await fillFile(await files.open(temporary, 'wx', 0o600), parts);
      await this.#rename(temporary, this.#path(name));
    } catch (error) {
      await files.rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  /** An NFS server that has renamed, and whose answer was lost, says to the repeated request that the file is not there. */
  async #rename(temporary: string, path: string): Promise<void> {
    const { files } = this.#options;
    try {
      await files.rename(temporary, path);
    } catch (error) {
      if (problemOf(error) !== 'ENOENT') throw error;
      await files.stat(path);
    }
  }

  async remove(name: string): Promise<void> {
    this.#usesWritten.delete(name);
    await this.#options.files.rm(this.#path(name), { force: true }).catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#cleaning;
  }

  #path(name: string): string {
    return join(this.#options.directory, name);
  }

  /** One at a time. A folder that cannot be listed now is cleaned later. */
  async #clean(): Promise<void> {
    this.#cleaning ??= this.#cleanOnce()
      .catch((error: unknown) => {
        this.#options.logger.warn({ problem: problemOf(error) }, 'the shared store could not be cleaned');
      })
      .finally(() => {
        this.#cleaning = undefined;
      });
    await this.#cleaning;
  }

  async #cleanOnce(): Promise<void> {
    const { directory, files, now, maxBytes } = this.#options;
    this.#cleanedMs = now();
    const names = await files.readdir(directory);
    const entries = await this.#entriesOf(names.filter((name) => isEntryName(name) || isTemporaryName(name)));
    const isAbandoned = ({ name, usedMs }: Entry): boolean =>
      isTemporaryName(name) && now() - usedMs > ABANDONED_MS;
    for (const { name } of entries.filter(isAbandoned)) await this.remove(name);
    const kept = entries
      .filter(({ name }) => isEntryName(name))
      .sort((first, second) => first.usedMs - second.usedMs);
    let bytes = kept.reduce((sum, entry) => sum + entry.bytes, 0);
    for (const entry of kept) {
      if (bytes <= maxBytes) break;
      await this.remove(entry.name);
      bytes -= entry.bytes;
    }
    this.#diskBytes = bytes;
  }

  /** Another process may remove a file meanwhile. */
  async #entriesOf(names: readonly string[]): Promise<readonly Entry[]> {
    const entries: Entry[] = [];
    for (const name of names) {
      const found = await this.#options.files.stat(this.#path(name)).catch(() => undefined);
      if (found !== undefined) entries.push({ name, bytes: found.size, usedMs: found.mtimeMs });
    }
    return entries;
  }
}

async function fillFile(handle: FileHandle, parts: readonly Uint8Array[]): Promise<void> {
  try {
    for (const part of parts) await handle.writeFile(part);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
