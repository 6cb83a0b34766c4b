/**
 * Spans of OpenTelemetry: a request, and in it what was done for it. They are made of what the metrics are made of, so a span says no
 * more than they do: templates of paths, names of the configuration, stages and codes of errors. No UID, no name, no text of a request.
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api';
import { isSamepointError } from '../errors/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { BegunWork } from '../work/index.ts';
import { contextOf, traceparentOf } from './traceparent.ts';

/** The span for which work is done now, also in what it begins. */
const current = new AsyncLocalStorage<Context>();

const MS_PER_S = 1000;
/** From here on the server has failed, and not the request (RFC 9110 15.6). */
const SERVER_ERROR = 500;

function contextNow(): Context {
  return current.getStore() ?? ROOT_CONTEXT;
}

function endSpan(span: Span, code: string | undefined): void {
  if (code !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: code });
  span.end();
}

/** One answered request, as it is measured. */
type Measurement = Parameters<Metrics['request']>[0];

/** Begins the span of a request and continues with it; the result ends the span. */
function withinRequest(tracer: Tracer, next: () => void): (measurement: Measurement) => void {
  const span = tracer.startSpan('request', { kind: SpanKind.SERVER }, ROOT_CONTEXT);
  current.run(trace.setSpan(ROOT_CONTEXT, span), next);
  return ({ method, route, status }) => {
    // Clients can invent methods.
    const known = /^(?:GET|HEAD|POST|DELETE|OPTIONS)$/u.test(method) ? method : 'other';
    span.updateName(`${known} ${route}`);
    span.setAttributes({
      'http.request.method': known,
      'http.route': route,
      'http.response.status_code': status,
    });
    endSpan(span, status >= SERVER_ERROR ? String(status) : undefined);
  };
}

/** Does work that another process has ordered: the time in the queue and the work are spans within the one that has ordered it. */
async function withinWork(tracer: Tracer, begun: BegunWork, work: () => Promise<void>): Promise<void> {
  const { kind, urgency, waitedS, trace: header } = begun;
  const parent = contextOf(header);
  const attributes = { 'samepoint.urgency': urgency };
  // The clocks of two machines may differ.
  const startTime = Date.now() - Math.max(0, waitedS) * MS_PER_S;
  tracer.startSpan('queue wait', { startTime, attributes }, parent).end();
  const span = tracer.startSpan(`work ${kind}`, { kind: SpanKind.CONSUMER, attributes }, parent);
  try {
    await current.run(trace.setSpan(parent, span), work);
    endSpan(span, undefined);
  } catch (error) {
    endSpan(span, isSamepointError(error) ? error.code : 'queue/work-failed');
    throw error;
  }
}

/** Metrics that make a span of each measured duration. */
export function tracedMetrics(metrics: Metrics, tracer: Tracer): Metrics {
  const ended = (name: string, seconds: number, attributes: Attributes, code?: string): void => {
    const startTime = Date.now() - seconds * MS_PER_S;
    endSpan(tracer.startSpan(name, { startTime, attributes }, contextNow()), code);
  };
  return {
    ...metrics,
    within: (next) => withinRequest(tracer, next),
    traceparent: () => traceparentOf(contextNow()),
    withinWork: (begun, work) => withinWork(tracer, begun, work),
    stage(stage, seconds) {
      metrics.stage(stage, seconds);
      ended(stage, seconds, { 'samepoint.stage': stage });
    },
    pacs(source, operation, seconds, code) {
      metrics.pacs(source, operation, seconds, code);
      ended(
        `PACS ${operation}`,
        seconds,
        { 'samepoint.source': source, 'samepoint.operation': operation },
        code,
      );
    },
  };
}
