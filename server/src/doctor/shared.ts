/**
 * What servers and workers share: Redis and the store.
 * @module
 */
import { queueSettings, storeOf } from '../composition/index.ts';
import type { Config } from '../config/index.ts';
import { createEmbeddingCache } from '../embeddingCache/index.ts';
import { isSamepointError } from '../errors/index.ts';
import { inspectQueue } from '../work/index.ts';
import type { QueueReport } from '../work/index.ts';
import { failed, ok, warning } from './check.ts';
import type { Check } from './check.ts';

const QUEUE = 'queue';
const STORE = 'store';

function checksOfReport({ version, memoryPolicy, isPersistent, workers }: QueueReport): readonly Check[] {
  const count = workers === undefined ? '' : `; ${workers} connected workers`;
  return [
    ok(QUEUE, `Redis ${version} answers${count}`),
    ...(memoryPolicy === 'noeviction'
      ? []
      : [
          warning(
            QUEUE,
            `maxmemory-policy is ${memoryPolicy}: a Redis whose memory is full removes work`,
            'Set maxmemory-policy noeviction in Redis.',
          ),
        ]),
    ...(isPersistent
      ? []
      : [
          warning(
            QUEUE,
            'appendonly is off: work that waits is given again by the servers when Redis has ended, but is late',
            'Set appendonly yes in Redis.',
          ),
        ]),
    ...(workers === 0
      ? [
          warning(
            QUEUE,
            'no worker is connected: nothing is embedded',
            'Start "samepoint worker" with the same configuration.',
          ),
        ]
      : []),
  ];
}

async function queueChecks(config: Config): Promise<readonly Check[]> {
  try {
    const settings = queueSettings(config);
    return settings === undefined ? [] : checksOfReport(await inspectQueue(settings));
  } catch (error) {
    if (!isSamepointError(error)) throw error;
    return [failed(QUEUE, error.message, error.remedy)];
  }
}

/** The folder is looked at with the other files. */
async function bucketChecks(config: Config): Promise<readonly Check[]> {
  const store = storeOf(config);
  if (store.type !== 's3') return [];
  const { cacheDirectory: directory, cacheMaxBytes: maxBytes } = config.embedding;
  try {
    await (await createEmbeddingCache({ directory, maxBytes, store })).close();
    return [ok(STORE, `the bucket ${store.bucket} answers`)];
  } catch (error) {
    if (!isSamepointError(error)) throw error;
    return [failed(STORE, error.message, error.remedy)];
  }
}

/** Whether servers and workers can work together. Nothing where all is done in one process. */
export async function sharedChecks(config: Config): Promise<readonly Check[]> {
  return [...(await queueChecks(config)), ...(await bucketChecks(config))];
}
