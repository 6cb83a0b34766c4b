import { createServer, request as send } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';

/** A load balancer that knows nothing of readers. */
export interface RoundRobin {
  /** e.g. http://127.0.0.1:40123 */
  readonly url: string;
  /** Requests that each server has answered, in the order of the servers. */
  readonly answered: readonly number[];
  close(): Promise<void>;
}

/** Sends each request to the next server; one that does not accept it is passed over. */
export async function startRoundRobin(servers: readonly string[]): Promise<RoundRobin> {
  const answered = servers.map(() => 0);
  let turn = 0;
  const pass = (req: IncomingMessage, body: Buffer, res: ServerResponse, first: number, tried = 0): void => {
    const index = (first + tried) % servers.length;
    const { method, headers } = req;
    const onward = send(`${servers[index]}${req.url ?? ''}`, { method, headers, agent: false }, (answer) => {
      answered[index]! += 1;
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
      answer.once('error', () => res.destroy());
    });
    onward.once('error', () => {
      if (res.headersSent || tried + 1 === servers.length) res.destroy();
      else pass(req, body, res, first, tried + 1);
    });
    res.once('close', () => onward.destroy());
    onward.end(body);
  };
  const server = createServer((req, res) => {
    const parts: Buffer[] = [];
    req.on('data', (part: Buffer) => parts.push(part));
    req.once('end', () => {
      pass(req, Buffer.concat(parts), res, turn++);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    answered,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
