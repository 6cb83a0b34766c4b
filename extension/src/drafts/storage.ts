/**
 * Where work in progress is kept: a small key-value store of the browser.
 * @module
 */

/** What is kept under a key: bytes or a text that only the writer understands, and when it was written. */
export interface StoredDraft {
  /** ms since 1970. */
  readonly savedAt: number;
  readonly content: unknown;
}

/** A store that may fail at any time: a browser may refuse it, or be full. */
export interface DraftStorage {
  read(key: string): Promise<StoredDraft | undefined>;
  write(key: string, draft: StoredDraft): Promise<void>;
  remove(key: string): Promise<void>;
  /** Removes what was written before a time, ms since 1970. */
  removeBefore(time: number): Promise<void>;
  /** The key that drafts are encrypted with; made once. Undefined where the browser cannot keep one. */
  cipherKey(): Promise<CryptoKey | undefined>;
}

const DATABASE = 'samepoint';
const VERSION = 1;
const DRAFTS = 'drafts';
const KEYS = 'keys';
const KEY_NAME = 'drafts';

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error('IndexedDB'));
    };
  });
}

/** Resolves when what was written cannot be lost any more. */
function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => {
      resolve();
    };
    transaction.onabort = () => {
      reject(transaction.error ?? new Error('IndexedDB'));
    };
  });
}

function open(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open(DATABASE, VERSION);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(DRAFTS);
    request.result.createObjectStore(KEYS);
  };
  return resultOf(request);
}

/** The store of this browser; undefined where it has none. */
export function browserStorage(): DraftStorage | undefined {
  const { indexedDB, crypto } = globalThis as {
    readonly indexedDB?: IDBFactory;
    readonly crypto?: { readonly subtle?: SubtleCrypto };
  };
  return indexedDB === undefined ? undefined : indexedDbStorage(indexedDB, crypto?.subtle);
}

/** The browser's IndexedDB as a store of drafts. @param subtle undefined on pages that are not served securely */
function indexedDbStorage(factory: IDBFactory, subtle: SubtleCrypto | undefined): DraftStorage {
  let opened: Promise<IDBDatabase> | undefined;
  const database = (): Promise<IDBDatabase> => (opened ??= open(factory));
  const change = async (work: (store: IDBObjectStore) => void): Promise<void> => {
    const transaction = (await database()).transaction(DRAFTS, 'readwrite');
    work(transaction.objectStore(DRAFTS));
    await completed(transaction);
  };
  return {
    read: async (key) => {
      const store = (await database()).transaction(DRAFTS).objectStore(DRAFTS);
      return resultOf<StoredDraft | undefined>(store.get(key) as IDBRequest<StoredDraft | undefined>);
    },
    write: (key, draft) => change((store) => store.put(draft, key)),
    remove: (key) => change((store) => store.delete(key)),
    removeBefore: (time) =>
      change((store) => {
        const request = store.openCursor();
        request.onsuccess = () => {
          const cursor = request.result;
          if (cursor === null) return;
          if ((cursor.value as StoredDraft).savedAt < time) cursor.delete();
          cursor.continue();
        };
      }),
    cipherKey: async () => {
      if (subtle === undefined) return undefined;
      const store = (await database()).transaction(KEYS).objectStore(KEYS);
      const known = await resultOf<CryptoKey | undefined>(
        store.get(KEY_NAME) as IDBRequest<CryptoKey | undefined>,
      );
      if (known !== undefined) return known;
      // Not extractable: a copy of the database cannot be read on another machine.
      const made = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
      const transaction = (await database()).transaction(KEYS, 'readwrite');
      transaction.objectStore(KEYS).put(made, KEY_NAME);
      await completed(transaction);
      return made;
    },
  };
}
