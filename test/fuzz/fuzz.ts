/**
 * Runs seeded inputs through the targets and collects what must not happen: exceptions outside the catalogue, inputs that
 * need longer than a second, and threads that end.
 * @module
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { gunzipSync, gzipSync } from 'node:zlib';
import { errorFrom } from '../../server/src/errors/index.ts';
import { clock, failureOf, inputOf } from './fuzzWorker.ts';
import type { Assignment, Message } from './fuzzWorker.ts';
import { targetOf, TARGETS } from './targets/index.ts';

/** Longest time for one input, ms. */
const LIMIT_MS = 1_000;
/** The watchdog looks so often, ms. */
const LOOK_MS = 100;
/** Findings of one target after which its run ends: they are mostly the same. */
const MAX_FINDINGS = 20;

/** Something that must not happen. */
export interface Finding {
  readonly target: string;
  readonly index: number;
  readonly kind: 'error' | 'hang' | 'crash';
  readonly message: string;
  readonly input: Uint8Array;
}

/** What is run. */
export interface FuzzOptions {
  readonly seed: number;
  /** Inputs over all targets. */
  readonly count: number;
  /** All targets where omitted. */
  readonly target?: string | undefined;
  readonly onProgress?: (text: string) => void;
}

/** Inputs of each target, by its weight. */
function shares({ count, target }: FuzzOptions): readonly (readonly [name: string, count: number])[] {
  const chosen = target === undefined ? TARGETS : [targetOf(target)];
  const total = chosen.reduce((sum, { weight = 1 }) => sum + weight, 0);
  return chosen.map(({ name, weight = 1 }) => [name, Math.ceil((count * weight) / total)]);
}

/** One thread until it ends, finds a hang, or dies; says where the next one goes on. */
async function runThread(
  assignment: Omit<Assignment, 'place'>,
  findings: Finding[],
  isFirstTry = true,
): Promise<number> {
  const { target, seed, last } = assignment;
  const place = new SharedArrayBuffer(8);
  const [at, since] = [new Int32Array(place, 0, 1), new Int32Array(place, 4, 1)];
  Atomics.store(since, 0, -1);
  const worker = new Worker(new URL('./fuzzWorker.ts', import.meta.url), {
    workerData: { ...assignment, place } satisfies Assignment,
    resourceLimits: { maxOldGenerationSizeMb: 512 },
    // Libraries write remarks about damaged data; they are discarded here.
    stdout: true,
    stderr: true,
  });
  const report = async (kind: Finding['kind'], message: string): Promise<void> => {
    const index = Atomics.load(at, 0);
    findings.push({ target, index, kind, message, input: await inputOf(target, seed, index) });
  };
  let watch: NodeJS.Timeout | undefined;
  const ending = await new Promise<'done' | 'hang' | Error>((resolve) => {
    worker.on('message', (message: Message) => {
      if (message.kind === 'done') resolve('done');
      else
        findings.push({
          target,
          index: message.index,
          kind: 'error',
          message: message.message,
          input: message.input,
        });
    });
    worker.on('error', (error: unknown) => {
      resolve(errorFrom(error));
    });
    worker.on('exit', () => {
      resolve(new Error('the thread ended'));
    });
    watch = setInterval(() => {
      const start = Atomics.load(since, 0);
      if (start >= 0 && clock() - start > LIMIT_MS) resolve('hang');
    }, LOOK_MS);
  });
  clearInterval(watch);
  await worker.terminate();
  if (ending === 'done') return last;
  if (ending !== 'hang') await report('crash', ending.message);
  else if (isFirstTry) {
    // The machine may have been busy with something else: what hangs, hangs again.
    const index = Atomics.load(at, 0);
    await runThread({ ...assignment, first: index, last: index + 1 }, findings, false);
  } else await report('hang', `longer than ${LIMIT_MS} ms`);
  return Atomics.load(at, 0) + 1;
}

/** Runs all inputs. The same options give the same inputs. */
export async function fuzz(options: FuzzOptions): Promise<readonly Finding[]> {
  const all: Finding[] = [];
  for (const [target, count] of shares(options)) {
    const findings: Finding[] = [];
    const start = Date.now();
    let next = 0;
    while (next < count && findings.length < MAX_FINDINGS)
      next = await runThread({ target, seed: options.seed, first: next, last: count }, findings);
    const seconds = ((Date.now() - start) / 1000).toFixed(1);
    options.onProgress?.(`${target}: ${next} inputs in ${seconds} s, ${findings.length} findings`);
    all.push(...findings);
  }
  return all;
}

/** Saves the inputs of findings; each runs again with `npm run fuzz -- --replay FILE`. */
export function saveFindings(findings: readonly Finding[], folder: string): readonly string[] {
  mkdirSync(folder, { recursive: true });
  return findings.map(({ target, index, kind, message, input }) => {
    const file = join(folder, `${target}-${kind}-${index}.json`);
    writeFileSync(
      file,
      JSON.stringify({ target, message, gzip: gzipSync(input).toString('base64') }, undefined, 2),
    );
    return file;
  });
}

/** Runs saved inputs again: one file, or all of a folder. Gives those that are findings still. */
export async function replay(path: string): Promise<readonly string[]> {
  const files = statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path];
  const findings: string[] = [];
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    const { target, gzip } = JSON.parse(readFileSync(file, 'utf8')) as { target: string; gzip: string };
    const start = performance.now();
    const message = await failureOf(target, gunzipSync(Buffer.from(gzip, 'base64')));
    const ms = performance.now() - start;
    if (message !== undefined) findings.push(`${file}: ${message}`);
    else if (ms > LIMIT_MS) findings.push(`${file}: ${Math.round(ms)} ms`);
  }
  return findings;
}
