import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A program that runs beside the test. */
export interface Background {
  readonly process: ChildProcess;
  /** The match of `ready`. */
  readonly match: RegExpExecArray;
  /** Everything that it printed so far. */
  output(): string;
  /** Ends it, first kindly; resolves with its exit status. */
  stop(): Promise<number | null>;
}

/** What to start. */
export interface BackgroundOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Printed when it is ready. */
  readonly ready: RegExp;
  readonly timeoutMs?: number;
}

/** Time to end by itself, ms. */
const STOP_MS = 15_000;

/** Every program that is still running: ended when the test process ends for whatever reason. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Programs that the test has stopped: the end of any other is an error. */
const stopping = new WeakSet<ChildProcess>();

async function stop(child: ChildProcess): Promise<number | null> {
  stopping.add(child);
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  child.kill('SIGTERM');
  await once(child, 'exit');
  clearTimeout(kill);
  return child.exitCode;
}

/** Starts a program and resolves when it has printed that it is ready. */
export async function startBackground(options: BackgroundOptions): Promise<Background> {
  const { command, args, env = process.env, cwd, ready, timeoutMs = 120_000 } = options;
  const child = spawn(command, args, { env, ...(cwd === undefined ? {} : { cwd }) });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let output = '';
  const match = await new Promise<RegExpExecArray>((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`${command} ${why}:\n${output.slice(-4000)}`));
    };
    const timer = setTimeout(() => {
      fail(`was not ready after ${timeoutMs} ms`);
    }, timeoutMs);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const found = ready.exec(output);
      if (found === null) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', (error) => {
      fail(`did not start (${error.message})`);
    });
    child.once('exit', (code) => {
      fail(`ended early with status ${String(code)}`);
    });
  });
  // A program that is gone shows in a test only as something that does not answer: say what became of it, and what it said last.
  child.once('exit', (code, signal) => {
    if (stopping.has(child)) return;
    process.stderr.write(
      `${command} ended by itself (status ${String(code)}, signal ${String(signal)}):\n${output.slice(-4000)}\n`,
    );
  });
  return { process: child, match, output: () => output, stop: () => stop(child) };
}
