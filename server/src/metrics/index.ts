export { createMetrics } from './metrics.ts';
export type { Metrics } from './metrics.ts';
export { measuredCache, measuredModules, measuredSource } from './observe.ts';
