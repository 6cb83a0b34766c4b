/**
 * The folder of a cache: files by name, the least recently used ones removed first. What is in the files is for others to know.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { SamepointError, problemOf } from '../errors/index.ts';
import { isLocked, lockDirectory } from './cacheLock.ts';
import type { Locking } from './cacheLock.ts';
import { isEntryName, isTemporaryName, storedFile, TEMPORARY_SUFFIX } from './store.ts';
import type { CacheLogger, PutOutcome, Store, StoredFile } from './store.ts';

export const nodeFiles = {
  mkdir,
  open,
  readdir,
  openToRead: (path: string): Promise<FileHandle> => open(path, 'r'),
  rename,
  rm,
  stat,
  utimes,
};
export type CacheFiles = typeof nodeFiles;

/** Parts of a folder. */
export interface CacheFolderOptions {
  /** Own directory of the cache; made if missing. Files that are not of the cache stay. */
  readonly directory: string;
  /** Most bytes on disk; the least recently used files go first. */
  readonly maxBytes: number;
  /**
   * `owner` (default): the one server of the folder; it cleans it and refuses to open one that another server has. `guest`: a
   * command beside a server, which reads and adds, and cleans only where there is no server.
   */
  readonly role?: 'owner' | 'guest';
  readonly logger?: CacheLogger;
  readonly files?: CacheFiles;
  /** ms since the epoch. */
  readonly now?: () => number;
  /** The first bytes of the files of each kind, by the end of their names. Files that begin with others are of another version. */
  readonly magics: Readonly<Record<string, Buffer>>;
}

/** A use is written to the disk if the one written before is this old, ms: a live cursor sends 20 requests per second. */
const WRITE_USE_AFTER_MS = 60_000;
/** Mode bits with which group or others may write. */
const WRITABLE_BY_OTHERS = 0o022;

/** A file of the cache. */
interface CacheEntry {
  readonly bytes: number;
  lastUsed: number;
  /** The last use, as the file's modification time gives it. */
  lastWritten: number;
}

/** Files by name, within so many bytes. */
export class CacheFolder implements Store {
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly #files: CacheFiles;
  readonly #role: 'owner' | 'guest';
  readonly #logger: CacheLogger;
  readonly #now: () => number;
  readonly #magics: Readonly<Record<string, Buffer>>;
  readonly #entries = new Map<string, CacheEntry>();
  #diskBytes = 0;
  #lock: Locking | undefined;
  /** May remove what others have put. */
  #mayClean = true;

  constructor({
    directory,
    maxBytes,
    role = 'owner',
    logger = { warn: () => undefined },
    files = nodeFiles,
    now = Date.now,
    magics,
  }: CacheFolderOptions) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
    this.#role = role;
    this.#logger = logger;
    this.#files = files;
    this.#now = now;
    this.#magics = magics;
  }

  get diskBytes(): number {
    return this.#diskBytes;
  }

  names(): Promise<readonly string[]> {
    return Promise.resolve([...this.#entries.keys()]);
  }

  has(name: string): Promise<boolean> {
    return Promise.resolve(this.#entries.has(name));
  }

  /** Removes the files of interrupted writes and of earlier versions. @throws SamepointError embedding/cache-in-use */
  async open(): Promise<void> {
    await this.#files.mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await this.#own();
    let otherVersions = 0;
    for (const name of await this.#files.readdir(this.#directory)) {
      const path = this.#path(name);
      if (this.#mayClean && isTemporaryName(name)) await this.#files.rm(path, { force: true });
      const magic = this.#magicOf(name);
      if (magic === undefined) continue;
      if (this.#mayClean && (await this.#isOfOtherVersion(path, magic))) {
        await this.#files.rm(path, { force: true });
        otherVersions += 1;
        continue;
      }
      const { size, mtimeMs } = await this.#files.stat(path);
      this.#remember(name, size, mtimeMs);
    }
    if (otherVersions > 0)
      this.#logger.warn(
        { files: otherVersions },
        'cache files of another version were removed; their series are embedded again',
      );
    await this.#evict();
  }

  /** The first bytes that a file must have; undefined for one that is not of the cache. */
  #magicOf(name: string): Buffer | undefined {
    if (!isEntryName(name)) return undefined;
    return this.#magics[name.slice(name.indexOf('.'))];
  }

  /** Locks the folder, or shares it. @throws SamepointError embedding/cache-in-use */
  async #own(): Promise<void> {
    if (((await this.#files.stat(this.#directory)).mode & WRITABLE_BY_OTHERS) !== 0)
      this.#logger.warn(
        {},
        'the folder of the embedding cache can be written by other users of this machine',
      );
    if (this.#role === 'guest') {
      this.#mayClean = !(await isLocked(this.#directory));
      return;
    }
    this.#lock = await lockDirectory(this.#directory, () => {
      this.#logger.warn({}, 'another server has locked the folder of the embedding cache: stop one of them');
    });
    if (this.#lock.state === 'in-use') {
      const { pid, host } = this.#lock;
      throw new SamepointError('embedding/cache-in-use', { directory: this.#directory, pid, host });
    }
    if (this.#lock.state === 'impossible')
      this.#logger.warn(
        { problem: this.#lock.problem },
        'the folder of the embedding cache cannot be locked: a second server on it would not be noticed',
      );
  }

  /** False also where it cannot be read now: then its turn comes when it is requested. */
  async #isOfOtherVersion(path: string, magic: Buffer): Promise<boolean> {
    try {
      const handle = await this.#files.openToRead(path);
      try {
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(magic.length), 0, magic.length, 0);
        return bytesRead === magic.length && !magic.equals(buffer);
      } finally {
        await handle.close();
      }
    } catch {
      return false;
    }
  }

  /** A file that is gone is forgotten. */
  async read<T>(name: string, use: (file: StoredFile) => Promise<T>): Promise<T | undefined> {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    const discard = async (): Promise<void> => {
      if (this.#entries.get(name) === entry) await this.remove(name);
    };
    try {
      const file = await this.#files.openToRead(this.#path(name));
      try {
        return await use(await storedFile(file, discard));
      } finally {
        await file.close();
      }
    } catch (error) {
      if (problemOf(error) === 'ENOENT') this.#forget(name);
      throw error;
    }
  }

  /** Removes other files where the bytes are too many. */
  async write(name: string, parts: readonly Uint8Array[]): Promise<PutOutcome> {
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    try {
      if (bytes > this.#maxBytes) throw new RangeError(`the cache holds ${this.#maxBytes} bytes`);
      await this.#write(name, parts);
    } catch (cause) {
      const fields = { bytes, problem: problemOf(cause) };
      return {
        stored: false,
        warning: new SamepointError('embedding/cache-write-failed', fields, { cause }),
      };
    }
    this.#remember(name, bytes, 0);
    await this.touch(name);
    await this.#evict();
    return { stored: true };
  }

  /** Temporary file, fsync, rename: a reader sees the old file, the new one or none, also after a power cut. */
  async #write(name: string, parts: readonly Uint8Array[]): Promise<void> {
    const temporary = this.#path(`${name}.${randomUUID()}${TEMPORARY_SUFFIX}`);
    try {
      const handle = await this.#files.open(temporary, 'wx', 0o600);
      try {
        for (const part of parts) await handle.writeFile(part);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await this.#files.rename(temporary, this.#path(name));
    } catch (error) {
      // The write error matters more than a leftover: the next start removes it.
      await this.#files.rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  async probe(): Promise<void> {
    await this.#files.stat(this.#directory);
  }

  /** Records a use. The modification time carries it (to a minute) over a restart. A file system that refuses costs only that. */
  async touch(name: string): Promise<void> {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    entry.lastUsed = this.#now();
    if (entry.lastUsed - entry.lastWritten < WRITE_USE_AFTER_MS) return;
    entry.lastWritten = entry.lastUsed;
    const time = new Date(entry.lastUsed);
    await this.#files.utimes(this.#path(name), time, time).catch(() => undefined);
  }

  async remove(name: string): Promise<void> {
    this.#forget(name);
    await this.#files.rm(this.#path(name), { force: true }).catch(() => undefined);
  }

  async close(): Promise<void> {
    if (this.#lock?.state === 'held') await this.#lock.release();
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }

  #remember(name: string, bytes: number, lastUsed: number): void {
    this.#diskBytes += bytes - (this.#entries.get(name)?.bytes ?? 0);
    this.#entries.set(name, { bytes, lastUsed, lastWritten: lastUsed });
  }

  #forget(name: string): void {
    this.#diskBytes -= this.#entries.get(name)?.bytes ?? 0;
    this.#entries.delete(name);
  }

  async #evict(): Promise<void> {
    if (!this.#mayClean) return;
    const oldestFirst = [...this.#entries].sort(([, a], [, b]) => a.lastUsed - b.lastUsed);
    for (const [name] of oldestFirst) {
      if (this.#diskBytes <= this.#maxBytes) return;
      await this.remove(name);
    }
  }
}
