import { isUid } from '../dicom/index.ts';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SeriesRef } from '../dicomweb/index.ts';
import { SamepointError } from '../errors/index.ts';
import { readNifti } from '../volume/index.ts';
import type { Sampling, Volume, VolumeModality } from '../volume/index.ts';
import type { OpenModules } from '../composition/index.ts';

/** A series named on the command line: in the PACS, or in files. */
export type SeriesInput =
  | { readonly kind: 'pacs'; readonly series: SeriesRef }
  | { readonly kind: 'folder'; readonly path: string }
  /** A NIfTI file does not say its modality. */
  | { readonly kind: 'nifti'; readonly path: string; readonly modality: VolumeModality };

const NIFTI_NAME = /\.nii(\.gz)?$/i;
/** PS3.10 7.1: 128 bytes of preamble, then "DICM". */
const PREFIX_OFFSET = 128;
const PREFIX = 'DICM';

async function kindOfPath(path: string): Promise<'folder' | 'file' | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return found.isDirectory() ? 'folder' : 'file';
}

function parseSeriesRef(text: string): SeriesRef | undefined {
  const [studyInstanceUid, seriesInstanceUid, ...rest] = text.split('/');
  if (rest.length > 0 || !isUid(studyInstanceUid) || !isUid(seriesInstanceUid)) return undefined;
  return { studyInstanceUid, seriesInstanceUid };
}

/**
 * What an argument names: an existing folder or .nii/.nii.gz file, otherwise `<StudyInstanceUID>/<SeriesInstanceUID>`.
 * @param modality of a NIfTI file; the others say their own
 * @throws SamepointError `cli/unreadable-input`
 */
export async function parseInput(text: string, modality: VolumeModality = 'CT'): Promise<SeriesInput> {
  const kind = await kindOfPath(text);
  if (kind === 'folder') return { kind, path: text };
  if (kind === 'file' && NIFTI_NAME.test(text)) return { kind: 'nifti', path: text, modality };
  const series = kind === undefined ? parseSeriesRef(text) : undefined;
  if (series !== undefined) return { kind: 'pacs', series };
  const reason =
    kind === 'file'
      ? 'is neither a folder nor a .nii or .nii.gz file'
      : 'is no file, no folder and no pair of UIDs';
  throw new SamepointError('cli/unreadable-input', { input: text, reason });
}

async function* dicomFiles(folder: string): AsyncGenerator<Uint8Array, void, undefined> {
  let found = 0;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) {
    const bytes = await readFile(file);
    if (bytes.toString('latin1', PREFIX_OFFSET, PREFIX_OFFSET + PREFIX.length) !== PREFIX) continue;
    found += 1;
    yield bytes;
  }
  if (found === 0) {
    throw new SamepointError('cli/unreadable-input', { input: folder, reason: 'holds no DICOM file' });
  }
}

/** Reads a series from files, for the grid of one model. Files of the folder that are not DICOM Part 10 (DICOMDIR aside) are passed over. */
export async function readFiles(
  input: Exclude<SeriesInput, { kind: 'pacs' }>,
  { modules }: OpenModules,
  sampling: Sampling,
  signal: AbortSignal,
): Promise<Volume> {
  if (input.kind === 'nifti') return readNifti(await readFile(input.path), { modality: input.modality });
  return await modules.readVolume(dicomFiles(input.path), { signal, sampling });
}

/**
 * A point of the command line: "x,y,z", patient LPS in mm.
 * @throws SamepointError `cli/unreadable-input`
 */
export function parsePoint(text: string): readonly [number, number, number] {
  const parts = text.split(',');
  const [x, y, z] = parts.map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (
    parts.length === 3 &&
    x !== undefined &&
    y !== undefined &&
    z !== undefined &&
    [x, y, z].every(Number.isFinite)
  ) {
    return [x, y, z];
  }
  throw new SamepointError('cli/unreadable-input', {
    input: text,
    reason: 'is no point; a point is three numbers in mm, for example --point=-12.5,80,-310',
  });
}
