const PAGE_BYTES = 65_536;
/** v128 loads like aligned addresses. */
const ALIGNMENT = 16;

/** Places in a memory that is made when all of them are known: the memory of one module in one thread. */
export class MemoryLayout {
  readonly #slackBytes: number;
  #taken = 0;

  /** @param slackBytes what the module may read or write beyond the end of an array */
  constructor(slackBytes: number) {
    this.#slackBytes = slackBytes;
  }

  /** The address of an array of so many bytes. */
  take(bytes: number): number {
    const at = this.#taken;
    this.#taken += Math.ceil((bytes + this.#slackBytes) / ALIGNMENT) * ALIGNMENT;
    return at;
  }

  /** Memory for everything that was taken; zeros. */
  memory(): WebAssembly.Memory {
    return new WebAssembly.Memory({ initial: Math.ceil(this.#taken / PAGE_BYTES) });
  }
}
