/** Who wants to know of changes. */
export class Listeners {
  readonly #listeners = new Set<() => void>();

  /** Calls the listener after each change; the result ends that. */
  add(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  call(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
