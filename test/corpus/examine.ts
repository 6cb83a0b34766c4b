/**
 * Every series below a folder, read by Samepoint and by pydicom.
 * @module
 */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileKind, inflateDataSet, parsePart10, UnreadableDicom } from '../../server/src/dicom/index.ts';
import { isSamepointError } from '../../server/src/errors/index.ts';
import { createFrameDecoder } from '../../server/src/instances/index.ts';
import { readVolume } from '../../server/src/volumeAssembly/index.ts';
import { decodedOf } from '../../server/src/instances/readInstance.ts';
import type { FrameDecoder } from '../../server/src/instances/index.ts';
import type { Volume } from '../../server/src/volume/index.ts';
import { differenceOf, displacementOf, placeTolerance, toleranceOf } from './compare.ts';
import type { OtherImage, Pydicom } from './pydicom.ts';

/** What became of a series. */
export interface Examined {
  /** Path of its first file, below the folder. */
  readonly file: string;
  readonly files: number;
  /** Columns, rows and slices, where it is a volume. */
  readonly dims?: readonly number[];
  /** `accepted`, or the code of the refusal. */
  readonly outcome: string;
  /** Of the volume, or of the images where it was refused. */
  readonly warnings: readonly string[];
  /** Frames whose values and place are those of pydicom; that differ as decoders of lossy streams may; that pydicom does not read. */
  readonly exact: number;
  readonly close: number;
  readonly unread: number;
  /** What is wrong; empty where nothing is. */
  readonly wrong: readonly string[];
}

const SERIES_INSTANCE_UID = 'x0020000e';
const LIMITS = { maxVoxels: 2 ** 30, voxelsBefore: 0 };

/** Files by the series that they name; one that cannot be read is a series of its own. */
async function seriesBelow(folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const series = new Map<string, string[]>();
  for (const file of files.sort()) {
    const bytes = await readFile(file);
    if (fileKind(bytes) !== 'instance') continue;
    // Copies of one series in several folders are several series.
    const name = `${dirname(file)} ${seriesOf(bytes) ?? file}`;
    series.set(name, [...(series.get(name) ?? []), file]);
  }
  return series;
}

function seriesOf(bytes: Uint8Array): string | undefined {
  try {
    return parsePart10(bytes, { inflate: inflateDataSet }).string(SERIES_INSTANCE_UID);
  } catch (failure) {
    if (failure instanceof UnreadableDicom) return undefined;
    throw failure;
  }
}

async function* contentOf(files: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const file of files) yield await readFile(file);
}

/** Collects what the comparison of frames gives. */
class Tally {
  exact = 0;
  close = 0;
  unread = 0;
  readonly wrong: string[] = [];

  counts(): Pick<Examined, 'exact' | 'close' | 'unread' | 'wrong'> {
    const { exact, close, unread, wrong } = this;
    return { exact, close, unread, wrong };
  }

  add(name: string, difference: number, tolerance: number): void {
    if (difference === 0) this.exact += 1;
    else if (difference <= tolerance) this.close += 1;
    else this.wrong.push(`${name}: values differ by ${difference}`);
  }
}

/** Reads the series of a folder one after another. */
export async function* examine(folder: string, pydicom: Pydicom): AsyncGenerator<Examined> {
  const decoder = createFrameDecoder();
  try {
    for (const files of (await seriesBelow(folder)).values()) {
      const [first = ''] = files;
      const read = await readSeries(files, decoder);
      const tally = new Tally();
      if (typeof read === 'string') await compareImages(files, decoder, pydicom, tally);
      else await compareVolume(read, files, pydicom, tally);
      yield {
        file: relative(folder, first),
        files: files.length,
        ...(typeof read === 'string' ? { outcome: read } : { outcome: 'accepted', dims: read.dims }),
        warnings: typeof read === 'string' ? [] : read.warnings.map(({ code }) => code),
        ...tally.counts(),
      };
    }
  } finally {
    await decoder.close();
  }
}

/** The volume, or the code of its refusal. */
async function readSeries(files: readonly string[], decoder: FrameDecoder): Promise<Volume | string> {
  try {
    return await readVolume(contentOf(files), { decoder });
  } catch (thrown) {
    if (isSamepointError(thrown)) return thrown.code;
    throw thrown;
  }
}

/** The slices of a volume, each with the image that it says it is. */
async function compareVolume(
  volume: Volume,
  files: readonly string[],
  pydicom: Pydicom,
  tally: Tally,
): Promise<void> {
  const cells = volume.dims[0] * volume.dims[1];
  for (const file of files) {
    const image = await pydicom.read(file);
    for (const [k, { sopInstanceUid, frameNumber = 1, planeOffsetMm }] of volume.slices.entries()) {
      if (typeof image === 'string') continue;
      if (sopInstanceUid !== image.sopInstanceUid || planeOffsetMm !== undefined) continue;
      const name = `slice ${k + 1}`;
      const values = volume.data.subarray(k * cells, (k + 1) * cells);
      tally.add(name, differenceOf(values, image, frameNumber - 1), toleranceOf(image));
      const place = image.places[frameNumber - 1];
      const displacement = place === undefined ? Infinity : displacementOf(volume, k, place);
      if (!(displacement <= placeTolerance(volume)))
        tally.wrong.push(`${name}: displaced by ${displacement} mm`);
    }
  }
  const compared = tally.exact + tally.close + tally.wrong.length;
  tally.unread = Math.max(
    0,
    volume.slices.filter(({ planeOffsetMm }) => planeOffsetMm === undefined).length - compared,
  );
}

/** The images of a series that is no volume, as far as each can be read. */
async function compareImages(
  files: readonly string[],
  decoder: FrameDecoder,
  pydicom: Pydicom,
  tally: Tally,
): Promise<void> {
  for (const file of files) {
    const frames = await valuesOf(await readFile(file), decoder);
    if (frames.length === 0) continue;
    const image: OtherImage | string = await pydicom.read(file);
    for (const [frame, values] of frames.entries()) {
      if (typeof image === 'string') tally.unread += 1;
      else tally.add(`frame ${frame + 1}`, differenceOf(values, image, frame), toleranceOf(image));
    }
  }
}

/** Modality values of the frames of an instance; none where it is refused. */
async function valuesOf(bytes: Uint8Array, decoder: FrameDecoder): Promise<readonly ArrayLike<number>[]> {
  try {
    const { frames } = await decoder.read(bytes, { instance: 1, limits: LIMITS });
    return await Promise.all(frames.map(async (frame) => (await decodedOf(frame, decoder)).values));
  } catch (thrown) {
    if (isSamepointError(thrown)) return [];
    throw thrown;
  }
}
