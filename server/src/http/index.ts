export { ARCHIVE_PATH, createApp } from './app.ts';
export type { AppParts } from './app.ts';
export { listen } from './listen.ts';
export type { RunningServer } from './listen.ts';
export { createLogger } from './logging.ts';
export type * from './wire.ts';
