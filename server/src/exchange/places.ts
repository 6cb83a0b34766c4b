/** How many may hold something at a time. */
export interface PlaceLimits {
  readonly total: number;
  /** For each key of a holder: its address, its credentials. */
  readonly perKey: number;
}

/** Counts who holds one of a limited number of places, in all and by key. */
export class Places {
  readonly #limits: PlaceLimits;
  readonly #used = new Map<string, number>();
  #open = 0;

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  /** Places in use. */
  get open(): number {
    return this.#open;
  }

  /**
   * Acquires a place under each of the keys.
   * @returns What gives it back, as often as it is called; undefined when there is none for one of the keys, or none at all.
   */
  acquire(keys: readonly string[]): (() => void) | undefined {
    const { total, perKey } = this.#limits;
    if (this.#open >= total || keys.some((key) => (this.#used.get(key) ?? 0) >= perKey)) return undefined;
    this.#add(keys, 1);
    let isHeld = true;
    return () => {
      if (isHeld) this.#add(keys, -1);
      isHeld = false;
    };
  }

  #add(keys: readonly string[], change: 1 | -1): void {
    this.#open += change;
    for (const key of keys) {
      const count = (this.#used.get(key) ?? 0) + change;
      if (count === 0) this.#used.delete(key);
      else this.#used.set(key, count);
    }
  }
}
