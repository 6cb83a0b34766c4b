import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Lps } from './api.ts';
import { startBackground } from './background.ts';
import { CLI, NODE, ROOT, temporaryFolder } from './paths.ts';

/** Time to make the phantom and to start, on two busy cores. */
const START_TIMEOUT_MS = 400_000;

/** What the demo has written about its patient (server/src/cli/commands/demo.ts): the current study first, then the older ones. */
export interface DemoTruth {
  readonly studies: readonly {
    readonly name: string;
    readonly studyInstanceUid: string;
    readonly seriesInstanceUid: string;
  }[];
  readonly lesions: readonly { readonly label: string; readonly currentLps: Lps; readonly priorLps: Lps }[];
}

/** A demo of one's own. */
export interface Demo {
  readonly url: string;
  readonly truth: DemoTruth;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** Starts the demo on a free port, with a new patient in a folder of its own. @param options of the command, beside those */
export async function startDemo(name: string, options: readonly string[] = []): Promise<Demo> {
  const folder = temporaryFolder(name);
  const running = await startBackground({
    command: NODE,
    args: [CLI, 'demo', '--port', '0', '--directory', folder, '--no-open', ...options],
    cwd: ROOT,
    ready: /(http:\/\/\S+)\/viewer\?StudyInstanceUIDs=/,
    timeoutMs: START_TIMEOUT_MS,
  });
  return {
    url: running.match[1] ?? '',
    truth: JSON.parse(readFileSync(join(folder, 'lesions.json'), 'utf8')) as DemoTruth,
    async stop() {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
