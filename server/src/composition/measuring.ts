import type { Config } from '../config/index.ts';
import { createMetrics } from '../metrics/index.ts';
import type { Metrics } from '../metrics/index.ts';
import { VERSION } from './version.ts';

/** Where parts that are open are kept until they are closed. */
interface Closers {
  readonly add: (close: () => Promise<void>) => void;
}

/** What a server measures: metrics, and with them the spans of traces where the configuration wants some. */
export async function openMetrics(
  { metrics: { enabled }, tracing: { endpoint, sampleRatio } }: Config,
  parts: Closers,
): Promise<Metrics | undefined> {
  if (endpoint === undefined) return enabled ? createMetrics() : undefined;
  const { openTracing } = await import('../tracing/index.ts');
  const { metrics, close } = await openTracing(createMetrics(), { endpoint, sampleRatio, version: VERSION });
  parts.add(close);
  return metrics;
}
