/**
 * pairs.json: pairs of volumes with landmarks, for a run of the benchmark on other data. README.md explains
 * it with an example; this schema is the authority.
 * @module
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { z } from 'zod';
import { lpsPoint } from '../../server/src/geometry/index.ts';
import { InputError, subjectAt } from './files.ts';
import { parseJson } from './json.ts';
import type { Scene } from './scenes.ts';

/** x, y, z in patient LPS mm of the volume's own frame. */
const point = z.tuple([z.number(), z.number(), z.number()]);

const volume = z.strictObject({
  /** DICOM folder or .nii or .nii.gz file, relative to --data. */
  path: z.string().min(1),
  /** Of a NIfTI file, which does not say; default CT. */
  modality: z.enum(['CT', 'MR', 'PT']).optional(),
});

const pair = z.strictObject({
  /** Rows of the table are per case; pairs of the same case are pooled. Default "landmarks". */
  case: z.string().min(1).max(60).optional(),
  query: volume,
  target: volume,
  points: z.array(z.strictObject({ id: z.string().optional(), query: point, target: point })).min(1),
});

const file = z.strictObject({
  /** Name of the data in the table; default: the name of the folder. */
  data: z.string().min(1).max(60).optional(),
  pairs: z.array(pair).min(1),
});

/** A validated pairs.json. */
export type PairsFile = z.infer<typeof file>;

/**
 * Checks the content of a pairs.json.
 * @param source where it came from, for the message.
 * @throws InputError with the first problems and their places.
 */
export function parsePairs(text: string, source: string): PairsFile {
  return parseJson(text, source, file, 'test/accuracy/README.md');
}

/** The scenes of a pairs.json; its volumes are looked up below `folder`. */
export async function* pairScenes(pairsFile: string, folder: string): AsyncGenerator<Scene> {
  if (!existsSync(pairsFile)) throw new InputError(`${pairsFile} does not exist`);
  const { data = basename(folder), pairs } = parsePairs(await readFile(pairsFile, 'utf8'), pairsFile);
  for (const { case: name = 'landmarks', query, target, points } of pairs) {
    yield {
      data,
      case: name,
      query: await subjectAt(resolve(folder, query.path), query.modality),
      target: await subjectAt(resolve(folder, target.path), target.modality),
      points: points.map((landmark) => ({
        query: lpsPoint(...landmark.query),
        target: lpsPoint(...landmark.target),
      })),
    };
  }
}
