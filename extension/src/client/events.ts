/**
 * Server-sent events over fetch. The browser's EventSource cannot send an Authorization header, so the stream is read
 * by hand (HTML Living Standard, 9.2.6 "Interpreting an event stream").
 * @module
 */
export interface ServerEvent {
  readonly type: string;
  readonly data: string;
}

/** Splits decoded text into lines ended by CR, LF or CRLF; a line may arrive in pieces. */
class LineReader {
  #rest = '';

  *push(text: string): Generator<string> {
    this.#rest += text;
    for (;;) {
      const end = this.#rest.search(/\r\n|\n|\r/);
      // A CR at the very end may be the first half of a CRLF: wait for what follows.
      if (end === -1 || (this.#rest[end] === '\r' && end === this.#rest.length - 1)) return;
      const width = this.#rest.startsWith('\r\n', end) ? 2 : 1;
      yield this.#rest.slice(0, end);
      this.#rest = this.#rest.slice(end + width);
    }
  }
}

/** The events of a response body, in order; ends when the stream ends. An event cut off by the end is dropped. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const lines = new LineReader();
  let type = 'message';
  let data: string[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      for (const line of lines.push(decoder.decode(value, { stream: true }))) {
        if (line === '') {
          if (data.length > 0) yield { type, data: data.join('\n') };
          type = 'message';
          data = [];
        } else {
          const [, field, content = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
          if (field === 'event') type = content;
          if (field === 'data') data.push(content);
        }
      }
    }
  } finally {
    // The consumer may stop early (a final event, a cancel): the connection must be closed then.
    void reader.cancel().catch(() => undefined);
  }
}
