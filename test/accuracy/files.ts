/**
 * Volumes of the benchmark: DICOM folders and NIfTI files.
 * @module
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readNifti } from '../../server/src/nifti/index.ts';
import { readVolume } from '../../server/src/volumeAssembly/index.ts';
import type { Volume, VolumeModality } from '../../server/src/volume/index.ts';

/** A volume that is read when it is needed. */
export interface Subject {
  /** Says which volume it is, the same in every run; a changed file has another one. */
  readonly identity: string;
  readonly load: () => Promise<Volume>;
}

const NIFTI_NAME = /\.nii(\.gz)?$/i;
/** PS3.10 7.1: 128 bytes of preamble, then "DICM". */
const PREFIX_OFFSET = 128;
const PREFIX = 'DICM';

/** Something is wrong with what the caller gave; the message is for them. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

function isDicom(bytes: Buffer): boolean {
  return bytes.toString('latin1', PREFIX_OFFSET, PREFIX_OFFSET + PREFIX.length) === PREFIX;
}

/** All files below a folder, at any depth, sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function* dicomFiles(folder: string): AsyncGenerator<Uint8Array> {
  let found = 0;
  for (const file of await filesBelow(folder)) {
    const bytes = await readFile(file);
    if (!isDicom(bytes)) continue;
    found += 1;
    yield bytes;
  }
  if (found === 0) throw new InputError(`${folder} holds no DICOM file`);
}

async function identityOf(path: string): Promise<string> {
  const isFolder = (await stat(path)).isDirectory();
  const files = isFolder ? await filesBelow(path) : [path];
  const hash = createHash('sha256').update(path);
  for (const file of files) {
    const { size, mtimeMs } = await stat(file);
    hash.update(`\0${file}\0${size}\0${mtimeMs}`);
  }
  return hash.digest('hex');
}

/**
 * A DICOM folder (one series, at any depth) or a .nii or .nii.gz file.
 * @param modality of a NIfTI file, which does not say; default CT. A DICOM series says its own.
 * @throws InputError when there is neither.
 */
export async function subjectAt(path: string, modality?: VolumeModality): Promise<Subject> {
  if (!existsSync(path)) throw new InputError(`${path} does not exist`);
  const identity = `${await identityOf(path)} ${modality ?? ''}`;
  if ((await stat(path)).isDirectory())
    return { identity, load: async () => ofModality(await readVolume(dicomFiles(path)), path, modality) };
  if (!NIFTI_NAME.test(path)) throw new InputError(`${path} is neither a folder nor a .nii or .nii.gz file`);
  const options = modality === undefined ? {} : { modality };
  return { identity, load: async () => readNifti(await readFile(path), options) };
}

function ofModality(volume: Volume, path: string, modality: VolumeModality | undefined): Volume {
  if (modality !== undefined && volume.modality !== modality)
    throw new InputError(`${path} is ${volume.modality}, but pairs.json says ${modality}`);
  return volume;
}

/**
 * The volumes of a folder that was never seen before: the folder itself when DICOM files lie in it, otherwise every NIfTI
 * file and every subfolder of it.
 * @returns name and path of each, sorted by name.
 */
export async function volumesIn(path: string): Promise<{ readonly name: string; readonly path: string }[]> {
  if (!existsSync(path)) throw new InputError(`${path} does not exist`);
  const nameOf = (file: string): string =>
    (file.split('/').filter(Boolean).at(-1) ?? file).replace(NIFTI_NAME, '');
  if (!(await stat(path)).isDirectory()) return [{ name: nameOf(path), path }];
  const entries = await readdir(path, { withFileTypes: true });
  for (const entry of entries) {
    if (entry.isFile() && isDicom(await readFile(join(path, entry.name))))
      return [{ name: nameOf(path), path }];
  }
  const found = entries
    .filter((entry) => entry.isDirectory() || NIFTI_NAME.test(entry.name))
    .map((entry) => ({ name: nameOf(entry.name), path: join(path, entry.name) }));
  if (found.length === 0) throw new InputError(`${path} holds no DICOM file, no NIfTI file and no folder`);
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
