/**
 * Streaming reader of multipart/related (RFC 2387, RFC 2046 5.1; DICOM PS3.18 8.6.1.2). One part is in memory at a time. Tolerant of how
 * lines end and how the boundary is announced, never of an answer that is not whole.
 * @module
 */
import { giveBack } from '../concurrency/index.ts';

/** One body part. */
export interface Part {
  /** Media type with its parameters; empty where the part has none. */
  readonly contentType: string;
  /** Is the only view of its ArrayBuffer and fills it from byte 0: it may be transferred to a worker. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Why a multipart stream could not be read to its end. */
export type MultipartFault = 'truncated' | 'malformed';

/** Raised by {@link readMultipart}; its callers translate it into an error of the catalogue. */
export class MultipartError extends Error {
  override readonly name = 'MultipartError';
  readonly fault: MultipartFault;
  /** Complete parts before the fault. */
  readonly parts: number;

  constructor(fault: MultipartFault, parts: number, message: string) {
    super(message);
    this.fault = fault;
    this.parts = parts;
  }
}

/** Headers of a part are a few lines; more is not multipart. */
const MAX_PART_HEADER_BYTES = 16 * 1024;
/** RFC 2046 5.1: whatever stands before the first boundary is ignored, but not without end. */
const MAX_PREAMBLE_BYTES = 64 * 1024;
/** RFC 2046 5.1.1: white space between a boundary and its line break; some is allowed, megabytes are content. */
const MAX_PADDING_BYTES = 1024;
/** Longest line that counts as a delimiter although no boundary was announced. */
const MAX_LINE_CHARACTERS = 258;
/** First guess for the size of a part: a CT slice of 512 x 512 x 16 bit and its header. */
const FIRST_CAPACITY = 576 * 1024;
/** Capacity behind the expected end of a part: a network chunk (64 KiB in Node) that runs into the next part. */
const OVERSHOOT = 96 * 1024;
/** Parts below this size are copied out, and the buffer stays: a new one for each of a million would need minutes. */
const SMALL_PART_BYTES = 64 * 1024;
/** A part is copied into a buffer of its own size when more than this share of its buffer would be wasted. */
const MAX_WASTE = 1 / 4;

const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;
const SPACE = 0x20;
const TAB = 0x09;

/**
 * Bytes read but not yet consumed, in one growing buffer: a boundary across two chunks needs no special case. What is
 * consumed is moved out only when the capacity is needed, so that a thousand small parts cost as much as their bytes.
 */
class Window {
  #buffer = Buffer.allocUnsafeSlow(FIRST_CAPACITY);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Copies a chunk; it is empty afterwards where it is all of its memory. */
  append(chunk: Uint8Array): void {
    if (this.#end + chunk.byteLength > this.#buffer.byteLength)
      this.#ensureCapacity(this.length + chunk.byteLength);
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.byteLength;
    // The memory of the network's chunks, two gigabytes of a long pair, does not wait for a collection.
    if (chunk.byteLength === chunk.buffer.byteLength) giveBack(chunk);
  }

  #ensureCapacity(needed: number): void {
    const { bytes } = this;
    if (needed <= this.#buffer.byteLength) this.#buffer.copyWithin(0, this.#start, this.#end);
    else {
      this.#buffer = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.byteLength));
      this.#buffer.set(bytes);
    }
    this.#start = 0;
    this.#end = bytes.byteLength;
  }

  /** Drops the first bytes. */
  drop(count: number): void {
    this.#start += count;
  }

  /** Hands out the first `size` bytes in a buffer of their own, and goes on at `next`. */
  detach(size: number, next: number): Uint8Array<ArrayBuffer> {
    if (size < SMALL_PART_BYTES) {
      const part = new Uint8Array(this.bytes.subarray(0, size));
      this.drop(next);
      return part;
    }
    if (this.#start > 0) this.#buffer.copyWithin(0, this.#start, this.#end);
    const filled = this.#buffer;
    const rest = filled.subarray(next, this.length);
    // Parts of one series are alike: what held this one will hold the next.
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(size + OVERSHOOT, rest.byteLength));
    this.#buffer.set(rest);
    this.#start = 0;
    this.#end = rest.byteLength;
    return size >= filled.byteLength * (1 - MAX_WASTE)
      ? new Uint8Array(filled.buffer, 0, size)
      : new Uint8Array(filled.subarray(0, size));
  }
}

/** The content type among the header lines of a part (RFC 2045 5.1); empty where there is none. */
function contentTypeOf(headers: string): string {
  for (const line of headers.split('\n')) {
    const colon = line.indexOf(':');
    if (line.slice(0, colon).trim().toLowerCase() === 'content-type') return line.slice(colon + 1).trim();
  }
  return '';
}

/** Where a delimiter line was found. */
interface Delimiter {
  /** Index of its first byte: the line break before the dashes, which belongs to the delimiter (RFC 2046 5.1.1). */
  readonly start: number;
  readonly end: number;
  readonly closing: boolean;
}

/** Reads one stream; see {@link readMultipart}. */
class MultipartReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #boundary: string | undefined;
  readonly #window = new Window();
  /** Dashes and boundary, as the first delimiter line has them. */
  #dashed = '';
  /** The same behind a line break of the kind that ended that line. */
  #marker = Buffer.alloc(0);
  #parts = 0;

  constructor(chunks: AsyncIterator<Uint8Array>, boundary: string | undefined) {
    this.#chunks = chunks;
    this.#boundary = boundary;
  }

  async *parts(): AsyncGenerator<Part, void, undefined> {
    let delimiter = await this.#firstDelimiter();
    while (!delimiter.closing) {
      this.#window.drop(delimiter.end);
      const { contentType, end } = await this.#readHeaders();
      this.#window.drop(end);
      delimiter = await this.#nextDelimiter();
      const body = this.#window.detach(delimiter.start, delimiter.end);
      delimiter = { ...delimiter, end: 0 };
      this.#parts += 1;
      yield { contentType, body };
    }
  }

  /** The first line that is a delimiter decides how the others look. */
  async #firstDelimiter(): Promise<Delimiter> {
    for (let start = 0; ;) {
      const lineBreak = this.#window.bytes.indexOf(LF, start);
      const line = this.#window.bytes.toString('latin1', start, lineBreak < 0 ? undefined : lineBreak);
      const opening = openingOf(line, this.#boundary);
      if (opening?.closing === true) return { start, end: start + line.length, closing: true };
      if (lineBreak >= 0 && opening !== undefined) {
        this.#dashed = opening.dashed;
        this.#marker = Buffer.from(`${line.endsWith('\r') ? '\r\n' : '\n'}${opening.dashed}`, 'latin1');
        return { start, end: lineBreak + 1, closing: false };
      }
      if (lineBreak >= 0) start = lineBreak + 1;
      else if (this.#window.length > MAX_PREAMBLE_BYTES)
        throw new MultipartError('malformed', this.#parts, 'the announced boundary does not occur');
      else await this.#more();
    }
  }

  /** The next real delimiter line; the marker followed by other text is content. */
  async #nextDelimiter(): Promise<Delimiter> {
    let searched = 0;
    for (;;) {
      const start = this.#window.bytes.indexOf(this.#marker, searched);
      if (start >= 0) {
        const delimiter = this.#isContent(start) ? undefined : await this.#delimiterAt(start);
        if (delimiter) return delimiter;
        searched = start + 1;
        continue;
      }
      searched = Math.max(searched, this.#window.length - this.#marker.byteLength + 1);
      if (await this.#tryMore()) continue;
      return this.#closeAtEnd() ?? this.#cut();
    }
  }

  /** A closing boundary without a line of its own, where the stream ends with it. */
  #closeAtEnd(): Delimiter | undefined {
    const { bytes } = this.#window;
    const close = `${this.#dashed}--`;
    const from = Math.max(0, bytes.length - close.length - 2);
    const at = bytes
      .toString('latin1', from)
      .replace(/\r?\n$/, '')
      .lastIndexOf(close);
    const isEnd = at >= 0 && /^[\r\n]*$/.test(bytes.toString('latin1', from + at + close.length));
    return isEnd ? { start: from + at, end: bytes.length, closing: true } : undefined;
  }

  /** True where the next two bytes are there and end no marker: a flood of such texts is passed without waiting for each. */
  #isContent(start: number): boolean {
    const at = start + this.#marker.byteLength;
    if (at + 2 > this.#window.length) return false;
    const [first, second] = this.#window.bytes.subarray(at, at + 2);
    if (first === DASH) return second !== DASH;
    return first !== SPACE && first !== TAB && first !== LF && !(first === CR && second === LF);
  }

  /** The delimiter line whose marker stands at `start`: transport padding, then a line break or two dashes. */
  async #delimiterAt(start: number): Promise<Delimiter | undefined> {
    let at = start + this.#marker.byteLength;
    if ((await this.#byteAt(at)) === DASH && (await this.#byteAt(at + 1)) === DASH)
      return { start, end: at + 2, closing: true };
    const latest = at + MAX_PADDING_BYTES;
    for (let byte = await this.#byteAt(at); byte === SPACE || byte === TAB; byte = await this.#byteAt(at)) {
      if (at >= latest) return undefined;
      at += 1;
    }
    if ((await this.#byteAt(at)) === LF) return { start, end: at + 1, closing: false };
    const lineBreak = (await this.#byteAt(at)) === CR && (await this.#byteAt(at + 1)) === LF;
    return lineBreak ? { start, end: at + 2, closing: false } : undefined;
  }

  async #byteAt(index: number): Promise<number> {
    while (index >= this.#window.length) await this.#more();
    return this.#window.bytes.readUInt8(index);
  }

  async #readHeaders(): Promise<{ contentType: string; end: number }> {
    // A part without headers begins with the empty line at once.
    if ((await this.#byteAt(0)) === LF) return { contentType: '', end: 1 };
    if ((await this.#byteAt(0)) === CR && (await this.#byteAt(1)) === LF) return { contentType: '', end: 2 };
    for (;;) {
      const { bytes } = this.#window;
      const head = bytes.toString('latin1', 0, Math.min(bytes.length, MAX_PART_HEADER_BYTES + 4));
      const empty = /\n\r?\n/.exec(head);
      if (empty !== null) {
        const contentType = contentTypeOf(head.slice(0, empty.index));
        return { contentType, end: empty.index + empty[0].length };
      }
      if (this.#window.length > MAX_PART_HEADER_BYTES)
        throw new MultipartError('malformed', this.#parts, 'a part has no end of its headers');
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    if (!(await this.#tryMore())) this.#cut();
  }

  /** False where the stream has ended. */
  async #tryMore(): Promise<boolean> {
    const next: IteratorResult<Uint8Array, unknown> = await this.#chunks.next();
    if (next.done === true) return false;
    this.#window.append(next.value);
    return true;
  }

  #cut(): never {
    throw new MultipartError('truncated', this.#parts, 'the stream ended before the closing boundary');
  }
}

/** The dashes and boundary of a line, where it is a delimiter. Without an announced boundary the first line that begins with dashes is one. */
function openingOf(
  line: string,
  boundary: string | undefined,
): { readonly dashed: string; readonly closing: boolean } | undefined {
  if (!line.startsWith('--')) return undefined;
  const text = line.replace(/[ \t\r]{0,1024}$/, '');
  if (boundary === undefined)
    return text.length > 2 && text.length <= MAX_LINE_CHARACTERS
      ? { dashed: text, closing: false }
      : undefined;
  for (const dashed of dashedForms(boundary)) {
    if (text === dashed) return { dashed, closing: false };
    if (text === `${dashed}--`) return { dashed, closing: true };
  }
  return undefined;
}

/** How a boundary may stand in the body: some senders announce it with its dashes, or in single quotes that are not part of it. */
function dashedForms(boundary: string): readonly string[] {
  const isQuoted = boundary.length > 2 && boundary.startsWith("'") && boundary.endsWith("'");
  return [
    `--${boundary}`,
    ...(boundary.startsWith('--') ? [boundary] : []),
    ...(isQuoted ? [`--${boundary.slice(1, -1)}`] : []),
  ];
}

/**
 * Parts of a multipart body, one at a time, as soon as each is complete. The source is read on demand and closed when
 * the consumer stops early. What follows the closing boundary (the epilogue) is not read.
 * @param body chunks; one that is all of its memory is handed over, and empty afterwards
 * @param boundary undefined where the sender does not announce it
 * @throws MultipartError `truncated` when the stream ends before the closing boundary, `malformed` otherwise.
 */
export async function* readMultipart(
  body: AsyncIterable<Uint8Array>,
  boundary: string | undefined,
): AsyncGenerator<Part, void, undefined> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    yield* new MultipartReader(chunks, boundary).parts();
  } finally {
    await chunks.return?.();
  }
}
