/**
 * The part of XMLHttpRequest that dicomweb-client 0.11 uses, over `send`. Node has no XMLHttpRequest; the packages that
 * imitate one lose aborts or kill the process on a bad body, and know neither byte caps nor stall timeouts. An instance
 * is passed with each request, so that nothing global is set.
 * @module
 */
import { SamepointError } from '../errors/index.ts';
import type { Operation, PacsResponse } from './http.ts';
import { readAll, requireStatus, safeContentType, send } from './http.ts';
import { JsonFault, readJsonList } from './jsonList.ts';
import type { Transport } from './options.ts';
import type { RequestOptions } from './types.ts';

/** XMLHttpRequest.DONE */
const DONE = 4;

/** What one exchange is; `accepted` are the statuses whose body the caller wants to see. */
export interface Exchange {
  readonly operation: Operation;
  readonly accepted: readonly number[];
  readonly options: RequestOptions;
  /** Accept header; that of dicomweb-client where it is absent. */
  readonly accept?: string;
}

/** One request. After `onreadystatechange` with state 4, either `failure` or `status` and `response` are set. */
export class FetchXhr {
  /** dicomweb-client requests `json`; the body is then parsed, and a body that is not JSON is a failure. */
  responseType = '';
  readyState = 0;
  status = 0;
  response: unknown = undefined;
  /** The error behind status 0; dicomweb-client itself knows only "request failed". */
  failure: { readonly error: unknown } | undefined = undefined;
  onreadystatechange: (() => void) | null = null;
  onloadstart: (() => void) | null = null;
  onloadend: (() => void) | null = null;

  readonly #transport: Transport;
  readonly #exchange: Exchange;
  // Private, so that whoever logs this object or an error that refers to it does not log a token.
  readonly #headers: Record<string, string> = {};
  #method = 'GET';
  #url = '';
  #contentType = '';

  constructor(transport: Transport, exchange: Exchange) {
    this.#transport = transport;
    this.#exchange = exchange;
  }

  open(method: string, url: string): void {
    this.#method = method.toUpperCase();
    this.#url = url;
  }

  setRequestHeader(name: string, value: string): void {
    this.#headers[name.toLowerCase()] = value;
  }

  getResponseHeader(name: string): string | null {
    return name.toLowerCase() === 'content-type' ? this.#contentType : null;
  }

  getAllResponseHeaders(): string {
    return `content-type: ${this.#contentType}\r\n`;
  }

  send(body?: ArrayBuffer | Uint8Array<ArrayBuffer>): void {
    void this.#exchangeOnce(body === undefined ? undefined : new Uint8Array(body))
      .catch((error: unknown) => {
        this.failure = { error };
        this.status = 0;
      })
      .then(() => {
        this.readyState = DONE;
        this.onreadystatechange?.();
      });
  }

  async #exchangeOnce(body: Uint8Array<ArrayBuffer> | undefined): Promise<void> {
    const { operation, accepted, options, accept } = this.#exchange;
    const response = await send(this.#transport, {
      ...options,
      operation,
      url: this.#url,
      method: this.#method,
      headers: {
        accept: 'application/dicom+json',
        ...this.#headers,
        ...(accept === undefined ? {} : { accept }),
      },
      ...(body ? { body } : {}),
    });
    await requireStatus(response, operation, accepted);
    this.#contentType = response.contentType;
    this.response =
      this.responseType === 'json'
        ? await this.#readJson(response)
        : new TextDecoder().decode(await readAll(response.body));
    this.status = response.status;
  }

  async #readJson({ body }: PacsResponse): Promise<unknown> {
    try {
      return await readJsonList(body);
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
      throw new SamepointError('dicomweb/bad-answer', {
        operation: this.#exchange.operation.name,
        reason: `${safeContentType(this.#contentType)} of ${error.bytes} bytes or more that is ${error.message}`,
      });
    }
  }
}
