/** What has not changed for this long is finished, ms. */
const SETTLED_MS = 300;

/** Runs the last of several calls about the same thing, when no other has come for a while, each thing for itself. */
export class Settling {
  readonly #isBusy: () => boolean;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  /** @param isBusy true while nothing may run: it is tried again later */
  constructor(isBusy: () => boolean) {
    this.#isBusy = isBusy;
  }

  /** Runs a call about a thing, unless another one about it follows. */
  settle(thing: string, run: () => void): void {
    clearTimeout(this.#timers.get(thing));
    const timer = setTimeout(() => {
      this.#timers.delete(thing);
      if (this.#isBusy()) this.settle(thing, run);
      else run();
    }, SETTLED_MS);
    this.#timers.set(thing, timer);
  }

  /** Drops all that waits. */
  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
