import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { JobKind, JobState } from '../jobs/index.ts';
import type { BegunWork } from '../work/index.ts';
import { EXECUTION_PROVIDERS, HTTP_BUCKETS, HTTP_METHODS, METRICS, STAGE_BUCKETS } from './definitions.ts';
import type { CacheOutcome, Stage } from './definitions.ts';
import { createArrivalMetrics } from './arrivalMetrics.ts';
import type { ArrivalMetrics } from './arrivalMetrics.ts';
import { createQueueMetrics } from './queueMetrics.ts';
import type { QueueMetrics } from './queueMetrics.ts';

/** One answered request. */
interface RequestMeasurement {
  readonly method: string;
  /** The template of the path, never the path. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** What is read from the parts of the server when the metrics are requested. */
interface MeasuredState {
  /** Series that wait for their embedding, and that are in work. */
  readonly load: { readonly waiting: number; readonly running: number };
  readonly jobs: readonly { readonly kind: JobKind; readonly state: JobState; readonly count: number }[];
  readonly executionProvider: string | undefined;
  readonly freeBytes: number;
}

/** The metrics in the text format of Prometheus, and its media type. */
interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/** Where the parts of the server report what they did. */
export interface Metrics extends QueueMetrics, ArrivalMetrics {
  request(measurement: RequestMeasurement): void;
  /** Continues with a request; the result is called when it is answered. For traces, where there are some. */
  readonly within?: (next: () => void) => (measurement: RequestMeasurement) => void;
  /** The span of the work that is done now, as `traceparent` of W3C Trace Context; for traces, where there are some. */
  readonly traceparent?: () => string | undefined;
  /** Does work of a queue within the trace that has ordered it; for traces, where there are some. */
  readonly withinWork?: (begun: BegunWork, work: () => Promise<void>) => Promise<void>;
  stage(stage: Stage, seconds: number): void;
  cache(outcome: CacheOutcome): void;
  pacs(source: string, operation: string, seconds: number, errorCode: string | undefined): void;
  jobFinished(kind: JobKind, state: JobState): void;
  /** From when on the state of the server is part of the metrics. */
  watch(state: () => MeasuredState): void;
  expose(): Promise<Exposition>;
}

interface StateGauges {
  readonly waiting: Gauge;
  readonly running: Gauge;
  readonly jobs: Gauge<'kind' | 'state'>;
  readonly provider: Gauge<'provider'>;
  readonly free: Gauge;
}

function createGauges(registers: Registry[]): StateGauges {
  return {
    waiting: new Gauge({ ...METRICS.waitingSeries, registers }),
    running: new Gauge({ ...METRICS.runningSeries, registers }),
    jobs: new Gauge({ ...METRICS.jobs, registers }),
    provider: new Gauge({ ...METRICS.executionProvider, registers }),
    free: new Gauge({ ...METRICS.memoryFree, registers }),
  };
}

function update(gauges: StateGauges, { load, jobs, executionProvider, freeBytes }: MeasuredState): void {
  gauges.waiting.set(load.waiting);
  gauges.running.set(load.running);
  gauges.jobs.reset();
  for (const { kind, state, count } of jobs) gauges.jobs.set({ kind, state }, count);
  for (const provider of EXECUTION_PROVIDERS)
    gauges.provider.set({ provider }, Number(provider === executionProvider));
  // Without a limit there is nothing to show.
  if (Number.isFinite(freeBytes)) gauges.free.set(freeBytes);
}

function knownMethod(method: string): string {
  return HTTP_METHODS.find((known) => known === method) ?? 'other';
}

/** Metrics of one server, in a registry of their own. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const http = new Histogram({ ...METRICS.httpDuration, buckets: HTTP_BUCKETS, registers });
  const stages = new Histogram({ ...METRICS.stageDuration, buckets: STAGE_BUCKETS, registers });
  const pacs = new Histogram({ ...METRICS.pacsDuration, buckets: STAGE_BUCKETS, registers });
  const cache = new Counter({ ...METRICS.cacheRequests, registers });
  const pacsErrors = new Counter({ ...METRICS.pacsErrors, registers });
  const finished = new Counter({ ...METRICS.jobsFinished, registers });
  const gauges = createGauges(registers);
  const { update: updateQueue, ...queue } = createQueueMetrics(registers);
  const { update: updateArrivals, ...arrivals } = createArrivalMetrics(registers);
  let state: (() => MeasuredState) | undefined;
  return {
    request({ method, route, status, seconds }) {
      http.observe({ method: knownMethod(method), route, status }, seconds);
    },
    stage(stage, seconds) {
      stages.observe({ stage }, seconds);
    },
    cache(outcome) {
      cache.inc({ outcome });
    },
    pacs(source, operation, seconds, code) {
      pacs.observe({ source, operation }, seconds);
      if (code !== undefined) pacsErrors.inc({ source, code });
    },
    jobFinished(kind, jobState) {
      finished.inc({ kind, state: jobState });
    },
    watch(read) {
      state = read;
    },
    ...queue,
    ...arrivals,
    async expose() {
      if (state !== undefined) update(gauges, state());
      updateArrivals();
      await updateQueue();
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
