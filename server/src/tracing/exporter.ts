import type { Metrics } from '../metrics/index.ts';
import { tracedMetrics } from './tracing.ts';

/** Where spans go. */
export interface TracingSettings {
  /** Address of an OTLP receiver over HTTP, e.g. http://127.0.0.1:4318/v1/traces */
  readonly endpoint: string;
  /** Share of the requests whose spans are sent, 0 to 1. */
  readonly sampleRatio: number;
  readonly version: string;
}

/** Metrics whose durations are sent as spans, and what is to be closed with the server. */
export interface OpenTracing {
  readonly metrics: Metrics;
  /** Sends what waits. Never throws. */
  readonly close: () => Promise<void>;
}

/** For the last spans, ms: a server that stops does not wait longer for a receiver that is gone. */
const CLOSE_MS = 3_000;

/** Opens the exporter. The SDK is loaded only here: without tracing it costs nothing. */
export async function openTracing(metrics: Metrics, settings: TracingSettings): Promise<OpenTracing> {
  const { endpoint, sampleRatio, version } = settings;
  const [sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = new OTLPTraceExporter({ url: endpoint, timeoutMillis: CLOSE_MS });
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'samepoint', 'service.version': version }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(sampleRatio) }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter })],
  });
  return {
    metrics: tracedMetrics(metrics, provider.getTracer('samepoint', version)),
    close: () => provider.shutdown().catch(() => undefined),
  };
}
