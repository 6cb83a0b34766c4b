import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringOf } from '../../dicom/index.ts';
import type { DicomJson } from '../../dicom/index.ts';
import type { Embedding } from '../../embedding/index.ts';
import { SamepointError } from '../../errors/index.ts';
import type { PointOutcome } from '../../matching/index.ts';
import { pictureOf, toPng } from '../../pictures/index.ts';
import { toCsv } from '../../points/index.ts';
import type { Cell, NamedPoint } from '../../points/index.ts';
import { alignTarget, printJson, headerOf, withWorkbench } from '../../workbench/index.ts';
import type { CliIo, Workbench, WorkbenchOptions } from '../../workbench/index.ts';
import { trackMeasures } from './measures.ts';
import type { TrackedPoint } from './measures.ts';

/** Options of `samepoint track`. */
export interface TrackCommand extends WorkbenchOptions {
  /** File of the lesions, which lie in the first series. */
  readonly lesions: string;
  /** CSV; JSON is printed where absent. */
  readonly out?: string | undefined;
  /** Folder of pictures. */
  readonly pictures?: string | undefined;
  /** Files of the true places, one for each later series, with the names of the lesions; measures are printed where given. */
  readonly truth?: readonly string[] | undefined;
}

/** A lesion in a later series. */
interface Row {
  readonly lesion: string;
  readonly trackingUid?: string;
  readonly series: string;
  readonly outcome: PointOutcome;
}

/**
 * Follows lesions of the first series through all later ones of the patient, each from the first one: what is wrong in one series is
 * not carried on.
 */
export async function track(paths: readonly string[], command: TrackCommand, io: CliIo): Promise<void> {
  const [first, ...later] = paths;
  if (first === undefined || later.length === 0)
    throw new SamepointError('cli/unreadable-input', {
      input: first ?? 'track',
      reason: 'is the only series; give the one with the lesions and at least one later one',
    });
  await withWorkbench(command, io, async (bench) => {
    const lesions = await bench.points(command.lesions);
    const truths = await readTruths(later, command.truth, bench);
    await assertOnePatient(paths, bench);
    const query = await bench.embed(await bench.series(first));
    const rows: Row[] = [];
    if (command.pictures !== undefined) await drawGiven(command.pictures, query, lesions);
    for (const [index, path] of later.entries()) {
      const target = await bench.embed(await bench.series(path));
      const outcomes = await matchAll(query, target, lesions, bench);
      for (const [n, outcome] of outcomes.entries()) {
        const { name: lesion = '', trackingUid } = lesions[n] ?? {};
        rows.push({ lesion, ...(trackingUid === undefined ? {} : { trackingUid }), series: path, outcome });
      }
      if (command.pictures !== undefined) await drawFound(command.pictures, target, outcomes, index + 2);
    }
    const measures = truths && trackMeasures(trackedPoints(rows, later, truths));
    if (command.out === undefined) {
      printJson(io, { lesions: rows.map(plain), ...(measures === undefined ? {} : { measures }) });
      return;
    }
    if (measures !== undefined) printJson(io, { measures });
    await writeFile(command.out, toCsv(COLUMNS, rows.map(cells)));
  });
}

/** The true places of each later series; undefined where none are given. */
async function readTruths(
  later: readonly string[],
  files: readonly string[] | undefined,
  bench: Workbench,
): Promise<readonly (readonly NamedPoint[])[] | undefined> {
  if (files === undefined) return undefined;
  if (files.length !== later.length) {
    const reason = `is given ${String(files.length)} times; there are ${String(later.length)} later series`;
    throw new SamepointError('cli/unreadable-input', { input: '--truth', reason });
  }
  return await Promise.all(files.map((file) => bench.points(file)));
}

/** The lesions whose true place is known, with their answers. */
function trackedPoints(
  rows: readonly Row[],
  later: readonly string[],
  truths: readonly (readonly NamedPoint[])[],
): readonly TrackedPoint[] {
  return rows.flatMap(({ lesion, series, outcome }) => {
    const truth = truths[later.indexOf(series)]?.find(({ name }) => name === lesion)?.lps;
    return truth === undefined ? [] : [{ truth, answer: outcome.ok ? outcome.match.target.lps : undefined }];
  });
}

/** Series that name their patient must name the same one. NIfTI files name none. */
async function assertOnePatient(paths: readonly string[], { series }: Workbench): Promise<void> {
  let first: DicomJson | undefined;
  for (const path of paths) {
    const input = await series(path);
    if (input.kind === 'nifti') continue;
    const header = await headerOf(input);
    first ??= header;
    if (patientOf(header) === patientOf(first)) continue;
    throw new SamepointError('application/different-patients', {
      seriesInstanceUid: stringOf(first, 'SeriesInstanceUID') ?? '',
      otherSeriesInstanceUid: stringOf(header, 'SeriesInstanceUID') ?? '',
    });
  }
}

function patientOf(header: DicomJson): string {
  return JSON.stringify([stringOf(header, 'PatientID'), stringOf(header, 'IssuerOfPatientID')]);
}

async function matchAll(
  query: Embedding,
  target: Embedding,
  lesions: readonly NamedPoint[],
  { open, model, io }: Workbench,
): Promise<readonly PointOutcome[]> {
  const { target: lying, turn, isSideUnsure } = await alignTarget({ query, target }, open, io);
  const points = lesions.map(({ lps }, index) => ({ id: String(index), lps }));
  return await open.modules.matchPoints({
    ...{ query, target: lying, turn, isSideUnsure, points },
    model: model.manifest,
    signal: io.signal,
  });
}

const COLUMNS = [
  'lesion', 'series', 'x', 'y', 'z', 'verdict', 'errorRadiusMm', 'similarity', 'cycleErrorMm', 'change', 'queryDiameterMm',
  'targetDiameterMm', 'trackingUid', 'error',
]; // prettier-ignore

function cells({ lesion, series, trackingUid, outcome }: Row): readonly Cell[] {
  if (!outcome.ok) return [lesion, series, ...Array<undefined>(10), trackingUid, outcome.error.message];
  const { target, verdict, errorRadiusMm, similarity, cycleErrorMm, change } = outcome.match;
  const changed = [change?.kind, change?.queryDiameterMm, change?.targetDiameterMm];
  return [
    lesion,
    series,
    ...target.lps,
    verdict,
    errorRadiusMm,
    similarity,
    cycleErrorMm,
    ...changed,
    trackingUid,
    undefined,
  ];
}

function plain({ outcome, ...row }: Row): object {
  if (outcome.ok) return { ...row, ok: true, match: outcome.match };
  const { code, message, remedy } = outcome.error;
  return { ...row, ok: false, error: { code, message, remedy } };
}

/** Names of files are numbers: a lesion's name may hold anything. */
function fileOf(folder: string, lesion: number, series: number): string {
  return join(folder, `lesion-${String(lesion).padStart(2, '0')}-series-${String(series)}.png`);
}

async function drawGiven(
  folder: string,
  embedding: Embedding,
  lesions: readonly NamedPoint[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [n, { lps }] of lesions.entries()) {
    const given = { lps, radiusMm: 0, similarity: 1, verdict: 'given' } as const;
    await writeFile(fileOf(folder, n + 1, 1), toPng(pictureOf(embedding, given)));
  }
}

async function drawFound(
  folder: string,
  embedding: Embedding,
  outcomes: readonly PointOutcome[],
  series: number,
): Promise<void> {
  for (const [n, outcome] of outcomes.entries()) {
    if (!outcome.ok) continue;
    const { target, errorRadiusMm: radiusMm, similarity, verdict } = outcome.match;
    const marked = { lps: target.lps, radiusMm, similarity, verdict };
    await writeFile(fileOf(folder, n + 1, series), toPng(pictureOf(embedding, marked)));
  }
}
