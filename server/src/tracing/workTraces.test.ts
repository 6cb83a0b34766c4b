/** What a worker does is part of the trace of the request that has ordered it. */
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { SamepointError } from '../errors/index.ts';
import { createMetrics } from '../metrics/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { BegunWork } from '../work/index.ts';
import { tracedMetrics } from './tracing.ts';

interface Process {
  readonly metrics: Metrics;
  readonly span: (name: string) => ReadableSpan;
}

/** Metrics of one process, and the spans that have ended there. */
function tracedProcess(): Process {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  return {
    metrics: tracedMetrics(createMetrics(), provider.getTracer('test')),
    span(name) {
      const found = exporter.getFinishedSpans().find((one) => one.name === name);
      if (found === undefined) throw new Error(`no span ${name}`);
      return found;
    },
  };
}

/** A request that orders work, and the span it has there. */
function ordered({ metrics, span }: Process): {
  readonly trace: string | undefined;
  readonly root: ReadableSpan;
} {
  const seen: (string | undefined)[] = [];
  const end = metrics.within?.(() => seen.push(metrics.traceparent?.()));
  end?.({ method: 'POST', route: '/series-embeddings', status: 202, seconds: 0 });
  return { trace: seen[0], root: span('POST /series-embeddings') };
}

const begun = (trace: string | undefined): BegunWork => ({
  ...{ kind: 'embedding', urgency: 'interactive', waitedS: 2, trace },
});
const parentOf = ({ parentSpanContext }: ReadableSpan): string | undefined => parentSpanContext?.spanId;

it('the time in the queue and the work are in the request that has ordered them, and the stages in the work', async () => {
  const { trace, root } = ordered(tracedProcess());
  const worker = tracedProcess();
  await worker.metrics.withinWork?.(begun(trace), async () => {
    await Promise.resolve();
    worker.metrics.stage('embed', 1);
  });
  const { traceId, spanId } = root.spanContext();
  const [wait, work, embed] = ['queue wait', 'work embedding', 'embed'].map((name) => worker.span(name));
  for (const span of [wait, work, embed]) expect(span?.spanContext().traceId).toBe(traceId);
  expect([parentOf(wait!), parentOf(work!)]).toEqual([spanId, spanId]);
  expect(parentOf(embed!)).toBe(work!.spanContext().spanId);
  expect(wait!.duration[0]).toBeGreaterThanOrEqual(1);
  expect(work!.kind).toBe(SpanKind.CONSUMER);
  expect(work!.attributes).toEqual({ 'samepoint.urgency': 'interactive' });
});

it('work that fails says by which code', async () => {
  const { metrics, span } = tracedProcess();
  const error = new SamepointError('dicomweb/unauthorized', { operation: 'retrieve' });
  await expect(metrics.withinWork?.(begun(undefined), () => Promise.reject(error))).rejects.toBe(error);
  expect(span('work embedding').status).toEqual({ code: SpanStatusCode.ERROR, message: error.code });
});

it('what is not ordered within a span begins a trace of its own', async () => {
  const { metrics, span } = tracedProcess();
  expect(metrics.traceparent?.()).toBeUndefined();
  await metrics.withinWork?.(begun(undefined), () => Promise.resolve());
  expect(parentOf(span('work embedding'))).toBeUndefined();
});
