export { openTracing } from './exporter.ts';
export type { OpenTracing } from './exporter.ts';
export { tracedMetrics } from './tracing.ts';
