import type { Environment } from '../config/index.ts';

/** Where text goes. */
interface TextSink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** The outside world of a command: tests give their own. */
export interface CliIo {
  /** Results, for people and for pipes. */
  readonly stdout: TextSink;
  /** Progress and errors. */
  readonly stderr: TextSink;
  readonly env: Environment;
  /** Aborted by Ctrl-C and by a service manager's stop. */
  readonly signal: AbortSignal;
}

/** Prints a value as JSON. */
export function printJson({ stdout }: CliIo, value: unknown): void {
  stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Carriage return, erase to the end of the line (ECMA-48 EL). */
const REWRITE_LINE = '\r\u001b[K';

/** Progress in one line of a terminal; nothing in a file or pipe. */
export function progressLine({ stderr }: CliIo): {
  show: (fraction: number, message: string) => void;
  clear: () => void;
} {
  const write = (text: string): void => {
    if (stderr.isTTY === true) stderr.write(`${REWRITE_LINE}${text}`);
  };
  return {
    show: (fraction, message) => {
      write(`${String(Math.round(fraction * 100)).padStart(3)} %  ${message}`);
    },
    clear: () => {
      write('');
    },
  };
}
