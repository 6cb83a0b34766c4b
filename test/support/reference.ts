/**
 * Programs whose output is the reference of a test.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ROOT } from './paths.ts';

/** What a program printed. @throws Error with what it said where it fails */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: object } = {},
): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: options.cwd ?? ROOT,
    encoding: 'utf8',
    env: { ...process.env, ...options.env, NODE_OPTIONS: '' },
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${String(status)}: ${stderr}`);
  return stdout;
}

/** The float32 numbers of a file. */
export function floats(file: string): Float32Array {
  return new Float32Array(new Uint8Array(readFileSync(file)).buffer);
}
