/**
 * A program: this thread and two more make WebAssembly modules whose imported function has one of many signatures, call it until V8
 * compiles its wrapper, and drop them, for eight seconds. Run with --expose-gc. With `keep` as its argument it calls keepWasmCode
 * first; without, Node 24 dies of it in about two of three runs.
 * @module
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isMainThread, Worker } from 'node:worker_threads';
import { keepWasmCode } from '../keepCode.ts';

const DURATION_MS = 8_000;
/** New threads are started all the time. */
const THREAD_MS = 1_000;

const I32 = 0x7f;
/** Number types, with the instruction that pushes their zero. */
const ZEROS = [
  { type: I32, zero: [0x41, 0] },
  { type: 0x7d, zero: [0x43, 0, 0, 0, 0] },
  { type: 0x7c, zero: [0x44, 0, 0, 0, 0, 0, 0, 0, 0] },
] as const;
const FUNCTIONS = [() => 1, (a: unknown) => (a === 0 ? 1 : 2), (...all: unknown[]) => all.length];

function leb128(n: number): number[] {
  return n < 128 ? [n] : [(n & 127) | 128, ...leb128(n >> 7)];
}

function section(id: number, body: readonly number[]): number[] {
  return [id, ...leb128(body.length), ...body];
}

/** The same numbers in every thread: they make and drop the same wrappers at about the same time. */
let seed = 17;

/** A pseudo-random integer below n. */
function below(n: number): number {
  seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
  return Math.floor((seed / 0x80000000) * n);
}

function anyOf<T>(all: readonly T[]): T {
  return all[below(all.length)] as T;
}

/** A module that imports e.f, of a random signature, and exports r(n), which calls it n times. */
function randomModule(): WebAssembly.Module {
  const parameters = Array.from({ length: 1 + below(12) }, () => anyOf(ZEROS));
  const types = [0x60, parameters.length, ...parameters.map(({ type }) => type), 1, I32];
  const loop = [0, 3, 0x40, ...parameters.flatMap(({ zero }) => zero), 0x10, 0, 0x1a];
  const code = [...loop, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b, 0x20, 0, 0x0b];
  return new WebAssembly.Module(
    Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, [2, ...types, 0x60, 1, I32, 1, I32]),
      ...section(2, [1, 1, 0x65, 1, 0x66, 0, 0]),
      ...section(3, [1, 1]),
      ...section(7, [1, 1, 0x72, 0, 1]),
      ...section(10, [1, ...leb128(code.length), ...code]),
    ]),
  );
}

async function churn(end: number): Promise<void> {
  const kept: ((n: number) => number)[] = [];
  for (let n = 0; Date.now() < end; n++) {
    const { exports } = new WebAssembly.Instance(randomModule(), { e: { f: anyOf(FUNCTIONS) } });
    const run = exports['r'] as (n: number) => number;
    kept[below(50)] = run;
    run(1 + below(3_000));
    kept[below(50)]?.(1 + below(2_000));
    if (n % 200 !== 0) continue;
    globalThis.gc?.();
    await nextTurn();
  }
}

function startThreads(end: number): void {
  const worker = new Worker(new URL(import.meta.url));
  worker.once('exit', () => {
    if (Date.now() < end) startThreads(end);
  });
}

if (isMainThread) {
  if (process.argv[2] === 'keep') keepWasmCode();
  const end = Date.now() + DURATION_MS;
  startThreads(end);
  startThreads(end);
  await churn(end);
} else {
  await churn(Date.now() + THREAD_MS);
}
