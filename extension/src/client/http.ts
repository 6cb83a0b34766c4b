import type { ErrorBody } from '../wire.ts';
import {
  cancelled,
  serverFailure,
  unauthorized,
  UNREACHABLE,
  unexpectedAnswer,
  unreachable,
} from './failure.ts';
import type { ViewerFailure } from './failure.ts';

export interface HttpOptions {
  /** API root, e.g. https://viewer.hospital/samepoint/api */
  readonly baseUrl: string;
  readonly fetch: typeof globalThis.fetch;
  /** Called before each request: a token may have been renewed. */
  readonly authorization: () => Readonly<Record<string, unknown>> | null | undefined;
  /** Name of the data source that the viewer shows: the server knows which PACS that is, where it has several. */
  readonly dataSource?: () => string | undefined;
  /** Called with each answer of the server itself, whatever it says: it can be reached. */
  readonly onAnswer?: () => void;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path segments below the root; each is encoded. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly accept?: string;
  /** Beside those that every request has. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** By which the server knows which data source the viewer shows. */
const DATA_SOURCE_HEADER = 'samepoint-data-source';
/** What a header may hold (RFC 9110 5.5), and the server accepts. */
const SAFE_NAME = /^[\x21-\x7e]{1,128}$/u;

function isErrorBody(value: unknown): value is { error: ErrorBody } {
  const error = (value as { error?: Partial<ErrorBody> } | null)?.error;
  return (
    typeof error?.code === 'string' && typeof error.message === 'string' && typeof error.remedy === 'string'
  );
}

/** Requests to the companion server: authorization, JSON and failures in words. */
export class Http {
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  /** Stands for the login that a request would have now: equal for equal ones. */
  get login(): string {
    return JSON.stringify(this.#options.authorization() ?? {});
  }

  /** Sends a request; resolves with a successful response, throws a `ViewerFailure` for everything else. */
  async send(request: HttpRequest): Promise<Response> {
    let response: Response;
    try {
      response = await this.#options.fetch(this.#url(request), {
        method: request.method,
        headers: this.#headers(request),
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      });
    } catch (error) {
      throw request.signal?.aborted === true ? cancelled() : unreachable(error);
    }
    const failure = response.ok ? undefined : await failureOf(response);
    if (failure?.code !== UNREACHABLE) this.#options.onAnswer?.();
    if (failure !== undefined) throw failure;
    return response;
  }

  /** The JSON body of a response; a proxy's HTML page is named as such. */
  async json(response: Response, signal?: AbortSignal): Promise<unknown> {
    try {
      return await response.json();
    } catch (error) {
      if (signal?.aborted === true) throw cancelled();
      throw unexpectedAnswer(
        `${response.headers.get('content-type') ?? 'no content type'} instead of JSON`,
        error,
      );
    }
  }

  #url({ path, query = {} }: HttpRequest): string {
    const url = new URL(this.#options.baseUrl);
    const base = url.pathname.split('/').filter((segment) => segment !== '');
    url.pathname = [...base, ...path.map(encodeURIComponent)].join('/');
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url.href;
  }

  #headers({ accept = 'application/json', body, headers: own }: HttpRequest): Headers {
    const headers = new Headers({ ...own, accept });
    if (body !== undefined) headers.set('content-type', 'application/json');
    const dataSource = this.#options.dataSource?.();
    if (dataSource !== undefined && SAFE_NAME.test(dataSource)) headers.set(DATA_SOURCE_HEADER, dataSource);
    for (const [name, value] of Object.entries(this.#options.authorization() ?? {})) {
      if (typeof value === 'string' && value !== '') headers.set(name, value);
    }
    return headers;
  }
}

async function failureOf(response: Response): Promise<ViewerFailure> {
  const body: unknown = await response.json().catch(() => undefined);
  if (isErrorBody(body)) return serverFailure(body.error);
  if (response.status === 401 || response.status === 403) return unauthorized();
  if (response.status >= 502 && response.status <= 504) return unreachable(`status ${response.status}`);
  return unexpectedAnswer(`status ${response.status}`);
}
