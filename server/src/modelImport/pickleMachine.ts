import { SamepointError } from '../errors/index.ts';
import { MAX_NAME } from './limits.ts';
import { shown } from './shown.ts';
import { GlobalName, isAllowedGlobal, Opaque } from './values.ts';
import type { PickleValue } from './values.ts';

/** Bytes of the longest integer kept exactly; longer ones are of no use to a shape. */
const MAX_INTEGER_BYTES = 16;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** State of a reader: a cursor over the bytes, the stack with its marks, the memo. */
export class PickleMachine {
  readonly #file: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position: number;
  #stack: PickleValue[] = [];
  #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();

  constructor(bytes: Uint8Array, start: number, file: string) {
    this.#file = file;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#position = start;
  }

  /** Where the next byte is read. */
  get position(): number {
    return this.#position;
  }

  fail(reason: string): never {
    throw new SamepointError('models/damaged-checkpoint', {
      file: this.#file,
      reason: `its pickle ${reason} (byte ${this.#position})`,
    });
  }

  /** The next `count` bytes, as a view. */
  read(count: number): DataView {
    const start = this.#position;
    if (count > this.#bytes.length - start) this.fail('ends early');
    this.#position += count;
    return new DataView(this.#view.buffer, this.#view.byteOffset + start, count);
  }

  text(count: number): string {
    const { buffer, byteOffset } = this.read(count);
    try {
      return decoder.decode(new Uint8Array(buffer, byteOffset, count));
    } catch {
      return this.fail('holds text that is not UTF-8');
    }
  }

  /** Text up to a line feed, which is passed over. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#position);
    const length = end - this.#position;
    if (end < 0 || length > MAX_NAME) this.fail('has a name without an end');
    const line = this.text(length);
    this.#position += 1;
    return line;
  }

  /** Little-endian two's complement of any length. */
  integer(count: number): PickleValue {
    const bytes = this.read(count);
    if (count > MAX_INTEGER_BYTES) return new Opaque();
    let value = 0n;
    for (let i = count - 1; i >= 0; i -= 1) value = (value << 8n) | BigInt(bytes.getUint8(i));
    return Number(BigInt.asIntN(8 * count, value));
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  pop(): PickleValue {
    const value = this.#stack.length > (this.#marks.at(-1) ?? 0) ? this.#stack.pop() : undefined;
    return value === undefined ? this.fail('pops a value that is not there') : value;
  }

  top(): PickleValue {
    const value = this.pop();
    this.push(value);
    return value;
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** All values above the last mark. */
  popMarked(): PickleValue[] {
    const mark = this.#marks.pop() ?? this.fail('closes a group that was not opened');
    return this.#stack.splice(mark);
  }

  memoize(index = this.#memo.size): void {
    this.#memo.set(index, this.top());
  }

  recall(index: number): PickleValue {
    const value = this.#memo.get(index);
    return value === undefined ? this.fail('refers to a value that is not there') : value;
  }

  /** @throws SamepointError models/unsafe-pickle for a name that is not allowed. */
  global(module: string, name: string): GlobalName {
    // From the stack they may be of any length, again and again.
    if (module.length > MAX_NAME || name.length > MAX_NAME) this.fail('has a name without an end');
    const full = `${module}.${name}`;
    if (isAllowedGlobal(full)) return new GlobalName(full);
    throw new SamepointError('models/unsafe-pickle', { file: this.#file, global: shown(full) });
  }
}
