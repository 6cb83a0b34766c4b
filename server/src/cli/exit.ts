import { CommanderError } from 'commander';
import { isSamepointError } from '../errors/index.ts';
import type { CliIo } from '../workbench/index.ts';

/** What a command's exit status says. */
export const EXIT = {
  ok: 0,
  /** The command could not do its work; the message says why. */
  failed: 1,
  /** Wrong arguments or configuration: nothing was tried. */
  usage: 2,
  /** A fault of Samepoint (EX_SOFTWARE of sysexits.h). */
  internal: 70,
  /** Interrupted: 128 + SIGINT. */
  interrupted: 130,
} as const;

/** The exit status of a failure, after a report to the user in words. */
export function explainFailure(error: unknown, { stderr, signal }: CliIo): number {
  if (error instanceof CommanderError) {
    // Commander has written its message; --help and --version come here too, with 0.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  if (signal.aborted) {
    stderr.write('interrupted\n');
    return EXIT.interrupted;
  }
  if (isSamepointError(error)) {
    stderr.write(`error: ${error.message}\n${error.remedy}\n[${error.code}]\n`);
    return error.code.startsWith('config/') ? EXIT.usage : EXIT.failed;
  }
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  stderr.write(`error: an unexpected fault of Samepoint; please report it.\n${details}\n`);
  return EXIT.internal;
}
