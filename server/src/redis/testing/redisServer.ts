/** A real Redis for tests, on a port of its own, with its data in a folder of its own. @module */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Of Debian; Valkey has the same arguments. */
const PROGRAMS = ['/usr/bin/redis-server', '/usr/bin/valkey-server'];

export const redisProgram = PROGRAMS.find((path) => existsSync(path));

/** A Redis that can be stopped and started again. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Ends it at once, as a machine that loses its power. */
  kill(): Promise<void>;
  /** Starts it again with what it has written. */
  start(): Promise<void>;
  /** Starts it again with nothing. */
  startEmpty(): Promise<void>;
  /** Everything that it has written, as text. */
  dump(): Promise<string>;
  close(): Promise<void>;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function launch(port: number, folder: string, args: readonly string[]): Promise<ChildProcess> {
  if (redisProgram === undefined) throw new Error('redis-server is not installed');
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const log = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction'];
  const child = spawn(redisProgram, [...own, ...log, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (!line.includes('Ready to accept connections')) continue;
    child.stdout.resume();
    return child;
  }
  throw new Error(`Redis does not start:\n${lines.join('\n')}`);
}

/** Starts a Redis. */
export async function startRedis(args: readonly string[] = []): Promise<RedisServer> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'samepoint-redis-'));
  let child: ChildProcess | undefined = await launch(port, folder, args);
  const kill = async (): Promise<void> => {
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    child = undefined;
  };
  const start = async (): Promise<void> => {
    child = await launch(port, folder, args);
  };
  return {
    ...{ url: `redis://127.0.0.1:${port}`, port, kill, start },
    async startEmpty() {
      await rm(join(folder, 'appendonlydir'), { recursive: true, force: true });
      await start();
    },
    async dump() {
      const log = join(folder, 'appendonlydir');
      const texts = (await readdir(log)).map((name) => readFile(join(log, name), 'latin1'));
      return (await Promise.all(texts)).join('');
    },
    async close() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
