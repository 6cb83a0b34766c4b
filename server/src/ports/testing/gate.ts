/** Stand-ins for tests of the application and of what calls it; nothing of the product imports them. @module */
/** A point that a test can wait at: work stops here until the test opens it. */
export class Gate {
  #open: () => void = () => undefined;
  readonly opened: Promise<void>;

  constructor() {
    this.opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
  }

  /** Waits, or rejects with the signal's reason. */
  async pass(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const aborted = new Promise<never>((_resolve, reject) => {
      signal?.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });
    await Promise.race([this.opened, aborted]);
  }
}
