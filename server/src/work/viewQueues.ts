import { Queue } from 'bullmq';
import { closeAll, connect } from '../redis/index.ts';
import { queueNameOf } from './orders.ts';
import { URGENCIES } from './types.ts';
import type { QueueSettings, WorkLogger } from './types.ts';

/** The queues for whoever looks at them, and what is to be closed afterwards. */
export interface ViewedQueues {
  readonly queues: readonly Queue[];
  readonly close: () => Promise<void>;
}

/** Opens the queues of every urgency over one connection, and writes nothing. */
export function viewQueues(settings: QueueSettings, logger: WorkLogger): ViewedQueues {
  const client = connect(settings, 'commands', (problem) => {
    logger.warn({ problem }, 'the queues cannot be shown: the connection is lost, and is made again');
  });
  const queues = URGENCIES.map(
    (urgency) =>
      new Queue(queueNameOf(urgency), { connection: client, prefix: settings.prefix, skipMetasUpdate: true }),
  );
  for (const queue of queues) queue.on('error', () => undefined);
  return { queues, close: () => closeAll(queues, [client]) };
}
