/**
 * Reads a JSON list of objects while it arrives, one object at a time: parsing 60 MB at once would stop the server for a
 * second, and its text and all that is not needed would be in memory together with the result.
 * @module
 */

/**
 * Bytes of one object: the metadata of an Enhanced instance of 1,000 frames. Parsing so much needs 0.1 s, in which no request is
 * answered.
 */
const MAX_OBJECT_BYTES = 4 * 1024 ** 2;

/** Objects of one list: the instances of the longest series, five times. All of them are looked at in one turn. */
const MAX_OBJECTS = 50_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const WHITE_SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Why a body is no list. The message does not quote it: it may hold patient data. */
export class JsonFault extends Error {
  override readonly name = 'JsonFault';
  /** Bytes that had arrived. */
  readonly bytes: number;

  constructor(message: string, bytes: number) {
    super(message);
    this.bytes = bytes;
  }
}

/** Cuts a list into its objects; everything about its grammar that JSON.parse does not see is checked here. */
class ListReader {
  readonly objects: unknown[] = [];
  #state: 'before' | 'first' | 'next' | 'behind' | 'object' | 'after' = 'before';
  #depth = 0;
  #isInText = false;
  #isEscaped = false;
  /** Parts of the object that began in an earlier chunk. */
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #bytes = 0;

  read(chunk: Uint8Array): void {
    let start = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (this.#state === 'object') {
        if (!this.#endsObject(byte)) continue;
        this.#keep(chunk.subarray(start, at + 1));
        this.#finish();
      } else if (!WHITE_SPACE.has(byte)) {
        this.#between(byte);
        start = at;
      }
    }
    this.#bytes += chunk.length;
    if (this.#state === 'object') this.#keep(chunk.subarray(start));
  }

  /** @throws JsonFault where the list has not ended; nothing at all counts as an empty list */
  end(): readonly unknown[] {
    // Some PACS answer an empty search with 200 and no body instead of 204.
    if (this.#state === 'after' || this.#state === 'before') return this.objects;
    return this.#fail('not a whole JSON list');
  }

  /** A byte outside of the objects. */
  #between(byte: number): void {
    if (this.#state === 'before' && byte === OPEN_LIST) this.#state = 'first';
    else if (byte === CLOSE_LIST && (this.#state === 'first' || this.#state === 'behind'))
      this.#state = 'after';
    else if (byte === COMMA && this.#state === 'behind') this.#state = 'next';
    else if (byte === OPEN_OBJECT && (this.#state === 'first' || this.#state === 'next')) {
      this.#state = 'object';
      this.#depth = 1;
    } else this.#fail('not a JSON list of objects');
  }

  /** A byte of an object. Multi-byte characters of UTF-8 hold no byte below 0x80. */
  #endsObject(byte: number): boolean {
    if (this.#isInText) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) this.#isInText = false;
      return false;
    }
    if (byte === QUOTE) this.#isInText = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) this.#depth -= 1;
    return this.#depth === 0;
  }

  #keep(part: Uint8Array): void {
    this.#partBytes += part.length;
    if (this.#partBytes > MAX_OBJECT_BYTES)
      this.#fail(`a JSON object of more than ${MAX_OBJECT_BYTES / 1024 ** 2} MiB`);
    this.#parts.push(part);
  }

  #finish(): void {
    const text = Buffer.concat(this.#parts).toString('utf8');
    this.#parts = [];
    this.#partBytes = 0;
    this.#state = 'behind';
    if (this.objects.length >= MAX_OBJECTS) this.#fail(`a JSON list of more than ${MAX_OBJECTS} objects`);
    try {
      this.objects.push(JSON.parse(text));
    } catch {
      // The parser's message quotes the text.
      this.#fail('not JSON');
    }
  }

  #fail(message: string): never {
    throw new JsonFault(message, this.#bytes);
  }
}

/**
 * The objects of a JSON list.
 * @throws JsonFault where the body is something else; whatever the body throws
 */
export async function readJsonList(body: AsyncIterable<Uint8Array>): Promise<readonly unknown[]> {
  const reader = new ListReader();
  for await (const chunk of body) reader.read(chunk);
  return reader.end();
}
