import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { isSamepointError, SamepointError, problemOf } from '../../errors/index.ts';
import { encodeEmbedding, MAGIC, readEmbedding } from './cacheFile.ts';
import { isLocked, lockDirectory } from './cacheLock.ts';
import type { Locking } from './cacheLock.ts';
import type { EmbeddingKey } from './key.ts';
import type { Embedding } from '../types.ts';

/** Embeddings by key: in memory what was used last, on disk what fits. */
export interface EmbeddingCache {
  /**
   * The embedding, or undefined: not there, not readable at the moment, or damaged and therefore removed, which is logged.
   * Never throws.
   */
  get(key: EmbeddingKey): Promise<Embedding | undefined>;
  /**
   * Keeps an embedding. It is in memory at once; the answer says whether it is on disk too.
   * Never throws: the caller has the embedding and can serve it whatever became of the disk.
   */
  put(key: EmbeddingKey, embedding: Embedding): Promise<PutOutcome>;
  /** Removes an embedding that is not what the PACS holds any more, unless another one has replaced it. */
  drop(key: EmbeddingKey, embedding: Embedding): Promise<void>;
  /** Forgets the least recently used embeddings in memory until they use no more than so many bytes; the disk keeps them. */
  shrinkTo(bytes: number): void;
  /** Waits for what is being written, and releases the folder. */
  close(): Promise<void>;
  /** Bytes of the embeddings on disk. */
  readonly diskBytes: number;
}

/** Whether a put reached the disk; if not, why (embedding/cache-write-failed): for the log, not for the reader. */
export type PutOutcome =
  { readonly stored: true } | { readonly stored: false; readonly warning: SamepointError };

/** Where a warning goes; pino's loggers fit. Files are named by the first digits of their key: no UIDs. */
export interface CacheLogger {
  warn(fields: object, message: string): void;
}

/** The file functions the cache uses; tests give failing ones. */
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

/** Parts of a cache. */
export interface EmbeddingCacheOptions {
  /** Own directory of the cache; made if missing. Files that are not of the cache stay. */
  readonly directory: string;
  /** Most bytes on disk; the least recently used embeddings go first. */
  readonly maxBytes: number;
  /**
   * `owner` (default): the one server of the folder; it cleans it and refuses to open one that another server has. `guest`: a
   * command beside a server, which reads and adds, and cleans only where there is no server.
   */
  readonly role?: 'owner' | 'guest';
  readonly logger?: CacheLogger;
  /** Most bytes in memory at the moment. */
  readonly memoryCapacity?: () => number;
  /** What an embedding uses in memory, bytes; more than its arrays where others put something beside them. */
  readonly bytesOf?: (embedding: Embedding) => number;
  readonly files?: CacheFiles;
  /** ms since the epoch. */
  readonly now?: () => number;
}

/** Two chest pairs at 128 channels; matching reads both embeddings of a pair many times within minutes. */
const MAX_MEMORY_BYTES = 512 * 1024 * 1024;
/** A use is written to the disk if the one written before is this old, ms: a live cursor sends 20 requests per second. */
const WRITE_USE_AFTER_MS = 60_000;
const SUFFIX = '.embedding';
const TEMPORARY_SUFFIX = '.part';
const ENTRY_NAME = /^[0-9a-f]{64}\.embedding$/;
const TEMPORARY_NAME = /^[0-9a-f]{64}\.[0-9a-f-]{36}\.part$/;

interface Entry {
  readonly bytes: number;
  lastUsed: number;
  /** The last use, as the file's modification time gives it. */
  lastWritten: number;
}

/** Digits of a key that name a file in the log. */
const NAME_DIGITS = 12;
/** Mode bits with which group or others may write. */
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Opens a cache: removes the files of interrupted writes and of earlier versions, and the least recently used files above
 * `maxBytes`. One server process per directory.
 * @throws SamepointError embedding/cache-in-use, embedding/cache-unusable.
 */
export async function createEmbeddingCache(options: EmbeddingCacheOptions): Promise<EmbeddingCache> {
  const cache = new DiskCache(options);
  try {
    await cache.open();
  } catch (cause) {
    await cache.close();
    if (isSamepointError(cause)) throw cause;
    const fields = { directory: options.directory, problem: problemOf(cause) };
    throw new SamepointError('embedding/cache-unusable', fields, { cause });
  }
  return cache;
}

class DiskCache implements EmbeddingCache {
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly #files: CacheFiles;
  readonly #role: 'owner' | 'guest';
  readonly #logger: CacheLogger;
  readonly #now: () => number;
  readonly #memory: LRUCache<string, Embedding>;
  readonly #memoryCapacity: () => number;
  readonly #entries = new Map<string, Entry>();
  /** Puts on their way to the disk. */
  readonly #writing = new Map<EmbeddingKey, Promise<PutOutcome>>();
  #diskBytes = 0;
  #lock: Locking | undefined;
  /** May remove what others have put. */
  #mayClean = true;

  constructor({
    directory,
    maxBytes,
    role = 'owner',
    logger = { warn: () => undefined },
    memoryCapacity = () => MAX_MEMORY_BYTES,
    bytesOf = bytesInMemory,
    files = nodeFiles,
    now = Date.now,
  }: EmbeddingCacheOptions) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
    this.#role = role;
    this.#logger = logger;
    this.#files = files;
    this.#now = now;
    this.#memoryCapacity = memoryCapacity;
    // The capacity changes: what exceeds it is dropped in shrinkTo.
    this.#memory = new LRUCache({ maxSize: Number.MAX_SAFE_INTEGER, sizeCalculation: bytesOf });
  }

  get diskBytes(): number {
    return this.#diskBytes;
  }

  async open(): Promise<void> {
    await this.#files.mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await this.#own();
    let otherVersions = 0;
    for (const name of await this.#files.readdir(this.#directory)) {
      const path = join(this.#directory, name);
      if (this.#mayClean && TEMPORARY_NAME.test(name)) await this.#files.rm(path, { force: true });
      if (!ENTRY_NAME.test(name)) continue;
      if (this.#mayClean && (await this.#isOfOtherVersion(path))) {
        await this.#files.rm(path, { force: true });
        otherVersions += 1;
        continue;
      }
      const { size, mtimeMs } = await this.#files.stat(path);
      this.#remember(name.slice(0, -SUFFIX.length), size, mtimeMs);
    }
    if (otherVersions > 0)
      this.#logger.warn(
        { files: otherVersions },
        'cache files of another version were removed; their series are embedded again',
      );
    await this.#evict();
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
  async #isOfOtherVersion(path: string): Promise<boolean> {
    try {
      const handle = await this.#files.openToRead(path);
      try {
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
        return bytesRead === MAGIC.length && !MAGIC.equals(buffer);
      } finally {
        await handle.close();
      }
    } catch {
      return false;
    }
  }

  async get(key: EmbeddingKey): Promise<Embedding | undefined> {
    await this.#touch(key);
    const inMemory = this.#memory.get(key);
    const entry = this.#entries.get(key);
    if (inMemory !== undefined || entry === undefined) return inMemory;
    const file = key.slice(0, NAME_DIGITS);
    let decoded;
    try {
      decoded = await this.#read(key);
    } catch (error) {
      const problem = problemOf(error);
      if (problem === 'ENOENT') this.#forget(key);
      // Too many open files, no memory, no permission, a disk that hangs: that passes, and says nothing about the file.
      this.#logger.warn({ file, problem }, 'a file of the embedding cache could not be read');
      return undefined;
    }
    if (decoded.ok) {
      this.#hold(key, decoded.embedding);
      return decoded.embedding;
    }
    this.#logger.warn({ file, reason: decoded.reason }, 'a damaged file of the embedding cache was removed');
    // Unless it was written anew meanwhile.
    if (this.#entries.get(key) === entry) await this.#remove(key);
    return undefined;
  }

  async #read(key: EmbeddingKey): ReturnType<typeof readEmbedding> {
    const file = await this.#files.openToRead(this.#path(key));
    try {
      return await readEmbedding(key, file);
    } finally {
      await file.close();
    }
  }

  async drop(key: EmbeddingKey, embedding: Embedding): Promise<void> {
    await this.#writing.get(key);
    const inMemory = this.#memory.get(key);
    if (inMemory !== undefined && inMemory !== embedding) return;
    this.#memory.delete(key);
    await this.#remove(key);
  }

  async put(key: EmbeddingKey, embedding: Embedding): Promise<PutOutcome> {
    this.#hold(key, embedding);
    const writing = this.#store(key, embedding);
    this.#writing.set(key, writing);
    try {
      return await writing;
    } finally {
      if (this.#writing.get(key) === writing) this.#writing.delete(key);
    }
  }

  shrinkTo(bytes: number): void {
    while (this.#memory.size > 0 && this.#memory.calculatedSize > bytes) this.#memory.pop();
  }

  #hold(key: EmbeddingKey, embedding: Embedding): void {
    this.#memory.set(key, embedding);
    this.shrinkTo(this.#memoryCapacity());
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#writing.values());
    if (this.#lock?.state === 'held') await this.#lock.release();
  }

  async #store(key: EmbeddingKey, embedding: Embedding): Promise<PutOutcome> {
    const parts = await encodeEmbedding(key, embedding);
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    try {
      if (bytes > this.#maxBytes) throw new RangeError(`the cache holds ${this.#maxBytes} bytes`);
      await this.#write(key, parts);
    } catch (cause) {
      const fields = { bytes, problem: problemOf(cause) };
      return {
        stored: false,
        warning: new SamepointError('embedding/cache-write-failed', fields, { cause }),
      };
    }
    this.#remember(key, bytes, 0);
    await this.#touch(key);
    await this.#evict();
    return { stored: true };
  }

  /** Temporary file, fsync, rename: a reader sees the old file, the new one or none, also after a power cut. */
  async #write(key: string, parts: readonly Uint8Array[]): Promise<void> {
    const temporary = join(this.#directory, `${key}.${randomUUID()}${TEMPORARY_SUFFIX}`);
    try {
      const handle = await this.#files.open(temporary, 'wx', 0o600);
      try {
        for (const part of parts) await handle.writeFile(part);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await this.#files.rename(temporary, this.#path(key));
    } catch (error) {
      // The write error matters more than a leftover: the next start removes it.
      await this.#files.rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  #path(key: string): string {
    return join(this.#directory, `${key}${SUFFIX}`);
  }

  #remember(key: string, bytes: number, lastUsed: number): void {
    this.#diskBytes += bytes - (this.#entries.get(key)?.bytes ?? 0);
    this.#entries.set(key, { bytes, lastUsed, lastWritten: lastUsed });
  }

  /** The modification time carries the last use (to a minute) over a restart. A file system that refuses costs only that. */
  async #touch(key: string): Promise<void> {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.lastUsed = this.#now();
    if (entry.lastUsed - entry.lastWritten < WRITE_USE_AFTER_MS) return;
    entry.lastWritten = entry.lastUsed;
    const time = new Date(entry.lastUsed);
    await this.#files.utimes(this.#path(key), time, time).catch(() => undefined);
  }

  #forget(key: string): void {
    this.#diskBytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }

  async #remove(key: string): Promise<void> {
    this.#forget(key);
    await this.#files.rm(this.#path(key), { force: true }).catch(() => undefined);
  }

  async #evict(): Promise<void> {
    if (!this.#mayClean) return;
    const oldestFirst = [...this.#entries].sort(([, a], [, b]) => a.lastUsed - b.lastUsed);
    for (const [key] of oldestFirst) {
      if (this.#diskBytes <= this.#maxBytes) return;
      await this.#remove(key);
    }
  }
}

/** Bytes of the arrays of an embedding. */
function bytesInMemory({ maps, bodyMask, image }: Embedding): number {
  const arrays = maps.map(({ vectors, inverseNorms }) => vectors.byteLength + inverseNorms.byteLength);
  // lru-cache refuses a size of zero.
  return arrays.reduce((sum, bytes) => sum + bytes, bodyMask.byteLength + image.values.byteLength + 1);
}
