#!/usr/bin/env node
import { applyMallocSettings } from './mallocSettings.ts';
import { runCli } from './program.ts';
import { keepWasmCode } from '../wasm/index.ts';

// What serves runs for months.
if (['serve', 'worker', 'demo'].includes(process.argv[2] ?? '')) applyMallocSettings(process);
keepWasmCode();

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stop.abort();
  });
}

process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: stop.signal,
});
