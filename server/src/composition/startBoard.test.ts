/** A server with a queue shows it to administrators, and to no other caller. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { jest } from '@jest/globals';
import { pino } from 'pino';
import { newKey, sign } from '../auth/testing/provider.ts';
import { portOf } from '../concurrency/testing/portOf.ts';
import { loadConfig } from '../config/index.ts';
import { redisProgram, startRedis } from '../redis/testing/redisServer.ts';
import { startServer } from './startServer.ts';

jest.setTimeout(60_000);

(redisProgram === undefined ? test.skip : test)('the board of a server that has a queue', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'samepoint-board-'));
  const redis = await startRedis();
  const key = await newKey('key-1');
  const provider = createServer((_req, res) => {
    res.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys: [key.jwk] }));
  }).listen(0, '127.0.0.1');
  await once(provider, 'listening');
  const issuer = `http://127.0.0.1:${portOf(provider)}`;
  const config = await loadConfig({
    overrides: {
      http: { port: 0, shutdownTimeoutMs: 1_000 },
      archive: { directory: join(folder, 'archive') },
      embedding: { cacheDirectory: join(folder, 'embeddings') },
      audit: { file: join(folder, 'audit.log') },
      queue: { redis: redis.url, key: 'a secret of thirty-two characters or more', board: true },
      store: { type: 'shared' },
      auth: { oidc: { issuer, jwksUri: `${issuer}/keys`, audience: ['samepoint'] } },
    },
  });
  const server = await startServer(config, { logger: pino({ level: 'silent' }, new Writable()) });
  const nowS = Math.floor(Date.now() / 1000);
  const statusAs = async (roles: readonly string[], path: string): Promise<number> => {
    const claims = { iss: issuer, aud: 'samepoint', sub: 'carol', iat: nowS, exp: nowS + 300, roles };
    const headers = { authorization: `Bearer ${await sign(key, claims)}` };
    const answer = await fetch(`${server.url}/samepoint/board${path}`, { headers });
    await answer.body?.cancel();
    return answer.status;
  };
  try {
    expect((await fetch(`${server.url}/samepoint/board/`)).status).toBe(401);
    for (const path of ['/', '/api/queues'])
      expect([await statusAs(['samepoint-admin'], path), await statusAs(['samepoint-saver'], path)]).toEqual([
        200, 403,
      ]);
  } finally {
    await server.close();
    await redis.close();
    provider.close();
    await rm(folder, { recursive: true });
  }
});
