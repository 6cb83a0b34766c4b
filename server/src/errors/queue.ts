import type { NoFields } from './spec.ts';
import { spec } from './spec.ts';

const LATER =
  'Try again in a minute. If it recurs, the administrator runs "samepoint doctor" on this machine.';

/** Errors of work/: the queue between the web processes and the workers, and the store that they share. */
export const queueErrors = {
  'queue/unreachable': spec<{ problem: string }>({
    status: 503,
    summary: 'Redis does not answer: no new series can be given to the workers.',
    remedy: `${LATER} What is embedded already can be read meanwhile.`,
    message: ({ problem }) => `the queue of the workers cannot be reached: ${problem}`,
  }),
  'queue/refused': spec<{ problem: string }>({
    status: 503,
    summary: 'Redis answers, but refuses: a wrong password, missing rights, or no memory left.',
    remedy:
      'The administrator compares queue.username and queue.password with the users of Redis, and its memory with maxmemory.',
    message: ({ problem }) => `the queue of the workers refuses work: ${problem}`,
  }),
  'queue/unreadable-order': spec<NoFields>({
    status: 500,
    summary: 'A worker cannot read an order, or a server cannot read its answer: their keys differ.',
    remedy: 'Set the same queue.key on all servers and workers.',
    message: () => 'an order in the queue was sealed with another key',
  }),
  'queue/worker-differs': spec<NoFields>({
    status: 500,
    summary:
      'A worker has another version of Samepoint or of the model than the server, so its result would not be found.',
    remedy: 'Install the same release and the same models on all servers and workers.',
    message: () => 'the worker has another version of the server or of the model',
  }),
  'queue/work-lost': spec<{ attempts: number }>({
    status: 500,
    summary:
      'Work was begun several times and never ended: its workers were stopped or died, most often for want of memory.',
    remedy: 'Choose another series, or give the workers more memory. Their logs say what happened.',
    message: ({ attempts }) => `the work was begun ${attempts} times and never ended`,
  }),
  'queue/result-missing': spec<NoFields>({
    status: 503,
    summary: 'A worker has done the work, but its result is not in the shared store.',
    remedy:
      'The administrator checks that all servers and workers use the same store (embedding.cacheDirectory, store), and that it is not full.',
    message: () => 'the result of a worker is not in the shared store',
  }),
  'queue/server-lost': spec<NoFields>({
    status: 503,
    summary: 'The server that answered a request has ended before the answer was ready.',
    remedy: 'Send the request again: another server answers it, and what is embedded by then is used.',
    message: () => 'the server that worked on this request has ended',
  }),
  'queue/work-failed': spec<NoFields>({
    status: 500,
    summary: 'A worker has failed in a way that no other error describes; its log holds the cause.',
    remedy: 'Report it with the log of the worker.',
    message: () => 'a worker has failed',
  }),
  'store/unusable': spec<{ problem: string }>({
    status: 503,
    summary: 'The shared store of the embeddings cannot be used.',
    remedy:
      'The administrator checks the folder or the bucket of the store; "samepoint doctor" says what is wrong.',
    message: ({ problem }) => `the shared store cannot be used: ${problem}`,
  }),
} as const;
