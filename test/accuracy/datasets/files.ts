/**
 * Files of datasets: they are found by name at any depth, because archives unpack into folders of many shapes.
 * @module
 */
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { z } from 'zod';
import { isSamepointError } from '../../../server/src/errors/index.ts';
import type { Volume, VolumeModality } from '../../../server/src/volume/index.ts';
import { filesBelow, InputError, subjectAt } from '../files.ts';
import type { Subject } from '../files.ts';
import { parseJson } from '../json.ts';

/**
 * All files below a folder of the caller's, sorted.
 * @throws InputError when there is no such folder.
 */
export async function filesIn(folder: string): Promise<string[]> {
  if (!existsSync(folder) || !(await stat(folder)).isDirectory())
    throw new InputError(`${folder} is no folder`);
  return filesBelow(folder);
}

/**
 * Paths by file name.
 * @throws InputError when two files of one name are looked up.
 */
export function byName(paths: readonly string[]): (name: string) => string | undefined {
  return (name) => {
    const [found, other] = paths.filter((path) => basename(path) === name);
    if (found !== undefined && other !== undefined)
      throw new InputError(`${found} and ${other} have the same name: remove one of them`);
    return found;
  };
}

/** Where Python writes NaN: after a bracket, comma, colon or blank. */
const NOT_A_NUMBER = /(?<=[[\s,:])NaN(?=[\s,\]}])/gu;

/**
 * Reads and checks a JSON file. `NaN`, which Python writes for a number that does not exist, is read as null.
 * @throws InputError with what is wrong and where.
 */
export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const text = (await readFile(path, 'utf8')).replaceAll(NOT_A_NUMBER, 'null');
  return parseJson(text, path, schema, 'test/accuracy/datasets/README.md');
}

/**
 * A NIfTI file of a dataset.
 * @throws InputError, also when it is loaded, with the name of the file.
 */
export async function niftiSubject(path: string, modality?: VolumeModality): Promise<Subject> {
  const { identity, load } = await subjectAt(path, modality);
  return { identity, load: () => named(path, load) };
}

async function named(path: string, load: () => Promise<Volume>): Promise<Volume> {
  try {
    return await load();
  } catch (error) {
    if (!isSamepointError(error)) throw error;
    throw new InputError(`${path}: ${error.message}`, { cause: error });
  }
}
