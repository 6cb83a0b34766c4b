import type { Logger } from '../access/index.ts';
import { isSamepointError } from '../errors/index.ts';
import type { CliIo } from './io.ts';

/** For commands whose output is their result: warnings and errors in one line each, nothing else. */
export function warningLogger({ stderr }: CliIo): Logger {
  const line = (fields: object, message: string): void => {
    const error: unknown = 'err' in fields ? fields.err : undefined;
    stderr.write(`${message}${isSamepointError(error) ? `: ${error.message}` : ''}\n`);
  };
  return { info: () => undefined, warn: line, error: line };
}
