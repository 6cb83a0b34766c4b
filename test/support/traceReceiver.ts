import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { portOf } from '../../server/src/concurrency/testing/portOf.ts';

/** A span as OTLP with JSON holds it. */
export interface ReceivedSpan {
  readonly name: string;
  /** Hexadecimal digits. */
  readonly traceId: string;
  readonly spanId: string;
  /** Absent, or empty, at the root of a trace. */
  readonly parentSpanId?: string;
}

interface Export {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly ReceivedSpan[] }[];
  }[];
}

/** A receiver of OpenTelemetry that keeps what it gets. */
export interface TraceReceiver {
  /** For `tracing.endpoint`. */
  readonly endpoint: string;
  readonly spans: readonly ReceivedSpan[];
  /** All that was received, as text. */
  readonly text: string;
  stop(): Promise<void>;
}

/** Starts a receiver on a free port. */
export async function startTraceReceiver(): Promise<TraceReceiver> {
  const received: Export[] = [];
  const server = createServer((request, answer) => {
    void json(request).then((body) => {
      received.push(body as Export);
      answer.end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${portOf(server)}/v1/traces`,
    get spans() {
      return received.flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
      );
    },
    get text() {
      return JSON.stringify(received);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
