/**
 * Names and labels of the metrics. Every label has a closed list of values, or a form that holds nothing of a patient: no UID, no name
 * and no text of a request ever becomes a label. config/grafana-dashboard.json and docs/operation.md use these names; a test compares them.
 * @module
 */
import { EXECUTION_PROVIDERS } from '../model/index.ts';

/** What is measured of one series or pair, in the order of the work. */
export type Stage = 'fetch' | 'decode' | 'resample' | 'embed' | 'match';

/** What an embedding was requested of. */
export type CacheOutcome = 'hit' | 'miss';

/** Methods of HTTP that are counted by their name; every other one is `other`, because clients can invent them. */
export const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'other'] as const;

export { EXECUTION_PROVIDERS };

/** A metric: its name, what it says, and its labels. */
interface Definition {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

/** Upper bounds, s: from an answer out of the memory to a series that a PACS sends slowly. */
export const STAGE_BUCKETS = [0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900];
/** Upper bounds, s: clicks are answered in 0.1 s, event streams last as long as an embedding. */
export const HTTP_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export const METRICS = {
  httpDuration: {
    name: 'samepoint_http_request_duration_seconds',
    help: 'Time from a request to the end of its answer, by the template of its path.',
    labelNames: ['method', 'route', 'status'],
  },
  stageDuration: {
    name: 'samepoint_stage_duration_seconds',
    help: 'Time of one stage of a series (fetch: waiting for the PACS, decode: reading what has come, resample, embed) or pair (match).',
    labelNames: ['stage'],
  },
  cacheRequests: {
    name: 'samepoint_embedding_cache_requests_total',
    help: 'Embeddings that were looked for, in memory or on disk, and found (hit) or not (miss).',
    labelNames: ['outcome'],
  },
  waitingSeries: {
    name: 'samepoint_waiting_series',
    help: 'Series that wait for their embedding.',
    labelNames: [],
  },
  runningSeries: {
    name: 'samepoint_running_series',
    help: 'Series that are being fetched and embedded.',
    labelNames: [],
  },
  queueJobs: {
    name: 'samepoint_queue_jobs',
    help: 'Work in Redis, of all servers, by how soon it is wanted.',
    labelNames: ['urgency', 'state'],
  },
  queueWait: {
    name: 'samepoint_queue_wait_seconds',
    help: 'Time for which work waited in Redis until this worker began it.',
    labelNames: ['urgency'],
  },
  workFinished: {
    name: 'samepoint_work_finished_total',
    help: 'Work that this worker has ended.',
    labelNames: ['urgency', 'outcome'],
  },
  jobs: {
    name: 'samepoint_jobs',
    help: 'Jobs that are remembered, running or finished, by their state.',
    labelNames: ['kind', 'state'],
  },
  jobsFinished: {
    name: 'samepoint_jobs_finished_total',
    help: 'Jobs that have ended, by their last state.',
    labelNames: ['kind', 'state'],
  },
  executionProvider: {
    name: 'samepoint_execution_provider',
    help: '1 for what runs the models, 0 for the others; all 0 until a model is open.',
    labelNames: ['provider'],
  },
  pacsDuration: {
    name: 'samepoint_pacs_request_duration_seconds',
    help: 'Time of one operation of a PACS, retries included.',
    labelNames: ['source', 'operation'],
  },
  pacsErrors: {
    name: 'samepoint_pacs_errors_total',
    help: 'Operations of a PACS that failed, by the code of the error (docs/errors.md).',
    labelNames: ['source', 'code'],
  },
  arrivals: {
    name: 'samepoint_arrivals_total',
    help: 'Studies that were noticed as new (seen), chosen by a rule, precomputed (ready), given up (failed), or deleted in the PACS (gone).',
    labelNames: ['source', 'outcome'],
  },
  arrivalsPending: {
    name: 'samepoint_arrivals_pending',
    help: 'Studies that wait to be precomputed.',
    labelNames: ['source'],
  },
  memoryFree: {
    name: 'samepoint_memory_free_bytes',
    help: 'Memory of memory.maxBytes that no series in work reserves.',
    labelNames: [],
  },
} as const satisfies Readonly<Record<string, Definition>>;
