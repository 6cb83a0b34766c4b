import { Queue } from 'bullmq';
import { command, connect } from '../redis/index.ts';
import { queueNameOf } from './orders.ts';
import type { QueueSettings } from './types.ts';

/** A Redis as it is found. */
export interface QueueReport {
  readonly version: string;
  /** What it does when its memory is full; anything but `noeviction` removes work. */
  readonly memoryPolicy: string;
  /** Whether work survives its end. */
  readonly isPersistent: boolean;
  /** Undefined where the rights do not allow the question. */
  readonly workers: number | undefined;
}

function valueIn(info: string, name: string): string {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
}

/** Looks at Redis, and changes nothing. @throws SamepointError `queue/unreachable`, `queue/refused` */
export async function inspectQueue(settings: QueueSettings): Promise<QueueReport> {
  const lost = Promise.withResolvers<string>();
  const client = connect(settings, 'commands', lost.resolve);
  const ready = new Promise<void>((resolve) => client.once('ready', resolve));
  try {
    await Promise.race([ready, lost.promise]);
    const info = await command(client, () => client.info());
    const queue = new Queue(queueNameOf('interactive'), {
      ...{ connection: client, prefix: settings.prefix, skipMetasUpdate: true },
    });
    queue.on('error', () => undefined);
    const workers = await queue.getWorkersCount().catch(() => undefined);
    await queue.close();
    return {
      version: valueIn(info, 'redis_version'),
      memoryPolicy: valueIn(info, 'maxmemory_policy'),
      isPersistent: valueIn(info, 'aof_enabled') === '1',
      workers,
    };
  } finally {
    client.disconnect();
  }
}
