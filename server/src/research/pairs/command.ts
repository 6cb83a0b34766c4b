import { appendFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileKind } from '../../dicom/index.ts';
import type { Embedding } from '../../embedding/index.ts';
import { SamepointError } from '../../errors/index.ts';
import { betweenPatients } from '../../matching/index.ts';
import { cropAround, drawPair, MOST_TRIES } from '../../trainingPairs/index.ts';
import type { DrawnPair, DrawRequest, PairSeries } from '../../trainingPairs/index.ts';
import { writeNifti } from '../../nifti/index.ts';
import { alignTarget, printJson, progressLine, withWorkbench } from '../../workbench/index.ts';
import type { CliIo, Workbench, WorkbenchOptions } from '../../workbench/index.ts';

/** Options of `samepoint pairs`. */
export interface PairsCommand extends WorkbenchOptions {
  /** Edge of a crop, voxels of the working image. */
  readonly crop: number;
  readonly count: number;
  readonly minScore: number;
  readonly seed: number;
  readonly out: string;
}

type Side = DrawnPair['a'] & { readonly file: string };
/** A line of the manifest; a number without a pair has only itself and the tries. */
interface Line extends Partial<Omit<DrawnPair, 'a' | 'b'>> {
  readonly number: number;
  readonly a?: Side;
  readonly b?: Side;
}

const MANIFEST = 'pairs.jsonl';
const SETTINGS = 'settings.json';
/** Embeddings that are held at a time: both series of a pair, and the last ones. */
const HELD = 4;

/** Writes crops of the same place in two series. A run that was interrupted is continued; the same settings give the same bytes. */
export async function makePairs(folders: readonly string[], command: PairsCommand, io: CliIo): Promise<void> {
  const series = (await Promise.all(folders.map(seriesIn))).flat();
  if (series.length < 2)
    throw new SamepointError('cli/unreadable-input', {
      input: folders.join(', '),
      reason: 'holds fewer than two series',
    });
  await withWorkbench(command, io, async (bench) => {
    await mkdir(command.out, { recursive: true });
    const { model } = bench;
    const { crop, minScore, seed } = command;
    const settings = {
      model: [model.id, model.manifest.version],
      crop,
      minScore,
      seed,
      series: series.map(({ name }) => name),
    };
    await requireSameSettings(join(command.out, SETTINGS), JSON.stringify(settings));
    const done = await manifestOf(join(command.out, MANIFEST));
    const request = drawing(series, command, bench);
    const line = progressLine(io);
    for (let number = 0; number < command.count; number++) {
      io.signal.throwIfAborted();
      if (done.has(number)) continue;
      line.show(number / command.count, 'Pairs');
      done.set(number, await writePair(number, request, command));
    }
    line.clear();
    const made = [...done.values()].filter(({ a }) => a !== undefined).length;
    printJson(io, { pairs: made, without: done.size - made, manifest: join(command.out, MANIFEST) });
  });
}

/** The series of a patient's folder: each folder with files that are no NIfTI, and each NIfTI file. */
async function seriesIn(folder: string): Promise<readonly PairSeries[]> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true)
    throw new SamepointError('cli/unreadable-input', { input: folder, reason: 'is no folder' });
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const isNifti = (file: string): boolean => /\.nii(\.gz)?$/iu.test(file);
  const paths = new Set(files.filter(isNifti));
  // A folder with other files only, such as tables of the patient beside the series, is none.
  for (const file of files)
    if (!isNifti(file) && !paths.has(dirname(file)) && (await isDicom(file))) paths.add(dirname(file));
  return [...paths].sort().map((path) => ({ name: path, patient: folder }));
}

async function isDicom(file: string): Promise<boolean> {
  return fileKind(await readFile(file)) !== 'foreign';
}

async function requireSameSettings(file: string, settings: string): Promise<void> {
  const before = await readFile(file, 'utf8').catch(() => undefined);
  if (before === undefined) await writeFile(file, settings);
  else if (before !== settings)
    throw new SamepointError('cli/unreadable-input', {
      input: file,
      reason: 'holds the settings of other pairs; give another folder',
    });
}

/** The lines of an earlier run; a last one that was cut is drawn again. */
async function manifestOf(file: string): Promise<Map<number, Line>> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole !== text) await writeFile(file, whole);
  const lines = whole.split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => JSON.parse(line) as Line).map((line) => [line.number, line]));
}

function drawing(
  series: readonly PairSeries[],
  { minScore, seed }: PairsCommand,
  bench: Workbench,
): DrawRequest {
  const held = new Map<string, Promise<Embedding>>();
  const embeddingOf = ({ name }: PairSeries): Promise<Embedding> => {
    const known = held.get(name) ?? bench.series(name).then((input) => bench.embed(input));
    held.delete(name);
    held.set(name, known);
    for (const [old] of [...held].slice(0, -HELD)) held.delete(old);
    return known;
  };
  const { open, model, io } = bench;
  const match: DrawRequest['match'] = async (query, target, lps, kind) => {
    const aligned = await alignTarget({ query, target }, open, io);
    if (aligned.isSideUnsure) return undefined;
    const manifest = kind === 'within' ? model.manifest : betweenPatients(model.manifest);
    const [outcome] = await open.modules.matchPoints({
      ...{ query, target: aligned.target, turn: aligned.turn },
      ...{ points: [{ id: '', lps }], model: manifest, signal: io.signal },
    });
    if (outcome?.ok !== true) return undefined;
    const { verdict, target: found, similarity, cycleErrorMm } = outcome.match;
    const isReliable = verdict === 'matched' || (kind === 'between' && verdict === 'uncertain');
    return isReliable ? { lps: found.lps, similarity, cycleErrorMm } : undefined;
  };
  return { series, embeddingOf, match, minScore, seed };
}

/** Draws a pair, writes its crops, then its line. */
async function writePair(number: number, request: DrawRequest, { crop, out }: PairsCommand): Promise<Line> {
  const pair = await drawPair(request, number);
  const line: Line =
    pair === undefined ? { number, tries: MOST_TRIES } : { number, ...pair, ...filesOf(number, pair) };
  for (const side of [line.a, line.b]) {
    if (side === undefined) continue;
    const embedding = await request.embeddingOf({ name: side.series, patient: '' });
    await writeFile(join(out, side.file), writeNifti(cropAround(embedding, side.lps, crop)));
  }
  await appendFile(join(out, MANIFEST), `${JSON.stringify(line)}\n`);
  return line;
}

function filesOf(number: number, { a, b }: DrawnPair): Required<Pick<Line, 'a' | 'b'>> {
  const name = String(number).padStart(6, '0');
  return { a: { ...a, file: `${name}-a.nii` }, b: { ...b, file: `${name}-b.nii` } };
}
