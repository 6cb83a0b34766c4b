/** What a job does at the moment. */
export type Stage = 'fetch' | 'embed' | 'match';

/** How far a request is. `fraction` covers the whole request, 0 to 1, and never falls. */
export interface Progress {
  readonly stage: Stage;
  readonly fraction: number;
  /** In words for the reader; no patient data, no UIDs. */
  readonly message: string;
}

/** How a piece of work is followed and cancelled. */
export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** True where an embedding is of use only once it lies in the store, after a restart too. */
  readonly isStored?: boolean | undefined;
}

/** How much is to be done: numbers of series. */
export interface Load {
  readonly waiting: number;
  /** Being fetched and embedded. */
  readonly running: number;
}
