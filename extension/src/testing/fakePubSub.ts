import type { PubSub } from '../ohif.d.ts';

/** A service with events that a test can fire. */
export class FakePubSub implements PubSub {
  readonly EVENTS: Readonly<Record<string, string>>;
  readonly #listeners = new Map<string, Set<(payload: unknown) => void>>();

  constructor(...eventNames: readonly string[]) {
    this.EVENTS = Object.fromEntries(eventNames.map((name) => [name, `event::${name}`]));
  }

  subscribe(event: string, listener: (payload: unknown) => void): { unsubscribe: () => void } {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return { unsubscribe: () => listeners.delete(listener) };
  }

  fire(eventName: string, payload: unknown = {}): void {
    for (const listener of [...(this.#listeners.get(`event::${eventName}`) ?? [])]) listener(payload);
  }

  get listenerCount(): number {
    return [...this.#listeners.values()].reduce((sum, listeners) => sum + listeners.size, 0);
  }
}
