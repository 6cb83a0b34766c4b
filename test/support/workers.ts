import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startRedis } from '../../server/src/redis/testing/redisServer.ts';
import type { RedisServer } from '../../server/src/redis/testing/redisServer.ts';
import type { Machine, MachineNetwork } from './namespaces.ts';
import { startBackground } from './background.ts';
import type { Background } from './background.ts';
import { freePort, startOrthanc } from './orthanc.ts';
import type { Orthanc } from './orthanc.ts';
import { CLI, NODE, ROOT, temporaryFolder } from './paths.ts';
import { limited, startSamepoint } from './samepointServer.ts';
import type { SamepointServer, ServerSettings, StartLimits } from './samepointServer.ts';

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

/** What a site is made of. */
interface SiteParts {
  readonly orthanc: Orthanc;
  readonly redis: RedisServer;
  readonly server: SamepointServer;
  readonly folder: string;
  readonly settings: ServerSettings;
  /** Where each worker has a machine of its own. */
  readonly network: MachineNetwork | undefined;
}

/** How a worker differs from the others. */
export interface WorkerOptions extends StartLimits {
  /** Of the inference. */
  readonly threads?: number;
  /** Series in work at a time, by urgency. */
  readonly interactiveSlots?: number;
  readonly backgroundSlots?: number;
}

/** Where the services are that servers and workers share. */
async function placesOf(
  orthanc: Orthanc,
  redis: RedisServer,
  network: MachineNetwork | undefined,
): Promise<{ readonly root: string; readonly redisUrl: string }> {
  const { root } = orthanc.dicomweb;
  if (network === undefined) return { root, redisUrl: redis.url };
  const pacs = new URL(root);
  pacs.port = String(await network.relay(Number(pacs.port)));
  pacs.hostname = network.address;
  return {
    root: pacs.href,
    redisUrl: `redis://${network.address}:${await network.relay(redis.port)}`,
  };
}

/** A hospital whose work is done by workers: a PACS, Redis with a log of its data, a shared folder, a server. */
export class WorkSite {
  readonly orthanc: Orthanc;
  readonly redis: RedisServer;
  readonly server: SamepointServer;
  readonly workers: WorkerProcess[] = [];
  readonly #folder: string;
  readonly #settings: ServerSettings;
  readonly #network: MachineNetwork | undefined;

  private constructor(parts: SiteParts) {
    ({ orthanc: this.orthanc, redis: this.redis, server: this.server } = parts);
    this.#folder = parts.folder;
    this.#settings = parts.settings;
    this.#network = parts.network;
  }

  /** @param network where each worker gets a machine of its own in it */
  static async open(over: ServerSettings = {}, network?: MachineNetwork): Promise<WorkSite> {
    const folder = temporaryFolder('workers');
    const store = join(folder, 'store');
    await mkdir(store);
    const [orthanc, redis] = await Promise.all([startOrthanc(), startRedis()]);
    const { root, redisUrl } = await placesOf(orthanc, redis, network);
    const settings = {
      dicomweb: { root },
      embedding: { cacheDirectory: store, queueLimit: 200, queueLimitPerCaller: 200, threads: 1 },
      jobs: { maxJobsPerCaller: 200 },
      store: { type: 'shared' },
      queue: { redis: redisUrl, key: 'a secret of thirty-two characters', lockMs: 3_000, ...over['queue'] },
      ...(over['models'] === undefined ? {} : { models: over['models'] }),
    };
    const server = await startSamepoint(settings);
    return new WorkSite({ orthanc, redis, server, folder, settings, network });
  }

  get store(): string {
    return join(this.#folder, 'store');
  }

  /** Another web process, with the same queue and store. */
  async startServer(): Promise<SamepointServer> {
    return await startSamepoint(this.#settings);
  }

  async startWorker({ threads = 1, largestFileKb, ...slots }: WorkerOptions = {}): Promise<WorkerProcess> {
    const port = await freePort();
    const machine = await this.#network?.machine(this.workers.length);
    const host = machine?.address ?? '127.0.0.1';
    const file = join(this.#folder, `worker-${this.workers.length}.json`);
    const own = { metrics: { port, host }, audit: { destination: 'none' }, log: { level: 'warn' } };
    const { embedding, queue } = this.#settings;
    const changed = { embedding: { ...embedding, threads }, queue: { ...queue, ...slots } };
    await writeFile(file, JSON.stringify({ ...this.#settings, ...own, ...changed }));
    const background = await startBackground({
      ...commandOf(machine, limited([NODE, CLI, 'worker', '--config', file], { largestFileKb })),
      cwd: ROOT,
      ready: /waits for work/,
    });
    const worker: WorkerProcess = {
      background,
      metrics: async () => await (await fetch(`http://${host}:${port}/metrics`)).text(),
      kill: () => background.process.kill('SIGKILL'),
    };
    this.workers.push(worker);
    return worker;
  }

  /** Ends all workers as an administrator does. */
  async stopWorkers(): Promise<void> {
    await Promise.all(this.workers.splice(0).map(({ background }) => background.stop()));
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
    await this.stopWorkers();
    await this.server.stop();
    await Promise.all([this.redis.close(), this.orthanc.stop()]);
    await this.#network?.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** A command for a machine; for this one where there is none. */
function commandOf(
  machine: Machine | undefined,
  [first = '', ...rest]: readonly string[],
): { readonly command: string; readonly args: readonly string[] } {
  const [command = first, ...args] = machine?.prefix ?? [];
  return { command, args: machine === undefined ? rest : [...args, first, ...rest] };
}
