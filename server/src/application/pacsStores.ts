import type { DicomwebSource } from '../dicomweb/index.ts';
import { RegistrationStore } from './registrations/store.ts';
import { TimePointStore } from '../studyDocuments/index.ts';

/** What both kinds of stores are made of, for any PACS. */
type StoreParts = ConstructorParameters<typeof TimePointStore>[0] &
  ConstructorParameters<typeof RegistrationStore>[0];

/** What stores objects in one PACS. */
interface Stores {
  readonly timePoints: TimePointStore;
  readonly registrations: RegistrationStore;
}

/** The stores of each PACS, made when they are first needed. */
export class PacsStores {
  readonly #parts: StoreParts;
  readonly #clientOf: (source: string | undefined) => DicomwebSource;
  /** By the name of the PACS. */
  readonly #stores = new Map<string | undefined, Stores>();

  constructor(parts: StoreParts, clientOf: (source: string | undefined) => DicomwebSource) {
    this.#parts = parts;
    this.#clientOf = clientOf;
  }

  /** @param source name of the PACS; the only one where absent */
  of(source: string | undefined): Stores {
    const known = this.#stores.get(source);
    if (known !== undefined) return known;
    const parts = { ...this.#parts, source: this.#clientOf(source) };
    const stores = { timePoints: new TimePointStore(parts), registrations: new RegistrationStore(parts) };
    this.#stores.set(source, stores);
    return stores;
  }
}
