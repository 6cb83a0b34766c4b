import { Agent, request as send } from 'node:http';
import { text } from 'node:stream/consumers';
import { SamepointApi } from '../support/api.ts';
import type { Answer } from '../support/api.ts';

/**
 * The API over a new connection for each request. One that is kept open may be closed by the server in the moment in which the client uses
 * it again; on a busy machine that happens, and says nothing about the server.
 */
export class FreshApi extends SamepointApi {
  readonly #agent = new Agent({ keepAlive: false });

  override async request(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<Answer> {
    const json = body === undefined ? undefined : JSON.stringify(body);
    const options = {
      method,
      agent: this.#agent,
      headers: { ...(json === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(signal && { signal }),
    };
    return await new Promise((resolve, reject) => {
      const request = send(`${this.root}${path}`, options, (response) => {
        text(response).then((content) => {
          const parsed: unknown = content === '' ? undefined : JSON.parse(content);
          resolve({ status: response.statusCode ?? 0, body: parsed });
        }, reject);
      });
      request.once('error', reject);
      request.end(json);
    });
  }
}
