/**
 * The HTTP server: ports, hosts, logins, limits, log and measurements, and the resources behind them.
 * @module
 */
export { ARCHIVE_PATH, createApp } from './app.ts';
export type { AppParts } from './app.ts';
export { listen } from './listen.ts';
export type { RunningServer } from './listen.ts';
export { createLogger } from './logging.ts';
export { createMetricsApp, routeTemplates } from './measurements.ts';
export type { HttpMetrics } from './measurements.ts';
