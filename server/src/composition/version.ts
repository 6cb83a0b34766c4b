import { readFileSync } from 'node:fs';

/** The version in server/package.json: two folders up, from the sources and from the build. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
