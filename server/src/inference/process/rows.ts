/**
 * Rows of an array without those that hold nothing: a row counts where its number in another array is not 0.
 * @module
 */

/** Goes over the rows that count, in their order, as if there were no others. */
class RowCursor {
  readonly #numbers: Float32Array;
  readonly #rowBytes: number;
  #row = 0;
  /** Bytes of the array from here to the end of a run of rows that count. */
  #at = 0;
  #end = 0;

  /** @param numbers one per row */
  constructor(rowBytes: number, numbers: Float32Array) {
    this.#rowBytes = rowBytes;
    this.#numbers = numbers;
  }

  /**
   * The next bytes, up to `count`, in pieces that stay together.
   * @param move copies a piece: where it begins in the array and among these bytes, and its length
   * @returns how many there were
   */
  protected forNext(count: number, move: (at: number, done: number, length: number) => void): number {
    let done = 0;
    while (done < count && this.#hasMore()) {
      const length = Math.min(this.#end - this.#at, count - done);
      move(this.#at, done, length);
      this.#at += length;
      done += length;
    }
    return done;
  }

  /** Goes on to the next run where this one is over; false at the end. */
  #hasMore(): boolean {
    if (this.#at < this.#end) return true;
    const numbers = this.#numbers;
    let row = this.#row;
    while (row < numbers.length && numbers[row] === 0) row += 1;
    this.#at = row * this.#rowBytes;
    while (row < numbers.length && numbers[row] !== 0) row += 1;
    this.#end = row * this.#rowBytes;
    this.#row = row;
    return this.#at < this.#end;
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
    return this.forNext(into.length, (at, done, length) => {
      into.set(this.#bytes.subarray(at, at + length), done);
    });
  }
}

/** Writes the rows that count; the others stay unchanged. */
export class RowScatterer extends RowCursor {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, rowBytes: number, numbers: Float32Array) {
    super(rowBytes, numbers);
    this.#bytes = bytes;
  }

  /** Writes the next bytes. */
  write(from: Uint8Array): void {
    this.forNext(from.length, (at, done, length) => {
      this.#bytes.set(from.subarray(done, done + length), at);
    });
  }
}
