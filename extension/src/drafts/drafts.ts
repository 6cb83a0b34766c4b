import type { LesionStore } from '../lesions/lesionStore.ts';
import type { Lesion } from '../lesions/types.ts';
import { digestOf, seal, unseal } from './cipher.ts';
import type { DraftStorage } from './storage.ts';

const DAY_MS = 86_400_000;

/** Whose work it is. */
export interface DraftOwner {
  /** API root of the companion server. */
  readonly server: string;
  readonly studyInstanceUid: string;
  /** Identifies the patient; only its digest is stored. Undefined where the images name no patient. */
  readonly patientKey: string | undefined;
  /** Who has logged in to the viewer: decisions of one reader are never saved by another. Undefined where the viewer does not say. */
  readonly reader?: string | undefined;
}

/** What the drafts work with. */
export interface DraftsOptions {
  readonly storage: DraftStorage;
  readonly lesions: LesionStore;
  readonly crypto: Crypto;
  /** Days that work is kept. */
  readonly days: number;
  /** ms since 1970. */
  readonly now: () => number;
  /** Gives what is true for a lesion of the patient that is open: it is used for all lesions at once. */
  readonly ofPatient: () => (lesion: Lesion) => boolean;
  /** Called with when the restored work was kept. */
  readonly restored: (savedAt: Date) => void;
}

function hasUnsaved({ observations }: Lesion): boolean {
  return observations.some(({ isSaved }) => !isSaved);
}

function isLesions(value: unknown): value is readonly Lesion[] {
  return (
    Array.isArray(value) &&
    value.every((one) => {
      const { trackingUid, label, observations } = (one ?? {}) as Partial<Lesion>;
      return typeof trackingUid === 'string' && typeof label === 'string' && Array.isArray(observations);
    })
  );
}

function parsed(text: string | undefined): readonly Lesion[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return isLesions(value) ? value : [];
  } catch {
    return [];
  }
}

/** Name of the kept work: a digest of patient and reader, or the study where there is no patient or no digest. */
async function keyOf(owner: DraftOwner, crypto: Crypto): Promise<string> {
  const { server, studyInstanceUid, patientKey, reader } = owner;
  const by = reader === undefined ? [] : [reader];
  const digest =
    patientKey === undefined
      ? undefined
      : await digestOf(JSON.stringify([server, patientKey, ...by]), crypto);
  return digest ?? JSON.stringify([server, studyInstanceUid, ...by]);
}

/**
 * Keeps undecided and unsaved work in the browser, so that a reload or a crash loses nothing: per patient and server, until it is saved or
 * too old. No name, no patient number and no image is kept.
 */
export class Drafts {
  readonly #options: DraftsOptions;
  #key: string | undefined;
  /** Of the open patient, whatever else is known of his studies. */
  #own: ReadonlySet<string> = new Set();
  #written = '[]';
  #isWriting = false;

  constructor(options: DraftsOptions) {
    this.#options = options;
    options.lesions.subscribe(() => void this.#write());
  }

  /** Puts the kept work of a patient back, and keeps what is done from now on; never throws. */
  async open({ server, studyInstanceUid, patientKey, reader }: DraftOwner): Promise<void> {
    const { storage, crypto, days, now } = this.#options;
    this.close();
    try {
      const key = await keyOf({ server, studyInstanceUid, patientKey, reader }, crypto);
      await storage.removeBefore(now() - days * DAY_MS);
      const kept = await storage.read(key);
      const lesions = parsed(await unseal(kept?.content, await storage.cipherKey(), crypto));
      this.#key = key;
      this.#own = new Set(lesions.map(({ trackingUid }) => trackingUid));
      if (kept !== undefined && lesions.length > 0) this.#restore(lesions, kept.savedAt);
      await this.#write();
    } catch {
      // A browser that keeps nothing: the warning of the page is what remains.
    }
  }

  /** Ends the keeping, as long as no patient is open. What was kept stays. */
  close(): void {
    this.#key = undefined;
    this.#own = new Set();
    this.#written = '[]';
  }

  #restore(lesions: readonly Lesion[], savedAt: number): void {
    const before = this.#text();
    this.#options.lesions.restore(lesions);
    // Nothing was lost where the page still had all of it.
    if (this.#text() !== before) this.#options.restored(new Date(savedAt));
  }

  /** Writes what is unsaved now; changes during a write are written after it. */
  async #write(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    try {
      for (;;) {
        const key = this.#key;
        const text = this.#text();
        if (key === undefined || text === this.#written) return;
        await this.#put(key, text);
        this.#written = text;
      }
    } catch {
      // Tried again with the next change.
    } finally {
      this.#isWriting = false;
    }
  }

  async #put(key: string, text: string): Promise<void> {
    const { storage, crypto, now } = this.#options;
    if (text === '[]') {
      await storage.remove(key);
      return;
    }
    const content = await seal(text, await storage.cipherKey(), crypto);
    await storage.write(key, { savedAt: now(), content });
  }

  #text(): string {
    const { lesions, ofPatient } = this.#options;
    const isOfPatient = ofPatient();
    const isOwn = (lesion: Lesion): boolean => this.#own.has(lesion.trackingUid) || isOfPatient(lesion);
    return JSON.stringify(lesions.lesions.filter((lesion) => hasUnsaved(lesion) && isOwn(lesion)));
  }
}
