import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { SamepointError } from '../errors/index.ts';
import { decodeEmbedding, encodeEmbedding } from './cacheFile.ts';
import type { EmbeddingKey } from './key.ts';
import { problemOf } from './problem.ts';
import type { Embedding } from './types.ts';

/** Embeddings by key: in memory what was used last, on disk what fits. */
export interface EmbeddingCache {
  /** The embedding, or undefined: not there, or damaged and therefore dropped. Never throws. */
  get(key: EmbeddingKey): Promise<Embedding | undefined>;
  /**
   * Keeps an embedding. It is in memory at once; the answer says whether it is on disk too.
   * Never throws: the caller has the embedding and can serve it whatever became of the disk.
   */
  put(key: EmbeddingKey, embedding: Embedding): Promise<PutOutcome>;
  /** Forgets the least recently used embeddings in memory until they take no more than so many bytes; the disk keeps them. */
  shrinkTo(bytes: number): void;
  /** Waits for what is being written. */
  close(): Promise<void>;
  /** Bytes of the embeddings on disk. */
  readonly diskBytes: number;
}

/** Whether a put reached the disk; if not, why (embedding/cache-write-failed): for the log, not for the reader. */
export type PutOutcome =
  { readonly stored: true } | { readonly stored: false; readonly warning: SamepointError };

/** The file functions the cache uses; tests give failing ones. */
export const nodeFiles = { mkdir, open, readdir, readFile, rename, rm, stat, utimes };
export type CacheFiles = typeof nodeFiles;

/** Parts of a cache. */
export interface EmbeddingCacheOptions {
  /** Own directory of the cache; made if missing. Files that are not of the cache are left alone. */
  readonly directory: string;
  /** Most bytes on disk; the least recently used embeddings go first. */
  readonly maxBytes: number;
  /** Most bytes in memory at the moment. */
  readonly memoryRoom?: () => number;
  /** What an embedding takes in memory, bytes; more than its arrays where others put something beside them. */
  readonly bytesOf?: (embedding: Embedding) => number;
  readonly files?: CacheFiles;
  /** ms since the epoch. */
  readonly now?: () => number;
}

/** Two chest pairs at 128 channels; matching reads both embeddings of a pair many times within minutes. */
const MAX_MEMORY_BYTES = 512 * 1024 * 1024;
/** A use is written to the disk if the one written before is this old, ms: a live cursor asks 20 times a second. */
const WRITE_USE_AFTER_MS = 60_000;
const SUFFIX = '.embedding';
const TEMPORARY_SUFFIX = '.part';
const ENTRY_NAME = /^[0-9a-f]{64}\.embedding$/;
const TEMPORARY_NAME = /^[0-9a-f]{64}\.[0-9a-f-]{36}\.part$/;

interface Entry {
  readonly bytes: number;
  lastUsed: number;
  /** The last use that the file's modification time tells. */
  lastWritten: number;
}

/**
 * Opens a cache: removes what an interrupted write left, and forgets the least recently used files above `maxBytes`.
 * One server process per directory.
 * @throws SamepointError embedding/cache-unusable.
 */
export async function createEmbeddingCache(options: EmbeddingCacheOptions): Promise<EmbeddingCache> {
  const cache = new DiskCache(options);
  try {
    await cache.open();
  } catch (cause) {
    const fields = { directory: options.directory, problem: problemOf(cause) };
    throw new SamepointError('embedding/cache-unusable', fields, { cause });
  }
  return cache;
}

class DiskCache implements EmbeddingCache {
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly #files: CacheFiles;
  readonly #now: () => number;
  readonly #memory: LRUCache<string, Embedding>;
  readonly #memoryRoom: () => number;
  readonly #entries = new Map<string, Entry>();
  /** Puts on their way to the disk. */
  readonly #writing = new Set<Promise<PutOutcome>>();
  #diskBytes = 0;

  constructor({
    directory,
    maxBytes,
    memoryRoom = () => MAX_MEMORY_BYTES,
    bytesOf = bytesInMemory,
    files = nodeFiles,
    now = Date.now,
  }: EmbeddingCacheOptions) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
    this.#files = files;
    this.#now = now;
    this.#memoryRoom = memoryRoom;
    // The room changes: what is too much is dropped in shrinkTo.
    this.#memory = new LRUCache({ maxSize: Number.MAX_SAFE_INTEGER, sizeCalculation: bytesOf });
  }

  get diskBytes(): number {
    return this.#diskBytes;
  }

  async open(): Promise<void> {
    await this.#files.mkdir(this.#directory, { recursive: true, mode: 0o700 });
    for (const name of await this.#files.readdir(this.#directory)) {
      const path = join(this.#directory, name);
      if (TEMPORARY_NAME.test(name)) await this.#files.rm(path, { force: true });
      if (!ENTRY_NAME.test(name)) continue;
      const { size, mtimeMs } = await this.#files.stat(path);
      this.#remember(name.slice(0, -SUFFIX.length), size, mtimeMs);
    }
    await this.#evict();
  }

  async get(key: EmbeddingKey): Promise<Embedding | undefined> {
    await this.#touch(key);
    const inMemory = this.#memory.get(key);
    if (inMemory !== undefined || !this.#entries.has(key)) return inMemory;
    const bytes = await this.#files.readFile(this.#path(key)).catch(() => undefined);
    const decoded = bytes === undefined ? undefined : await decodeEmbedding(bytes);
    if (decoded?.ok !== true) {
      await this.#drop(key);
      return undefined;
    }
    this.#hold(key, decoded.embedding);
    return decoded.embedding;
  }

  async put(key: EmbeddingKey, embedding: Embedding): Promise<PutOutcome> {
    this.#hold(key, embedding);
    const writing = this.#store(key, embedding);
    this.#writing.add(writing);
    try {
      return await writing;
    } finally {
      this.#writing.delete(writing);
    }
  }

  shrinkTo(bytes: number): void {
    while (this.#memory.size > 0 && this.#memory.calculatedSize > bytes) this.#memory.pop();
  }

  #hold(key: EmbeddingKey, embedding: Embedding): void {
    this.#memory.set(key, embedding);
    this.shrinkTo(this.#memoryRoom());
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#writing);
  }

  async #store(key: EmbeddingKey, embedding: Embedding): Promise<PutOutcome> {
    const parts = await encodeEmbedding(embedding);
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

  async #drop(key: string): Promise<void> {
    this.#diskBytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
    await this.#files.rm(this.#path(key), { force: true }).catch(() => undefined);
  }

  async #evict(): Promise<void> {
    const oldestFirst = [...this.#entries].sort(([, a], [, b]) => a.lastUsed - b.lastUsed);
    for (const [key] of oldestFirst) {
      if (this.#diskBytes <= this.#maxBytes) return;
      await this.#drop(key);
    }
  }
}

/** Bytes of the arrays of an embedding. */
export function bytesInMemory({ maps, bodyMask, image }: Embedding): number {
  const arrays = maps.map(({ vectors, inverseNorms }) => vectors.byteLength + inverseNorms.byteLength);
  // lru-cache refuses a size of zero.
  return arrays.reduce((sum, bytes) => sum + bytes, bodyMask.byteLength + image.values.byteLength + 1);
}
