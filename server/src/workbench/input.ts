import { fileKind, headerJson, isUid, stringOf } from '../dicom/index.ts';
import type { DicomJson } from '../dicom/index.ts';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { SeriesRef } from '../dicomweb/index.ts';
import { isSamepointError, SamepointError } from '../errors/index.ts';
import { readNifti } from '../nifti/index.ts';
import { requireHounsfield } from '../volumeAssembly/index.ts';
import type { Sampling } from '../resampling/index.ts';
import type { Volume, VolumeModality } from '../volume/index.ts';
import type { OpenModules } from '../composition/index.ts';

/** A series named on the command line: in the PACS, or in files. */
export type SeriesInput =
  | { readonly kind: 'pacs'; readonly series: SeriesRef }
  | { readonly kind: 'folder'; readonly path: string }
  /** A NIfTI file does not say its modality. */
  | { readonly kind: 'nifti'; readonly path: string; readonly modality: VolumeModality };

/** A series in files. */
export type FilesInput = Exclude<SeriesInput, { kind: 'pacs' }>;

const NIFTI_NAME = /\.nii(\.gz)?$/i;
/** Why a DICOM file of a folder is passed over. */
const PASSED_OVER = {
  directory: 'the directory of a medium (DICOMDIR)',
  'no-instance': 'a DICOM file without SOP class, which is no image',
} as const;

/** Called for each DICOM file that is passed over, and why. */
export type OnPassedOver = (file: string, reason: string) => void;

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

/** The instances in a folder and in those in it, in the order of their names. */
class FolderOfInstances {
  readonly #folder: string;
  readonly #onPassedOver: OnPassedOver;
  /** Of the instances that were given out. */
  readonly #names: string[] = [];

  constructor(folder: string, onPassedOver: OnPassedOver) {
    this.#folder = folder;
    this.#onPassedOver = onPassedOver;
  }

  async *instances(): AsyncGenerator<Uint8Array, void, undefined> {
    const entries = await readdir(this.#folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    for (const file of files.sort()) {
      const bytes = await readFile(file);
      const kind = fileKind(bytes);
      if (kind === 'foreign') continue;
      const name = relative(this.#folder, file);
      if (kind !== 'instance') {
        this.#onPassedOver(name, PASSED_OVER[kind]);
        continue;
      }
      this.#names.push(name);
      yield bytes;
    }
    if (this.#names.length === 0) {
      throw new SamepointError('cli/unreadable-input', {
        input: this.#folder,
        reason: 'holds no DICOM file',
      });
    }
  }

  /** The same error with the name of the file, where it counts instances. */
  named(thrown: unknown): unknown {
    for (const code of ['volume/not-dicom', 'volume/unreadable-instance'] as const) {
      if (!isSamepointError(thrown, code)) continue;
      const { instance, reason } = thrown.fields;
      const name = this.#names[instance - 1] ?? '';
      return new SamepointError(code, { instance, reason: `${name}: ${reason}` }, { cause: thrown });
    }
    return thrown;
  }
}

/** The files of a series: the one of NIfTI, the instances of a folder in the order of their names. */
export async function* filesOf(
  input: FilesInput,
  onPassedOver: OnPassedOver = () => undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (input.kind === 'nifti') yield await readFile(input.path);
  else yield* new FolderOfInstances(input.path, onPassedOver).instances();
}

/** How files are read. */
export interface Reading {
  /** The only grid that the voxels are needed for; every voxel where absent. */
  readonly sampling?: Sampling;
  readonly signal: AbortSignal;
  /** Called for files of a folder that are passed over although they are DICOM. */
  readonly onPassedOver?: OnPassedOver;
}

/** Reads a series from files. Files of the folder that are no DICOM instances are passed over. */
export async function readFiles(
  input: FilesInput,
  { modules }: Pick<OpenModules, 'modules'>,
  { sampling, signal, onPassedOver = () => undefined }: Reading,
): Promise<Volume> {
  if (input.kind === 'nifti') return await readNiftiFile(input);
  const folder = new FolderOfInstances(input.path, onPassedOver);
  return await readFolder(folder, (instances) =>
    modules.readVolume(instances, { signal, ...(sampling === undefined ? {} : { sampling }) }),
  );
}

/**
 * Reads a series from files with all of its voxels.
 * @param onSize called with the bytes of the voxels before their memory is allocated (of a NIfTI file: afterwards); may throw
 */
export async function readAllVoxels(
  input: FilesInput,
  { modules }: OpenModules,
  signal: AbortSignal,
  onSize: (bytes: number) => void,
): Promise<Volume> {
  if (input.kind === 'nifti') {
    const volume = await readNiftiFile(input);
    onSize(volume.data.byteLength);
    return volume;
  }
  const folder = new FolderOfInstances(input.path, () => undefined);
  return await readFolder(folder, (instances) => modules.readVolume(instances, { signal, onSize }));
}

/** The header of one instance of a folder, in the DICOM JSON model. */
export async function readHeaderOf(folder: string, sopInstanceUid: string): Promise<DicomJson> {
  for await (const bytes of new FolderOfInstances(folder, () => undefined).instances()) {
    const header = headerJson(bytes);
    if (stringOf(header, 'SOPInstanceUID') === sopInstanceUid) return header;
  }
  throw new SamepointError('cli/unreadable-input', { input: folder, reason: 'has changed meanwhile' });
}

async function readNiftiFile({ path, modality }: Extract<SeriesInput, { kind: 'nifti' }>): Promise<Volume> {
  const volume = readNifti(await readFile(path), { modality });
  if (modality === 'CT') requireHounsfield(volume.data);
  return volume;
}

async function readFolder(
  folder: FolderOfInstances,
  read: (instances: AsyncIterable<Uint8Array>) => Promise<Volume>,
): Promise<Volume> {
  try {
    return await read(folder.instances());
  } catch (thrown) {
    throw folder.named(thrown);
  }
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
