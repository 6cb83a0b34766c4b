import type { DraftStorage, StoredDraft } from '../drafts/storage.ts';

/** A store of drafts in memory, which can fail as a browser's does. */
export class MemoryStorage implements DraftStorage {
  readonly drafts = new Map<string, StoredDraft>();
  writes = 0;
  isBroken = false;
  key: CryptoKey | undefined;

  read(key: string): Promise<StoredDraft | undefined> {
    return this.#answer(this.drafts.get(key));
  }

  write(key: string, draft: StoredDraft): Promise<void> {
    if (this.isBroken) return this.#answer(undefined);
    this.writes += 1;
    // As IndexedDB does: what is written later is another object.
    this.drafts.set(key, structuredClone(draft));
    return Promise.resolve();
  }

  remove(key: string): Promise<void> {
    this.drafts.delete(key);
    return this.#answer(undefined);
  }

  removeBefore(time: number): Promise<void> {
    for (const [key, { savedAt }] of this.drafts) if (savedAt < time) this.drafts.delete(key);
    return this.#answer(undefined);
  }

  cipherKey(): Promise<CryptoKey | undefined> {
    return this.#answer(this.key);
  }

  #answer<T>(value: T): Promise<T> {
    return this.isBroken ? Promise.reject(new Error('QuotaExceededError')) : Promise.resolve(value);
  }
}
