import { LRUCache } from 'lru-cache';
import { isSamepointError, SamepointError, problemOf } from '../errors/index.ts';
import { encodeEmbedding, MAGIC, readEmbedding } from './cacheFile.ts';
import { Bucket } from './bucket.ts';
import type { BucketSettings } from './bucket.ts';
import { CacheFolder, nodeFiles } from './cacheFolder.ts';
import type { CacheFolderOptions } from './cacheFolder.ts';
import { FIELD_MAGIC, FIELD_SUFFIX, fieldFile, fieldName, readFieldFile } from './fieldFile.ts';
import type { FieldKey } from './fieldFile.ts';
import type { EmbeddingKey } from './key.ts';
import { PREVIEW_MAGIC, PREVIEW_SUFFIX, previewFile, readPreviewFile } from './previewFile.ts';
import { EMBEDDING_SUFFIX, keysOfSeries } from './seriesFiles.ts';
import type { DroppedSeries } from './seriesFiles.ts';
import { SharedFolder } from './sharedFolder.ts';
import { NAME_DIGITS } from './store.ts';
import type { CacheLogger, PutOutcome, Store, StoredFile } from './store.ts';
import type { Embedding, PreviewImage } from '../embedding/types.ts';

export { nodeFiles } from './cacheFolder.ts';
export type { CacheFiles } from './cacheFolder.ts';
export type { CacheLogger, PutOutcome } from './store.ts';

/** Embeddings by key, and the fields of pairs of them: in memory what was used last, on disk what fits. */
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
  /** Removes an embedding that is not what the PACS holds any more, unless another one has replaced it, and the fields made of it. */
  drop(key: EmbeddingKey, embedding: Embedding): Promise<void>;
  /**
   * Removes the embeddings of a study, or of one of its series, with the fields made of them, and says how many. Looks into every
   * file. Never throws.
   */
  dropOf(series: DroppedSeries): Promise<number>;
  /** The bytes of a field, as `get`. */
  getField(key: FieldKey): Promise<Uint8Array | undefined>;
  /** Keeps the bytes of a field, as `put`. */
  putField(key: FieldKey, bytes: Uint8Array): Promise<PutOutcome>;
  /** The preview image of a series that another process embeds, as `get`. */
  getPreview(key: EmbeddingKey): Promise<PreviewImage | undefined>;
  /** Keeps a preview image for other processes, as `put`; not in memory. */
  putPreview(key: EmbeddingKey, image: PreviewImage): Promise<PutOutcome>;
  /** Under which key an embedding was put or found; undefined for one of somebody else. */
  keyOf(embedding: Embedding): EmbeddingKey | undefined;
  /** Waits until an embedding that was put lies in the store, and puts it again where it is gone from there. Never throws. */
  persist(key: EmbeddingKey): Promise<PutOutcome>;
  /** The same for a field. */
  persistField(key: FieldKey): Promise<PutOutcome>;
  /** Why the store cannot be used now, in words; undefined where it can. Never throws. */
  problem(): Promise<string | undefined>;
  /** Forgets the least recently used embeddings in memory until they use no more than so many bytes; the disk keeps them. */
  shrinkTo(bytes: number): void;
  /** Waits for what is being written, and releases the folder. */
  close(): Promise<void>;
  /** Bytes of the embeddings and fields on disk. */
  readonly diskBytes: number;
}

/** Parts of a cache. */
export interface EmbeddingCacheOptions extends Omit<CacheFolderOptions, 'magics'> {
  /** Most bytes in memory at the moment. */
  readonly memoryCapacity?: () => number;
  /** Where the files are: a folder of this server (default), one of several processes, or a bucket; see {@link StoreSettings}. */
  readonly store?: StoreSettings;
  /** What an embedding uses in memory, bytes; more than its arrays where others put something beside them. */
  readonly bytesOf?: (embedding: Embedding) => number;
}

/** Where files are kept. `own` and `shared`: in `directory`. */
export type StoreSettings = { readonly type: 'own' | 'shared' } | ({ readonly type: 's3' } & BucketSettings);

/** Two chest pairs at 128 channels; matching reads both embeddings of a pair many times within minutes. */
const MAX_MEMORY_BYTES = 512 * 1024 * 1024;
/** Fields in memory: a reader scrolls through a few pairs at a time. */
const MAX_FIELD_BYTES = 16 * 1024 * 1024;
/** The problem of what is to be persisted, and neither lies in the store nor in memory. */
export const NEVER_PUT = 'it was not put';

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
  readonly #folder: Store;
  readonly #logger: CacheLogger;
  readonly #memory: LRUCache<EmbeddingKey, Embedding>;
  readonly #memoryCapacity: () => number;
  readonly #keys = new WeakMap<Embedding, EmbeddingKey>();
  /** By the names of their files. */
  readonly #fields = new LRUCache<string, Uint8Array>({
    maxSize: MAX_FIELD_BYTES,
    sizeCalculation: ({ byteLength }) => Math.max(byteLength, 1),
  });
  /** Puts on their way to the disk, by the names of their files. */
  readonly #writing = new Map<string, Promise<PutOutcome>>();

  constructor({
    memoryCapacity = () => MAX_MEMORY_BYTES,
    bytesOf = bytesInMemory,
    logger = { warn: () => undefined },
    store = { type: 'own' },
    ...options
  }: EmbeddingCacheOptions) {
    this.#folder = storeOf(store, { ...options, logger });
    this.#logger = logger;
    this.#memoryCapacity = memoryCapacity;
    // The capacity changes: what exceeds it is dropped in shrinkTo.
    this.#memory = new LRUCache({ maxSize: Number.MAX_SAFE_INTEGER, sizeCalculation: bytesOf });
  }

  get diskBytes(): number {
    return this.#folder.diskBytes;
  }

  async open(): Promise<void> {
    await this.#folder.open();
  }

  async get(key: EmbeddingKey): Promise<Embedding | undefined> {
    const name = nameOf(key);
    await this.#folder.touch(name);
    const inMemory = this.#memory.get(key);
    if (inMemory !== undefined) return inMemory;
    const read = await this.#read(name, async (file) => {
      const decoded = await readEmbedding(key, file);
      return decoded.ok ? { value: decoded.embedding } : decoded;
    });
    if (read !== undefined) this.#hold(key, read);
    return read;
  }

  async getField(key: FieldKey): Promise<Uint8Array | undefined> {
    const name = fieldName(key);
    await this.#folder.touch(name);
    const inMemory = this.#fields.get(name);
    if (inMemory !== undefined) return inMemory;
    const read = await this.#read(name, async (file) => {
      const value = await readFieldFile(name, file);
      return value === undefined ? { reason: 'it is no field of this pair' } : { value };
    });
    if (read !== undefined) this.#fields.set(name, read);
    return read;
  }

  async getPreview(key: EmbeddingKey): Promise<PreviewImage | undefined> {
    return await this.#read(`${key}${PREVIEW_SUFFIX}`, async (file) => {
      const value = await readPreviewFile(key, file);
      return value === undefined ? { reason: 'it is no preview of this series' } : { value };
    });
  }

  async putPreview(key: EmbeddingKey, image: PreviewImage): Promise<PutOutcome> {
    return await this.#folder.write(`${key}${PREVIEW_SUFFIX}`, previewFile(key, image));
  }

  /** What a file holds; undefined where there is none, or it holds nothing that can be used. */
  async #read<T>(name: string, read: Reading<T>): Promise<T | undefined> {
    const file = name.slice(0, NAME_DIGITS);
    let found;
    try {
      found = await this.#folder.read(name, async (opened) => {
        const held = await read(opened);
        // Unless it was written anew meanwhile.
        if ('reason' in held) await opened.discard();
        return held;
      });
    } catch (error) {
      // Too many open files, no memory, no permission, a disk that hangs: that passes, and says nothing about the file.
      this.#logger.warn(
        { file, problem: problemOf(error) },
        'a file of the embedding cache could not be read',
      );
      return undefined;
    }
    if (found === undefined) return undefined;
    if ('value' in found) return found.value;
    this.#logger.warn({ file, reason: found.reason }, 'a damaged file of the embedding cache was removed');
    return undefined;
  }

  async drop(key: EmbeddingKey, embedding: Embedding): Promise<void> {
    const name = nameOf(key);
    await this.#writing.get(name);
    const inMemory = this.#memory.get(key);
    if (inMemory !== undefined && inMemory !== embedding) return;
    await this.#remove(key);
  }

  async #remove(key: EmbeddingKey): Promise<void> {
    this.#memory.delete(key);
    await this.#folder.remove(nameOf(key));
    await this.#folder.remove(`${key}${PREVIEW_SUFFIX}`);
    await this.#dropFieldsOf(key);
  }

  async dropOf(series: DroppedSeries): Promise<number> {
    await Promise.allSettled(this.#writing.values());
    const keys = await keysOfSeries(series, this.#memory.entries(), this.#folder);
    for (const key of keys) await this.#remove(key);
    return keys.size;
  }

  async #dropFieldsOf(key: EmbeddingKey): Promise<void> {
    const isOfKey = (name: string): boolean => name.endsWith(FIELD_SUFFIX) && name.includes(key);
    const writing = [...this.#writing].filter(([name]) => isOfKey(name)).map(([, put]) => put);
    await Promise.all(writing);
    for (const name of this.#fields.keys()) if (isOfKey(name)) this.#fields.delete(name);
    const names = await this.#folder.names().catch(() => []);
    for (const name of names) if (isOfKey(name)) await this.#folder.remove(name);
  }

  async put(key: EmbeddingKey, embedding: Embedding): Promise<PutOutcome> {
    this.#hold(key, embedding);
    const name = nameOf(key);
    const store = async (): Promise<PutOutcome> =>
      this.#folder.write(name, await encodeEmbedding(key, embedding));
    return await this.#storing(name, store());
  }

  async putField(key: FieldKey, bytes: Uint8Array): Promise<PutOutcome> {
    const name = fieldName(key);
    this.#fields.set(name, bytes);
    return await this.#storing(name, this.#folder.write(name, fieldFile(name, bytes)));
  }

  async persist(key: EmbeddingKey): Promise<PutOutcome> {
    const held = this.#memory.get(key);
    return await this.#persisting(nameOf(key), held && (() => this.put(key, held)));
  }

  async persistField(key: FieldKey): Promise<PutOutcome> {
    const held = this.#fields.get(fieldName(key));
    return await this.#persisting(fieldName(key), held && (() => this.putField(key, held)));
  }

  async #persisting(name: string, again: (() => Promise<PutOutcome>) | undefined): Promise<PutOutcome> {
    const writing = this.#writing.get(name);
    if (writing !== undefined) return await writing;
    try {
      if (await this.#folder.has(name)) return { stored: true };
    } catch {
      // Writing says what is wrong.
    }
    if (again !== undefined) return await again();
    const fields = { bytes: 0, problem: NEVER_PUT };
    return { stored: false, warning: new SamepointError('embedding/cache-write-failed', fields) };
  }

  async #storing(name: string, writing: Promise<PutOutcome>): Promise<PutOutcome> {
    this.#writing.set(name, writing);
    try {
      return await writing;
    } finally {
      if (this.#writing.get(name) === writing) this.#writing.delete(name);
    }
  }

  shrinkTo(bytes: number): void {
    while (this.#memory.size > 0 && this.#memory.calculatedSize > bytes) this.#memory.pop();
  }

  async problem(): Promise<string | undefined> {
    try {
      await this.#folder.probe();
      return undefined;
    } catch (error) {
      return isSamepointError(error, 'store/unusable') ? error.fields.problem : problemOf(error);
    }
  }

  keyOf(embedding: Embedding): EmbeddingKey | undefined {
    return this.#keys.get(embedding);
  }

  #hold(key: EmbeddingKey, embedding: Embedding): void {
    this.#keys.set(embedding, key);
    this.#memory.set(key, embedding);
    this.shrinkTo(this.#memoryCapacity());
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#writing.values());
    await this.#folder.close();
  }
}

/** Reads a file: what it holds, or why that cannot be used. */
type Reading<T> = (file: StoredFile) => Promise<{ readonly value: T } | { readonly reason: string }>;

/** The store of the settings. */
function storeOf(
  store: StoreSettings,
  options: Omit<CacheFolderOptions, 'magics'> & { readonly logger: CacheLogger },
): Store {
  if (store.type === 's3') return new Bucket(store);
  const { files = nodeFiles, now = Date.now } = options;
  if (store.type === 'shared') return new SharedFolder({ ...options, files, now });
  return new CacheFolder({
    ...options,
    magics: { [EMBEDDING_SUFFIX]: MAGIC, [FIELD_SUFFIX]: FIELD_MAGIC, [PREVIEW_SUFFIX]: PREVIEW_MAGIC },
  });
}

function nameOf(key: EmbeddingKey): string {
  return `${key}${EMBEDDING_SUFFIX}`;
}

/** Bytes of the arrays of an embedding. */
function bytesInMemory({ maps, bodyMask, image }: Embedding): number {
  const arrays = maps.map(({ vectors, inverseNorms }) => vectors.byteLength + inverseNorms.byteLength);
  // lru-cache refuses a size of zero.
  return arrays.reduce((sum, bytes) => sum + bytes, bodyMask.byteLength + image.values.byteLength + 1);
}
