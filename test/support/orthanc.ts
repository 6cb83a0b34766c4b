import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { startBackground } from './background.ts';
import { Dicomweb } from './dicomweb.ts';
import { temporaryFolder } from './paths.ts';
import { ORTHANC, ORTHANC_DICOMWEB } from './requirements.ts';
import { portOf } from '../../server/src/concurrency/testing/portOf.ts';

/** A real PACS: Debian's Orthanc with its DICOMweb plugin, on a free port, with an empty storage. */
export interface Orthanc {
  readonly dicomweb: Dicomweb;
  /** Deletes every structured report, so that the next viewer starts without earlier pairs. */
  deleteReports(): Promise<void>;
  /** Deletes a study, as an administrator does before it is sent again. */
  deleteStudy(studyInstanceUid: string): Promise<void>;
  stop(): Promise<void>;
}

/** A port without a listener. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function configuration(folder: string, port: number, stableAgeS: number): object {
  return {
    Name: 'Samepoint test',
    StorageDirectory: folder,
    IndexDirectory: folder,
    HttpPort: port,
    HttpServerEnabled: true,
    DicomServerEnabled: false,
    RemoteAccessAllowed: false,
    AuthenticationEnabled: false,
    HttpThreadsCount: 8,
    StableAge: stableAgeS,
    Plugins: [ORTHANC_DICOMWEB],
    DicomWeb: { Enable: true, Root: '/dicom-web/', StudiesMetadata: 'Full', SeriesMetadata: 'Full' },
  };
}

/** Orthanc's own REST API: DICOMweb itself cannot delete. */
async function deleteReports(root: string): Promise<void> {
  const query = { Level: 'Series', Query: { Modality: 'SR' } };
  const found = await fetch(`${root}/tools/find`, { method: 'POST', body: JSON.stringify(query) });
  for (const id of (await found.json()) as string[])
    await fetch(`${root}/series/${id}`, { method: 'DELETE' });
}

async function deleteStudy(root: string, studyInstanceUid: string): Promise<void> {
  const query = { Level: 'Study', Query: { StudyInstanceUID: studyInstanceUid } };
  const found = await fetch(`${root}/tools/find`, { method: 'POST', body: JSON.stringify(query) });
  for (const id of (await found.json()) as string[])
    await fetch(`${root}/studies/${id}`, { method: 'DELETE' });
}

/** Time without a new image after which Orthanc calls a study stable, by default, s. */
const STABLE_AGE_S = 60;

/** Starts an Orthanc of the test's own; `stop` ends it and deletes its storage. */
export async function startOrthanc(stableAgeS = STABLE_AGE_S): Promise<Orthanc> {
  const folder = temporaryFolder('orthanc');
  const port = await freePort();
  const file = join(folder, 'orthanc.json');
  await writeFile(file, JSON.stringify(configuration(folder, port, stableAgeS)));
  const orthanc = await startBackground({
    command: ORTHANC,
    args: [file],
    cwd: folder,
    ready: /Orthanc has started/,
  });
  return {
    dicomweb: new Dicomweb(`http://127.0.0.1:${port}/dicom-web`),
    deleteReports: () => deleteReports(`http://127.0.0.1:${port}`),
    deleteStudy: (studyInstanceUid) => deleteStudy(`http://127.0.0.1:${port}`, studyInstanceUid),
    async stop() {
      await orthanc.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
