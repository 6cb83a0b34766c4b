import { writeFile } from 'node:fs/promises';
import { SamepointError } from '../../errors/index.ts';
import {
  decodeTemplate,
  encodeTemplate,
  findLandmarks,
  makeTemplate,
  modelOfTemplate,
} from '../../landmarks/index.ts';
import type { LandmarkOutcome, LandmarkTemplate } from '../../landmarks/index.ts';
import { printJson, headerOf, readInput, withWorkbench } from '../../workbench/index.ts';
import type { CliIo, Workbench, WorkbenchOptions } from '../../workbench/index.ts';
import { contentOf, outputEnd, plain } from './output.ts';

/** Options of `samepoint landmarks make`. */
export interface MakeCommand extends WorkbenchOptions {
  /** File of named points of the series. */
  readonly points: string;
  /** File of the template. */
  readonly out: string;
  /** How far around the points vectors are kept, mm. */
  readonly reach: number;
}

/** Writes a template of the points of a series. */
export async function makeLandmarks(series: string, command: MakeCommand, io: CliIo): Promise<void> {
  await withWorkbench(command, io, async (bench) => {
    const landmarks = await bench.points(command.points);
    const embedding = await bench.embed(await bench.series(series));
    const { frameOfReferenceUid } = embedding.volume;
    if (landmarks.some((one) => (one.frameOfReferenceUid ?? frameOfReferenceUid) !== frameOfReferenceUid))
      throw new SamepointError('matching/other-frame-of-reference', {});
    const template = makeTemplate(embedding, landmarks, bench.model.manifest, command.reach);
    const text = JSON.stringify(encodeTemplate(template));
    await writeFile(command.out, text);
    printJson(io, {
      template: command.out,
      model: template.model,
      landmarks: landmarks.map(({ name }) => name),
      bytes: Buffer.byteLength(text),
    });
  });
}

/** Options of `samepoint landmarks find`. */
export interface FindCommand extends WorkbenchOptions {
  readonly templates: readonly string[];
  /** Files of the results; the ends of their names say what they are. */
  readonly out?: readonly string[] | undefined;
}

/** Finds the landmarks of templates in a series. Prints JSON, or writes files. */
export async function findInSeries(series: string, command: FindCommand, io: CliIo): Promise<void> {
  const files = command.out ?? [];
  for (const file of files) outputEnd(file);
  const texts = await Promise.all(
    command.templates.map(async (file) => parseTemplate(await readInput(file))),
  );
  const [first] = texts;
  const model = command.model ?? modelOfTemplate(first).id;
  await withWorkbench({ ...command, model }, io, async (bench) => {
    const input = await bench.series(series);
    const outcomes = await searchTemplates(decodeTemplates(texts, bench), series, bench);
    const results = { outcomes, header: () => headerOf(input), version: bench.version, now: new Date() };
    for (const file of files) await writeFile(file, await contentOf(file, results));
    if (files.length === 0) printJson(io, { landmarks: outcomes.map(plain) });
  });
}

/** Landmarks of templates in a series. */
export async function searchTemplates(
  templates: readonly LandmarkTemplate[],
  series: string,
  { open, model, io, embed, series: inputOf }: Workbench,
): Promise<readonly LandmarkOutcome[]> {
  return await findLandmarks({
    templates,
    target: await embed(await inputOf(series)),
    model: model.manifest,
    matchPoints: (request) => open.modules.matchPoints(request),
    signal: io.signal,
  });
}

/** Templates of the model of the bench. @throws SamepointError landmarks/unreadable-template */
export function decodeTemplates(
  texts: readonly unknown[],
  { model }: Pick<Workbench, 'model'>,
): readonly LandmarkTemplate[] {
  return texts.map((text) => decodeTemplate(text, model.manifest.matching.weights));
}

/** The JSON of a template. @throws SamepointError landmarks/unreadable-template */
export function parseTemplate(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    throw new SamepointError('landmarks/unreadable-template', { reason: 'it is no JSON' });
  }
}
