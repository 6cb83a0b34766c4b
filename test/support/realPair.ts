import { execFile } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Lps, SeriesRef } from './api.ts';
import { uidOf } from './dicomweb.ts';
import type { Dicomweb } from './dicomweb.ts';
import { NODE, realSeriesFolder, temporaryFolder } from './paths.ts';
import type { RealSeries } from './paths.ts';

const run = promisify(execFile);

/** A real CT as the current study and its follow-up by a known map as the prior, both in a PACS. */
export interface RealPair {
  readonly current: SeriesRef;
  readonly prior: SeriesRef;
  /** Slice spacing of the prior, mm. */
  readonly priorSpacingMm: number;
  /** The query points of the current study and their true places in the prior, LPS mm. */
  readonly points: readonly { readonly lps: Lps; readonly prior: Lps; readonly isInside: boolean }[];
}

interface Truth extends SeriesRef {
  readonly spacingMm: number;
  readonly points: readonly { readonly lps: Lps; readonly followUp: Lps; readonly inside: boolean }[];
}

async function* dicomFiles(folder: string): AsyncGenerator<Uint8Array> {
  for (const name of (await readdir(folder)).sort()) {
    if (name !== 'truth.json') yield await readFile(join(folder, name));
  }
}

async function storeFolder(dicomweb: Dicomweb, folder: string): Promise<void> {
  for await (const file of dicomFiles(folder)) await dicomweb.store([file]);
}

/** Stores a real series unchanged; gives its UIDs and its patient, as the PACS answers them. */
export async function storeRealSeries(
  dicomweb: Dicomweb,
  name: RealSeries,
): Promise<SeriesRef & { readonly patientId: string; readonly patientName: string }> {
  const before = new Set((await dicomweb.search('studies')).map((study) => uidOf(study, '0020000D')));
  await storeFolder(dicomweb, realSeriesFolder(name) ?? '');
  const studies = await dicomweb.search('studies');
  const study = studies.find((candidate) => !before.has(uidOf(candidate, '0020000D')));
  if (study === undefined) throw new Error(`${name} did not arrive in the PACS`);
  const studyInstanceUid = uidOf(study, '0020000D');
  const [series] = await dicomweb.search(`studies/${studyInstanceUid}/series`);
  return {
    studyInstanceUid,
    seriesInstanceUid: uidOf(series ?? {}, '0020000E'),
    patientId: uidOf(study, '00100020'),
    patientName: (study['00100010']?.Value?.[0] as { Alphabetic?: string } | undefined)?.Alphabetic ?? '',
  };
}

/**
 * Stores a real CT and its follow-up of a case of the accuracy protocol.
 * @throws Error where the follow-up does not show one of the points, unless `mayBeOutside`
 */
export async function storeRealPair(
  dicomweb: Dicomweb,
  name: RealSeries,
  followUpCase: string,
  points: readonly Lps[],
  { mayBeOutside = false }: { readonly mayBeOutside?: boolean } = {},
): Promise<RealPair> {
  const { patientId, patientName, ...current } = await storeRealSeries(dicomweb, name);
  const folder = temporaryFolder('follow-up');
  try {
    const program = join(import.meta.dirname, 'makeFollowUp.ts');
    await run(
      NODE,
      [program, realSeriesFolder(name) ?? '', followUpCase, '1', folder, JSON.stringify(points)],
      {
        env: { ...process.env, FOLLOW_UP_PATIENT_ID: patientId, FOLLOW_UP_PATIENT_NAME: patientName },
      },
    );
    const truth = JSON.parse(await readFile(join(folder, 'truth.json'), 'utf8')) as Truth;
    if (!mayBeOutside && !truth.points.every((point) => point.inside))
      throw new Error('a point is outside the follow-up: choose another');
    await storeFolder(dicomweb, folder);
    return {
      current,
      prior: { studyInstanceUid: truth.studyInstanceUid, seriesInstanceUid: truth.seriesInstanceUid },
      priorSpacingMm: truth.spacingMm,
      points: truth.points.map(({ lps, followUp, inside }) => ({ lps, prior: followUp, isInside: inside })),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
