import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Lps } from './api.ts';
import { startBackground } from './background.ts';
import type { Background } from './background.ts';
import { CLI, NODE, ROOT, temporaryFolder } from './paths.ts';

/** Time to make the phantom and to start, on two busy cores. */
const START_TIMEOUT_MS = 400_000;
/** The patient, made once for all tests. */
const KEPT = join(ROOT, '.cache/demo');

/** What the demo has written about its patient (server/src/cli/commands/demo.ts): the current study first, then the older ones. */
export interface DemoTruth {
  readonly seed: number;
  readonly studies: readonly {
    readonly name: string;
    readonly studyInstanceUid: string;
    readonly seriesInstanceUid: string;
  }[];
  readonly lesions: readonly {
    readonly label: string;
    readonly currentLps: Lps;
    readonly priorLps: Lps;
    readonly radiusMm: { readonly current?: number; readonly prior?: number };
  }[];
}

/** A demo of one's own. */
export interface Demo {
  readonly url: string;
  readonly truth: DemoTruth;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** Options of `samepoint demo`: the voxel size relative to the full phantom, and the version of the viewer. */
export interface DemoOptions {
  readonly coarseness?: number;
  readonly viewer?: string | undefined;
}

/** A copy of the patient for one test, with its reports: the folder, and what is true of it. */
export async function copyPatient(
  name: string,
  coarseness: number,
): Promise<{ readonly folder: string; readonly truth: DemoTruth }> {
  const folder = temporaryFolder(name);
  cpSync(await patientFolder(coarseness), folder, { recursive: true });
  const truth = JSON.parse(readFileSync(join(folder, 'lesions.json'), 'utf8')) as DemoTruth;
  return { folder, truth };
}

/** Starts the demo on a free port, with a copy of the patient for this test. */
export async function startDemo(name: string, { coarseness = 1, viewer }: DemoOptions = {}): Promise<Demo> {
  const { folder, truth } = await copyPatient(name, coarseness);
  const running = await runDemo(folder, [
    ...['--coarseness', String(coarseness)],
    ...(viewer === undefined ? [] : ['--viewer', viewer]),
  ]);
  return {
    url: running.match[1] ?? '',
    truth,
    async stop() {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function runDemo(folder: string, options: readonly string[] = []): Promise<Background> {
  return await startBackground({
    command: NODE,
    args: [CLI, 'demo', '--port', '0', '--directory', folder, '--no-open', ...options],
    cwd: ROOT,
    ready: /(http:\/\/\S+)\/viewer\?StudyInstanceUIDs=/,
    timeoutMs: START_TIMEOUT_MS,
  });
}

/** A folder of the demo with the patient and its reports, made by this build of the server. */
async function patientFolder(coarseness: number): Promise<string> {
  const kept = join(KEPT, `${digestOf(join(ROOT, 'server/dist'))}-${String(coarseness)}`);
  if (existsSync(kept)) return kept;
  mkdirSync(KEPT, { recursive: true });
  // Two test processes may make it at once: the first one to end keeps its own.
  const making = mkdtempSync(join(KEPT, 'making-'));
  await (await runDemo(making, ['--coarseness', String(coarseness)])).stop();
  rmSync(join(making, 'embeddings'), { recursive: true, force: true });
  if (existsSync(kept)) rmSync(making, { recursive: true });
  else renameSync(making, kept);
  return kept;
}

/** Of the programs in a folder. */
function digestOf(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort())
    if (name.endsWith('.js')) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 16);
}
