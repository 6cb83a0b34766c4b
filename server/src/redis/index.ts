/**
 * Connections to Redis, which outlive its absence. What imports this module is loaded only where Redis is used: its packages are a quarter
 * of a server's heap.
 * @module
 */
export { closeAll, command, connect } from './connection.ts';
export type { RedisSettings } from './connection.ts';
