/** An archive over a temporary folder behind a real HTTP server, for tests. */
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { createArchive } from '../archive.ts';
import type { Archive, ArchiveOptions, ArchiveWarning } from '../types.ts';
import { portOf } from '../../concurrency/testing/portOf.ts';

export interface RunningArchive {
  readonly archive: Archive;
  readonly directory: string;
  /** DICOMweb root. */
  readonly root: string;
  readonly warnings: readonly ArchiveWarning[];
  /** Opens the same folder again, as a restart does. */
  reopen(): Promise<Archive>;
  stop(): Promise<void>;
}

/** A new folder under the system's temporary one. */
export async function temporaryFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'samepoint-archive-'));
}

/** Opens an archive and listens on a free port of the loopback interface. */
export async function runArchive(options: Partial<ArchiveOptions> = {}): Promise<RunningArchive> {
  const directory = options.directory ?? (await temporaryFolder());
  const warnings: ArchiveWarning[] = [];
  const onWarning = (warning: ArchiveWarning): void => {
    warnings.push(warning);
  };
  const archive = await createArchive({ onWarning, ...options, directory });
  const app = express();
  app.use('/dicom-web', archive.router);
  const server = await new Promise<Server>((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => {
      resolve(listening);
    });
  });
  return {
    archive,
    directory,
    root: `http://127.0.0.1:${portOf(server)}/dicom-web`,
    warnings,
    reopen: () => createArchive({ directory, onWarning }),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
}
