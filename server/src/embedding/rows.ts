/**
 * Rows of an array, those left out that hold nothing: a row counts where its number in another array is not 0.
 * @module
 */

/** Reads or writes the rows that count, in their order, as if there were no others. */
class RowCursor {
  readonly #numbers: Float32Array;
  readonly #rowBytes: number;
  #row = 0;
  /** Bytes of the array from here to the end of a run of rows that count. */
  protected at = 0;
  protected end = 0;

  /** @param numbers one per row */
  constructor(rowBytes: number, numbers: Float32Array) {
    this.#rowBytes = rowBytes;
    this.#numbers = numbers;
  }

  /** Goes on to the next run where this one is over; false at the end. */
  protected hasMore(): boolean {
    if (this.at < this.end) return true;
    const numbers = this.#numbers;
    let row = this.#row;
    while (row < numbers.length && numbers[row] === 0) row += 1;
    this.at = row * this.#rowBytes;
    while (row < numbers.length && numbers[row] !== 0) row += 1;
    this.end = row * this.#rowBytes;
    this.#row = row;
    return this.at < this.end;
  }
}

/** Reads the rows that count. */
export class RowGatherer extends RowCursor {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, rowBytes: number, numbers: Float32Array) {
    super(rowBytes, numbers);
    this.#bytes = bytes;
  }

  /** Fills `into` with the next bytes; gives how many there were. */
  read(into: Uint8Array): number {
    let filled = 0;
    while (filled < into.length && this.hasMore()) {
      const count = Math.min(this.end - this.at, into.length - filled);
      into.set(this.#bytes.subarray(this.at, this.at + count), filled);
      this.at += count;
      filled += count;
    }
    return filled;
  }
}

/** Writes the rows that count; the others stay as they are. */
export class RowScatterer extends RowCursor {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, rowBytes: number, numbers: Float32Array) {
    super(rowBytes, numbers);
    this.#bytes = bytes;
  }

  /** Takes the next bytes. */
  write(from: Uint8Array): void {
    for (let taken = 0; taken < from.length && this.hasMore();) {
      const count = Math.min(this.end - this.at, from.length - taken);
      this.#bytes.set(from.subarray(taken, taken + count), this.at);
      this.at += count;
      taken += count;
    }
  }
}
