import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SamepointApi } from './api.ts';
import { startBackground } from './background.ts';
import type { Background } from './background.ts';
import { CLI, NODE, ROOT, temporaryFolder, viewerFolder } from './paths.ts';

/** A Samepoint server in a process of its own, started as an administrator starts it: `samepoint serve --config`. */
export interface SamepointServer {
  /** e.g. http://127.0.0.1:40123 */
  readonly url: string;
  readonly api: SamepointApi;
  readonly background: Background;
  /** File of the audit trail. */
  readonly auditFile: string;
  /** Folder of the embedding cache. */
  readonly cacheDirectory: string;
  stop(): Promise<void>;
}

type Section = Readonly<Record<string, unknown>>;

/** Keys of the server configuration by section; what is absent has the defaults of the tests. */
export type ServerSettings = Readonly<Record<string, Section>>;

function merge(base: ServerSettings, over: ServerSettings): ServerSettings {
  const sections = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...sections].map((name) => [name, { ...base[name], ...over[name] }]));
}

/** Serves a viewer version at /, with the PACS at /dicom-web. */
export function withViewer(version: string): ServerSettings {
  return {
    viewer: { directory: viewerFolder(version), appConfig: join(ROOT, 'config/app-config.demo.js') },
  };
}

/** What the operating system grants the server. */
export interface StartLimits {
  /** A disk that is full for files larger than this: the system's own limit (setrlimit RLIMIT_FSIZE), no privileges needed. */
  readonly largestFileKb?: number | undefined;
}

/** A command with these limits. */
export function limited(command: readonly string[], { largestFileKb }: StartLimits): readonly string[] {
  if (largestFileKb === undefined) return command;
  // Without the trap the system would end the process (SIGXFSZ) instead of refusing the write.
  const script = `trap '' XFSZ; ulimit -f ${String(largestFileKb)}; exec "$@"`;
  return ['bash', '-c', script, 'limited', ...command];
}

/** Starts a server on a free port with a cache of its own. */
export async function startSamepoint(
  settings: ServerSettings,
  { largestFileKb }: StartLimits = {},
): Promise<SamepointServer> {
  const folder = temporaryFolder('server');
  const cacheDirectory = join(folder, 'embeddings');
  const config = merge(
    {
      http: { port: 0, requestsPerMinute: 100_000 },
      embedding: { cacheDirectory },
      audit: { file: join(folder, 'audit.log') },
      log: { level: 'warn' },
    },
    settings,
  );
  const file = join(folder, 'server.json');
  await writeFile(file, JSON.stringify(config));
  const [program = NODE, ...args] = limited([NODE, CLI, 'serve', '--config', file], { largestFileKb });
  const background = await startBackground({
    command: program,
    args,
    cwd: ROOT,
    ready: /answers at (http:\/\/[^/\s]+)/,
  });
  const url = background.match[1] ?? '';
  return {
    url,
    api: new SamepointApi(`${url}/samepoint/api`),
    background,
    auditFile: join(folder, 'audit.log'),
    cacheDirectory: (config['embedding']?.['cacheDirectory'] as string | undefined) ?? cacheDirectory,
    async stop() {
      await background.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
