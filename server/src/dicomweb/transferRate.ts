/**
 * The rate at which an answer comes. A silence is one thing (the stall timeout ends it); a PACS that sends a byte now and then is
 * never silent, and would hold its caller's place for days.
 *
 * The PACS may be silent for the whole stall timeout, so the rate is measured over stretches of waiting of that length. Only the
 * time that somebody waits for the PACS counts: a slow consumer is no fault of the PACS.
 * @module
 */

/** Measures one answer. */
export class TransferRate {
  readonly #minBytesPerSecond: number;
  readonly #windowMs: number;
  #bytes = 0;
  #waitedMs = 0;

  /** @param windowMs Waiting after which a stretch is judged and the next one begins. */
  constructor(minBytesPerSecond: number, windowMs: number) {
    this.#minBytesPerSecond = minBytesPerSecond;
    this.#windowMs = windowMs;
  }

  /**
   * Adds what has come, and how long somebody waited for it.
   * @returns bytes per second of a stretch that was too slow; undefined otherwise
   */
  add(bytes: number, waitedMs: number): number | undefined {
    this.#bytes += bytes;
    this.#waitedMs += waitedMs;
    if (this.#waitedMs < this.#windowMs) return undefined;
    const bytesPerSecond = (1000 * this.#bytes) / this.#waitedMs;
    this.#bytes = 0;
    this.#waitedMs = 0;
    return bytesPerSecond < this.#minBytesPerSecond ? bytesPerSecond : undefined;
  }
}
