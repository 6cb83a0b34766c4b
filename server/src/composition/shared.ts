/**
 * What several servers and workers share: the queue in Redis and the store of the embeddings.
 * @module
 */
import { readFileSync } from 'node:fs';
import type { Board } from '../board/index.ts';
import type { Config } from '../config/index.ts';
import type { StoreSettings } from '../embeddingCache/index.ts';
import { problemOf, SamepointError } from '../errors/index.ts';
import { shareOwners } from '../access/index.ts';
import { openRedisBoard } from '../jobs/index.ts';
import type { JobBoard } from '../jobs/index.ts';
import type { QueueSettings, RemoteQueue, WorkLogger } from '../work/index.ts';
import type { SharedProbe } from './readiness.ts';

/** Where embeddings are kept, as the configuration says. */
export function storeOf({ store }: Config): StoreSettings {
  const { type, bucket = '', keyPrefix, region, endpoint, forcePathStyle } = store;
  if (type !== 's3') return { type };
  const { accessKeyId, secretAccessKey } = store;
  const credentials =
    accessKeyId === undefined || secretAccessKey === undefined ? undefined : { accessKeyId, secretAccessKey };
  return { type, bucket, keyPrefix, region, endpoint, forcePathStyle, credentials };
}

/** The queue of the configuration; undefined where all is done in one process. @throws SamepointError `config/invalid` */
export function queueSettings({ queue }: Config): QueueSettings | undefined {
  const { redis, key, caFile, username, password, prefix, lockMs, patienceMs } = queue;
  if (redis === undefined || key === undefined) return undefined;
  const common = { redis, key, username, password, prefix, lockMs, patienceMs };
  if (caFile === undefined) return common;
  try {
    return { ...common, ca: readFileSync(caFile, 'utf8') };
  } catch (cause) {
    throw new SamepointError(
      'config/invalid',
      { problems: [`queue.caFile: ${problemOf(cause)}`] },
      { cause },
    );
  }
}

/** Opens what shows the jobs of a server to the others. */
export async function openJobBoard(
  settings: QueueSettings,
  { jobs }: Config,
  logger: WorkLogger,
): Promise<JobBoard> {
  shareOwners(settings.key);
  return await openRedisBoard({ ...settings, retentionMs: jobs.retentionMs }, logger);
}

/** Opens the pages of the queue, where the configuration wants them. Bull Board is loaded only then. */
export async function openQueuePages(
  settings: QueueSettings,
  config: Config,
  logger: WorkLogger,
): Promise<Board | undefined> {
  if (!config.queue.board) return undefined;
  const { openBoard } = await import('../board/index.ts');
  return await openBoard(settings, `${config.http.basePath}/board`, logger);
}

/** Looks whether Redis answers. */
export function queueProbe(isReachable: () => Promise<boolean>): SharedProbe {
  const reason = {
    code: 'health/queue-unreachable',
    message: 'Redis, the queue of the workers, does not answer',
  };
  return { isNeeded: true, probe: async () => ((await isReachable()) ? undefined : reason) };
}

/** Looks whether the store can be used. */
export function storeProbe(storeProblem: () => Promise<string | undefined>): SharedProbe {
  return {
    isNeeded: true,
    async probe() {
      const problem = await storeProblem();
      const message = `the store of the embeddings cannot be used: ${problem ?? ''}`;
      return problem === undefined ? undefined : { code: 'health/store-unusable', message };
    },
  };
}

/** Looks whether a worker runs: without one, only what is embedded already can be read. */
function workerProbe(queue: RemoteQueue): SharedProbe {
  const reason = { code: 'health/no-worker', message: 'no worker is connected to the queue' };
  return {
    isNeeded: false,
    async probe() {
      // A queue that does not answer is another reason; one whose rights do not allow the question is none.
      const workers = await queue.workers().catch(() => undefined);
      return workers === 0 ? reason : undefined;
    },
  };
}

/** What readiness looks at where work is shared; nothing where all is done in one process. */
export function sharedProbes(
  queue: RemoteQueue | undefined,
  storeProblem: () => Promise<string | undefined>,
): readonly SharedProbe[] {
  if (queue === undefined) return [];
  return [queueProbe(() => queue.isReachable()), storeProbe(storeProblem), workerProbe(queue)];
}
