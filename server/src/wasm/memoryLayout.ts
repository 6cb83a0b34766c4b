const PAGE_BYTES = 65_536;
/** v128 loads like aligned addresses. */
const ALIGNMENT = 16;

/** Bytes up to the next address where an array may begin. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Pages that hold so many bytes. */
export function pagesOf(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES);
}

/** Places in a memory that is made when all of them are known: the memory of one module in one thread. */
export class MemoryLayout {
  readonly #slackBytes: number;
  #used = 0;

  /** @param slackBytes what the module may read or write beyond the end of an array */
  constructor(slackBytes: number) {
    this.#slackBytes = slackBytes;
  }

  /** The address of an array of so many bytes. */
  reserve(bytes: number): number {
    const at = this.#used;
    this.#used += aligned(bytes + this.#slackBytes);
    return at;
  }

  /** Memory for everything that was reserved; zeros. */
  memory(): WebAssembly.Memory {
    return new WebAssembly.Memory({ initial: pagesOf(this.#used) });
  }
}
