import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createArchive } from '../../archive/index.ts';
import { loadConfig, SAMEPOINT_ROOT } from '../../config/index.ts';
import { createPhantom, writeSeries } from '../../phantom/index.ts';
import type { Phantom } from '../../phantom/index.ts';
import type { WireTimePointReportRequest } from '../../apiSchemas/index.ts';
import type { CliIo } from '../../workbench/index.ts';
import { earlierReports, storeReports } from './demoReports.ts';
import { startServer } from '../../composition/index.ts';

/** Options of `samepoint demo`. */
export interface DemoCommand {
  readonly config: string | undefined;
  readonly port: number | undefined;
  readonly seed: number;
  /** Voxel size relative to the full phantom; a coarse one is made in a moment. */
  readonly coarseness: number;
  readonly directory: string;
  /** Version of the viewer below .viewers/; the configured one where absent. */
  readonly viewer: string | undefined;
  readonly open: boolean;
}

/** The extension's 1x2 comparison: extension/src/ids.ts names it. */
const HANGING_PROTOCOL_ID = '@samepoint/ohif-extension.compare';

/** What the demo wrote about its patient: true places, to compare with. */
interface Truth {
  readonly seed: number;
  readonly coarseness: number;
  readonly patientId: string;
  readonly studies: readonly {
    readonly name: string;
    readonly studyInstanceUid: string;
    readonly seriesInstanceUid: string;
    readonly frameOfReferenceUid: string;
  }[];
  readonly lesions: Phantom['lesions'];
  /** What a reader has reported of the older studies. */
  readonly reports: readonly WireTimePointReportRequest[];
}

function truthOf(phantom: Phantom, { seed, coarseness }: DemoCommand): Truth {
  return {
    seed,
    coarseness,
    patientId: phantom.patientId,
    studies: phantom.timePoints.map(({ name, volume }) => ({
      name,
      studyInstanceUid: volume.studyInstanceUid,
      seriesInstanceUid: volume.seriesInstanceUid,
      frameOfReferenceUid: volume.frameOfReferenceUid,
    })),
    lesions: phantom.lesions,
    reports: earlierReports(phantom),
  };
}

async function readTruth(file: string, { seed, coarseness }: DemoCommand): Promise<Truth | undefined> {
  try {
    const truth = JSON.parse(await readFile(file, 'utf8')) as Truth;
    return truth.seed === seed && truth.coarseness === coarseness ? truth : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes the patient of the demo, unless an earlier run has. The file with the truth is written last: a run that was
 * interrupted starts again, and storing the same instance twice changes nothing.
 */
async function makePatient(
  command: DemoCommand,
  archiveFolder: string,
  truthFile: string,
  io: CliIo,
): Promise<Truth> {
  const known = await readTruth(truthFile, command);
  if (known !== undefined) return known;
  io.stderr.write('Making a phantom patient with three CT studies (once) …\n');
  const phantom = createPhantom({ seed: command.seed, coarseness: command.coarseness });
  const archive = await createArchive({ directory: archiveFolder });
  const { patientId, patientName } = phantom;
  for (const { volume, ...tags } of phantom.timePoints) {
    for (const part10 of writeSeries(volume, { patientId, patientName, ...tags })) {
      io.signal.throwIfAborted();
      await archive.store(part10);
    }
  }
  const truth = truthOf(phantom, command);
  await writeFile(truthFile, `${JSON.stringify(truth, null, 2)}\n`);
  return truth;
}

/** UIDs follow from the seed only, and an archive holds one object per UID: each resolution has its own. */
function archiveName(coarseness: number): string {
  return coarseness === 1 ? 'archive' : `archive-coarseness-${coarseness}`;
}

function comparisonUrl(server: string, { studies }: Truth): string {
  // The baseline is found in the archive, as every other study of the patient.
  const shown = studies.filter(({ name }) => name !== 'baseline');
  const url = new URL('/viewer', server);
  url.searchParams.set('StudyInstanceUIDs', shown.map(({ studyInstanceUid }) => studyInstanceUid).join(','));
  url.searchParams.set('hangingProtocolId', HANGING_PROTOCOL_ID);
  return url.href;
}

/** Opens the user's browser where there is one; the URL is printed in any case. */
function openBrowser(url: string): void {
  const command = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open';
  // The browser needs the user's environment, but nothing that is meant for the server.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('SAMEPOINT_')),
  );
  const child = spawn(command, [url], { stdio: 'ignore', detached: true, env });
  child.on('error', () => undefined);
  child.unref();
}

/** A stock OHIF with Samepoint and a patient to try it on: everything on this machine, nothing downloaded. */
export async function demo(command: DemoCommand, io: CliIo): Promise<void> {
  const folder = resolve(command.directory);
  const archiveFolder = join(folder, archiveName(command.coarseness));
  await mkdir(archiveFolder, { recursive: true });
  const { port, viewer } = command;
  const config = await loadConfig({
    file: command.config ?? join(SAMEPOINT_ROOT, 'config/server.demo.json'),
    env: io.env,
    overrides: {
      ...(port === undefined ? {} : { http: { port } }),
      ...(viewer === undefined
        ? {}
        : { viewer: { directory: join(SAMEPOINT_ROOT, '.viewers', viewer, 'dist') } }),
      archive: { directory: archiveFolder },
      embedding: { cacheDirectory: join(folder, 'embeddings') },
    },
  });
  const truthFile = join(folder, 'lesions.json');
  const truth = await makePatient(command, archiveFolder, truthFile, io);
  const server = await startServer(config);
  await storeReports(server.url, truth, io);
  const url = comparisonUrl(server.url, truth);
  io.stdout.write(`Current and prior study, side by side:\n  ${url}\n`);
  io.stdout.write(`True places of the lesions in all studies:\n  ${truthFile}\nStop with Ctrl-C.\n`);
  if (command.open && io.stdout.isTTY === true) openBrowser(url);
  if (!io.signal.aborted) await once(io.signal, 'abort');
  await server.close();
}
