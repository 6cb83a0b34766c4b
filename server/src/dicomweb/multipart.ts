/**
 * Streaming reader of multipart/related (RFC 2387, RFC 2046 5.1; DICOM PS3.18 8.6.1.2). One part is in memory at a time.
 * @module
 */

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
/** RFC 2046 5.1.1 allows 70; senders that go beyond are read all the same. */
const MAX_BOUNDARY_CHARACTERS = 256;
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
 * Boundary of a `multipart/related` content type, or undefined when it is another type. Quoted and unquoted forms
 * (RFC 2045 5.1), parameters in any order.
 */
export function boundaryOf(contentType: string): string | undefined {
  if (!/^\s*multipart\/related\s*(;|$)/i.test(contentType)) return undefined;
  const parameter = /;\s*boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/i.exec(contentType);
  const boundary = parameter?.[1]?.replace(/\\(.)/g, '$1') ?? parameter?.[2];
  return boundary === undefined || boundary === '' || boundary.length > MAX_BOUNDARY_CHARACTERS
    ? undefined
    : boundary;
}

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

  append(chunk: Uint8Array): void {
    if (this.#end + chunk.byteLength > this.#buffer.byteLength)
      this.#ensureCapacity(this.length + chunk.byteLength);
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.byteLength;
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
  readonly #marker: Buffer;
  readonly #window = new Window();
  #parts = 0;

  constructor(chunks: AsyncIterator<Uint8Array>, boundary: string) {
    this.#chunks = chunks;
    this.#marker = Buffer.from(`\r\n--${boundary}`, 'latin1');
  }

  async *parts(): AsyncGenerator<Part, void, undefined> {
    // The line break before the first delimiter is missing when there is no preamble.
    this.#window.append(Uint8Array.of(CR, LF));
    let delimiter = await this.#nextDelimiter(0, MAX_PREAMBLE_BYTES);
    while (!delimiter.closing) {
      this.#window.drop(delimiter.end);
      const { contentType, end } = await this.#readHeaders();
      this.#window.drop(end);
      delimiter = await this.#nextDelimiter(0, Infinity);
      const body = this.#window.detach(delimiter.start, delimiter.end);
      delimiter = { ...delimiter, end: 0 };
      this.#parts += 1;
      yield { contentType, body };
    }
  }

  /** Next real delimiter line at or after `from`; the marker followed by other text is content. */
  async #nextDelimiter(from: number, limit: number): Promise<Delimiter> {
    let searched = from;
    for (;;) {
      const start = this.#window.bytes.indexOf(this.#marker, searched);
      if (start >= 0) {
        const delimiter = this.#isContent(start) ? undefined : await this.#delimiterAt(start);
        if (delimiter) return delimiter;
        searched = start + 1;
        continue;
      }
      if (this.#window.length > limit)
        throw new MultipartError('malformed', this.#parts, 'the announced boundary does not occur');
      searched = Math.max(searched, this.#window.length - this.#marker.byteLength + 1);
      await this.#more();
    }
  }

  /** True where the next two bytes are there and end no marker: a flood of such texts is passed without waiting for each. */
  #isContent(start: number): boolean {
    const at = start + this.#marker.byteLength;
    if (at + 2 > this.#window.length) return false;
    const [first, second] = this.#window.bytes.subarray(at, at + 2);
    if (first === DASH) return second !== DASH;
    return first !== SPACE && first !== TAB && !(first === CR && second === LF);
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
    const lineBreak = (await this.#byteAt(at)) === CR && (await this.#byteAt(at + 1)) === LF;
    return lineBreak ? { start, end: at + 2, closing: false } : undefined;
  }

  async #byteAt(index: number): Promise<number> {
    while (index >= this.#window.length) await this.#more();
    return this.#window.bytes.readUInt8(index);
  }

  async #readHeaders(): Promise<{ contentType: string; end: number }> {
    // A part without headers begins with the empty line at once; what stands here then is just CRLF.
    if ((await this.#byteAt(0)) === CR && (await this.#byteAt(1)) === LF) return { contentType: '', end: 2 };
    for (;;) {
      const end = this.#window.bytes.indexOf('\r\n\r\n', 0, 'latin1');
      if (end >= 0) {
        const headers = this.#window.bytes.toString('latin1', 0, end);
        return { contentType: contentTypeOf(headers), end: end + 4 };
      }
      if (this.#window.length > MAX_PART_HEADER_BYTES)
        throw new MultipartError('malformed', this.#parts, 'a part has no end of its headers');
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const next: IteratorResult<Uint8Array, unknown> = await this.#chunks.next();
    if (next.done === true)
      throw new MultipartError('truncated', this.#parts, 'the stream ended before the closing boundary');
    this.#window.append(next.value);
  }
}

/**
 * Parts of a multipart body, one at a time, as soon as each is complete. The source is read on demand and closed when
 * the consumer stops early. What follows the closing boundary (the epilogue) is not read.
 * @throws MultipartError `truncated` when the stream ends before the closing boundary, `malformed` otherwise.
 */
export async function* readMultipart(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<Part, void, undefined> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    yield* new MultipartReader(chunks, boundary).parts();
  } finally {
    await chunks.return?.();
  }
}
