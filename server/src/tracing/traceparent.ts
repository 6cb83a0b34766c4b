/**
 * The span of one process as another one reads it: `traceparent` of W3C Trace Context (Recommendation of 2021, 3.2), version 00.
 * @module
 */
import { isSpanContextValid, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { Context } from '@opentelemetry/api';

/** Version, trace, span and flags, in hexadecimal digits. */
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/u;
const HEX = 16;

/** The header of the span of a context; undefined outside of a span. */
export function traceparentOf(context: Context): string | undefined {
  const span = trace.getSpanContext(context);
  if (span === undefined || !isSpanContextValid(span)) return undefined;
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(HEX).padStart(2, '0')}`;
}

/** The context of a span of another process; the root where the header is none. */
export function contextOf(header: string | undefined): Context {
  const [, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(header ?? '') ?? [];
  const span = { traceId, spanId, traceFlags: Number.parseInt(flags, HEX), isRemote: true };
  return isSpanContextValid(span) ? trace.setSpanContext(ROOT_CONTEXT, span) : ROOT_CONTEXT;
}
