/**
 * Series of thin slices as a scanner sends them, in several transfer syntaxes: 512 x 512 pixels of 0.7 mm, slices of 0.625 mm. The
 * anatomy is the phantom's, magnified and mirrored along the body; white noise of a soft kernel makes the code streams as long as those
 * of a patient. Synthetic images; nothing of a patient.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { createPhantom } from '../../server/src/phantom/index.ts';
import { encodeHtj2k, encodeJpeg2000, encodeJpegLs } from '../../server/src/volume/testing/encoders.ts';
import type { Picture } from '../../server/src/volume/testing/encoders.ts';
import { ctAttributes, part10, seededRandom } from '../../server/src/volume/testing/syntheticSeries.ts';
import type { Storage } from '../../server/src/volume/testing/syntheticSeries.ts';
import type { Volume } from '../../server/src/volume/types.ts';
import type { SeriesRef } from '../support/api.ts';

const PIXELS = 512;
const PIXEL_MM = 0.7;
/** Distance of the slices, mm. */
export const THIN_SLICE_MM = 0.625;
/** Slices that differ; longer series go back and forth in them. */
const DISTINCT = 400;
/** Voxels of the phantom that is magnified, relative to the full one: it is drawn in a second. */
const COARSENESS = 3;
/** Standard deviation of the noise, HU: a chest at 0.625 mm and a soft kernel. */
const NOISE_HU = 15;
const LOWEST_HU = -1024;

/** How pixels are sent, by the name that the results have. */
export const THIN_SYNTAXES = {
  raw: { transferSyntaxUid: '1.2.840.10008.1.2.1', encode: undefined },
  'jpeg-ls': { transferSyntaxUid: '1.2.840.10008.1.2.4.80', encode: encodeJpegLs },
  'jpeg 2000': { transferSyntaxUid: '1.2.840.10008.1.2.4.90', encode: encodeJpeg2000 },
  htj2k: { transferSyntaxUid: '1.2.840.10008.1.2.4.201', encode: encodeHtj2k },
} as const;

/** One of {@link THIN_SYNTAXES}. */
export type ThinSyntax = keyof typeof THIN_SYNTAXES;

function newUid(): string {
  return `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;
}

/** Index within n of a place beyond it, mirrored at the ends. */
function mirrored(index: number, n: number): number {
  const at = index % (2 * n);
  return at < n ? at : 2 * n - 1 - at;
}

/** Normal numbers with mean 0 and standard deviation 1 (Box-Muller). */
function normalNumbers(count: number): Float32Array {
  const random = seededRandom(1);
  return Float32Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}

/** Draws the slices: the phantom, linear along its rows and columns, and noise that never repeats at the same place. */
class ThinSlices {
  readonly #source: Volume = createPhantom({ seed: 1, coarseness: COARSENESS }).timePoints[0].volume;
  readonly #noise = normalNumbers(2 ** 20);

  /** Modality values of a slice, HU. */
  draw(slice: number): Int16Array {
    const { dims, voxelToLps, data } = this.#source;
    const [columns, rows, slices] = dims;
    const [x, y, z] = [voxelToLps[0], voxelToLps[5], voxelToLps[10]];
    const from = columns * rows * mirrored(Math.floor((slice * THIN_SLICE_MM) / z), slices);
    const values = new Int16Array(PIXELS * PIXELS);
    // Another part of the noise for each slice.
    const shift = slice * 104_729;
    for (let j = 0; j < PIXELS; j++) {
      const row = from + columns * Math.min(rows - 1, Math.floor((j * PIXEL_MM) / y));
      for (let i = 0; i < PIXELS; i++) {
        const at = Math.min(columns - 1, (i * PIXEL_MM) / x);
        const left = Math.floor(at);
        const low = data[row + left] ?? 0;
        const high = data[row + Math.min(columns - 1, left + 1)] ?? 0;
        const noise = this.#noise[(shift + j * PIXELS + i) % this.#noise.length] ?? 0;
        const hu = low + (at - left) * (high - low) + NOISE_HU * noise;
        values[j * PIXELS + i] = Math.max(LOWEST_HU, Math.round(hu));
      }
    }
    return values;
  }
}

/** Pixels of every distinct slice, encoded once for all series of a syntax. */
export class ThinPixels {
  readonly syntax: ThinSyntax;
  readonly #pixels: readonly Storage[];

  private constructor(syntax: ThinSyntax, pixels: readonly Storage[]) {
    this.syntax = syntax;
    this.#pixels = pixels;
  }

  /**
   * Draws and encodes the pixels: a minute for JPEG 2000.
   * @param longest slices of the longest series
   */
  static async in(syntax: ThinSyntax, longest = DISTINCT): Promise<ThinPixels> {
    const slices = new ThinSlices();
    const { transferSyntaxUid, encode } = THIN_SYNTAXES[syntax];
    const pixels: Storage[] = [];
    for (let slice = 0; slice < Math.min(DISTINCT, longest); slice++) {
      const cells = slices.draw(slice);
      const picture: Picture = { width: PIXELS, height: PIXELS, bitsPerSample: 16, isSigned: true, cells };
      pixels.push({ transferSyntaxUid, pixels: encode === undefined ? cells : [await encode(picture)] });
    }
    return new ThinPixels(syntax, pixels);
  }

  /** The Part 10 files of a series. */
  *filesOf(series: SeriesRef, slices: number): Generator<Uint8Array> {
    const frameOfReferenceUid = newUid();
    for (let slice = 0; slice < slices; slice++) {
      const attributes = ctAttributes(slice, {
        PatientID: 'bench',
        SOPInstanceUID: newUid(),
        StudyInstanceUID: series.studyInstanceUid,
        SeriesInstanceUID: series.seriesInstanceUid,
        FrameOfReferenceUID: frameOfReferenceUid,
        ImagePositionPatient: [-179, -179, slice * THIN_SLICE_MM],
        PixelSpacing: [PIXEL_MM, PIXEL_MM],
        Rows: PIXELS,
        Columns: PIXELS,
        BitsStored: 16,
        HighBit: 15,
        PixelRepresentation: 1,
        RescaleIntercept: 0,
      });
      yield part10(attributes, this.#pixels[mirrored(slice, this.#pixels.length)]);
    }
  }
}

/** UIDs of a series that does not exist yet. */
export function newSeries(): SeriesRef {
  return { studyInstanceUid: newUid(), seriesInstanceUid: newUid() };
}
