import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startRedis } from '../../server/src/work/testing/redisServer.ts';
import type { RedisServer } from '../../server/src/work/testing/redisServer.ts';
import { startBackground } from './background.ts';
import type { Background } from './background.ts';
import { freePort, startOrthanc } from './orthanc.ts';
import type { Orthanc } from './orthanc.ts';
import { CLI, NODE, ROOT, temporaryFolder } from './paths.ts';
import { startSamepoint } from './samepointServer.ts';
import type { SamepointServer, ServerSettings } from './samepointServer.ts';

/** A worker in a process of its own, started as an administrator starts it: `samepoint worker --config`. */
export interface WorkerProcess {
  readonly background: Background;
  /** The metrics, in the text format of Prometheus. */
  metrics(): Promise<string>;
  /** Ends it at once, as the kernel does where memory is short. */
  kill(): void;
}

/** Sum of the values of a metric with these labels, in the text format of Prometheus. */
export function sumOf(text: string, name: string, labels = ''): number {
  const lines = text.split('\n').filter((line) => line.startsWith(name) && line.includes(labels));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** A hospital whose work is done by workers: a PACS, Redis with a log of its data, a shared folder, a server. */
export class WorkSite {
  readonly orthanc: Orthanc;
  readonly redis: RedisServer;
  readonly server: SamepointServer;
  readonly workers: WorkerProcess[] = [];
  readonly #folder: string;
  readonly #settings: ServerSettings;

  private constructor(parts: {
    readonly orthanc: Orthanc;
    readonly redis: RedisServer;
    readonly server: SamepointServer;
    readonly folder: string;
    readonly settings: ServerSettings;
  }) {
    ({ orthanc: this.orthanc, redis: this.redis, server: this.server } = parts);
    this.#folder = parts.folder;
    this.#settings = parts.settings;
  }

  static async open(over: ServerSettings = {}): Promise<WorkSite> {
    const folder = temporaryFolder('workers');
    const store = join(folder, 'store');
    await mkdir(store);
    const [orthanc, redis] = await Promise.all([startOrthanc(), startRedis()]);
    const settings = {
      dicomweb: { root: orthanc.dicomweb.root },
      embedding: { cacheDirectory: store, queueLimit: 200, queueLimitPerCaller: 200, threads: 1 },
      jobs: { maxJobsPerCaller: 200 },
      store: { type: 'shared' },
      queue: { redis: redis.url, key: 'a secret of thirty-two characters', lockMs: 3_000, ...over['queue'] },
      ...(over['models'] === undefined ? {} : { models: over['models'] }),
    };
    const server = await startSamepoint(settings);
    return new WorkSite({ orthanc, redis, server, folder, settings });
  }

  get store(): string {
    return join(this.#folder, 'store');
  }

  async startWorker(): Promise<WorkerProcess> {
    const port = await freePort();
    const number = this.workers.length;
    const file = join(this.#folder, `worker-${number}.json`);
    const own = { metrics: { port }, audit: { destination: 'none' }, log: { level: 'warn' } };
    await writeFile(file, JSON.stringify({ ...this.#settings, ...own }));
    const background = await startBackground({
      command: NODE,
      args: [CLI, 'worker', '--config', file],
      cwd: ROOT,
      ready: /waits for work/,
    });
    const worker: WorkerProcess = {
      background,
      metrics: async () => await (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
      kill: () => background.process.kill('SIGKILL'),
    };
    this.workers.push(worker);
    return worker;
  }

  /** The embeddings in the store: each name with the number of its file, which another write would change. */
  async embeddings(): Promise<ReadonlyMap<string, number>> {
    const names = (await readdir(this.store)).filter((name) => name.endsWith('.embedding'));
    const inodes = names.map(async (name) => [name, (await stat(join(this.store, name))).ino] as const);
    return new Map(await Promise.all(inodes));
  }

  /** The store is gone, as with a network that fails. */
  async loseStore(): Promise<void> {
    await rename(this.store, `${this.store}-gone`);
  }

  async findStore(): Promise<void> {
    await rename(`${this.store}-gone`, this.store);
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map(({ background }) => background.stop()));
    await this.server.stop();
    await Promise.all([this.redis.close(), this.orthanc.stop()]);
  }
}
