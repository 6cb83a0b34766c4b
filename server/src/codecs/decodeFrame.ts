/**
 * One frame to modality values, in the calling thread. Codecs are loaded on first use and stay.
 * @module
 */
import { errorFrom } from '../errors/index.ts';
import { giveBack } from '../concurrency/index.ts';
import type { EncodedFrame, PixelFormat } from './types.ts';
import type { Cells, Codec } from './codec.ts';
import { cellCount } from './codec.ts';
import { loadHtj2k, loadJpeg2000, loadJpegLs } from './emscripten.ts';
import { loadJpeg } from './jpeg.ts';
import { withBoundedMemory } from './memoryBound.ts';
import { modalityValues } from './modalityValues.ts';
import { decodeNative, decodeNativeBigEndian } from './native.ts';
import { clampCells, formatAtLevel, lowPassCells } from './reducedCells.ts';
import { decodeRle } from './rle.ts';
import { omissibleLevels } from './streamHeader.ts';
import { codecOf } from './transferSyntaxes.ts';
import type { CodecName } from './transferSyntaxes.ts';

const loaders: Readonly<Record<CodecName, () => Promise<Codec>>> = {
  native: () => Promise.resolve(decodeNative),
  rle: () => Promise.resolve(decodeRle),
  jpeg: loadJpeg,
  jpegls: loadJpegLs,
  jpeg2000: loadJpeg2000,
  htj2k: loadHtj2k,
};

const loaded = new Map<CodecName, Promise<Codec>>();

function load(name: CodecName): Promise<Codec> {
  const known = loaded.get(name) ?? loaders[name]();
  loaded.set(name, known);
  return known;
}

/**
 * Most resolution levels that need not be decoded of a frame so that what remains is the low-pass band of its modality values. Padding
 * must be no brighter than what replaces it: where the band mixes it with the image, the mixture is recognised by being darker.
 */
export function omissibleLevelsOf({ transferSyntaxUid, bytes, format }: EncodedFrame): number {
  const name = codecOf(transferSyntaxUid);
  if (name !== 'jpeg2000' && name !== 'htj2k') return 0;
  const { padding, slope, intercept } = format;
  const isDark = padding === undefined || (slope > 0 && padding.high * slope + intercept <= padding.value);
  return isDark ? omissibleLevels(bytes, format) : 0;
}

/**
 * Modality values of a frame, or of its low-pass band where `frame.level` omits resolution levels: by the codec where it can, else from
 * all values.
 * @param isTransient the values are read before the next frame is decoded in this thread, which may overwrite them
 * @throws Error with the codec's reason
 */
export async function decodeFrame(
  frame: EncodedFrame,
  isTransient = false,
): Promise<Int16Array | Float32Array> {
  const { level = 0 } = frame;
  if (level > 0) return await decodeLevel(frame, level);
  const cells = await decodeCells(frame, 0);
  const values = modalityValues(cells, frame.format, isTransient);
  if (cells.buffer !== frame.bytes.buffer && cells.buffer !== values.buffer) giveBack(cells);
  return values;
}

async function decodeLevel(frame: EncodedFrame, level: number): Promise<Int16Array | Float32Array> {
  const format = formatAtLevel(frame.format, level);
  const cells = await bandCells(frame, format, level);
  const values = modalityValues(cells, format);
  // What is darker than air is a mixture with padding.
  const lowest = format.padding?.value ?? -Infinity;
  for (let index = 0; index < values.length; index += 1)
    if ((values[index] ?? 0) < lowest) values[index] = lowest;
  return values;
}

async function bandCells(frame: EncodedFrame, format: PixelFormat, level: number): Promise<Cells> {
  if (omissibleLevelsOf(frame) >= level) {
    try {
      return clampCells(await decodeCells(frame, level), format);
    } catch {
      // One tile may have fewer levels than the main header says.
    }
  }
  return lowPassCells(await decodeCells(frame, 0), frame.format, level);
}

async function decodeCells(frame: EncodedFrame, level: number): Promise<Cells> {
  const name = codecOf(frame.transferSyntaxUid);
  if (name === undefined) throw new Error(`no codec for transfer syntax ${frame.transferSyntaxUid}`);
  const codec = frame.bigEndianWords ? decodeNativeBigEndian : await load(name);
  try {
    return withBoundedMemory(cellCount(frame.format), () => codec(frame.bytes, frame.format, level));
  } catch (thrown) {
    // An aborted WebAssembly instance may stay broken: the next frame gets a new one.
    loaded.delete(name);
    throw errorFrom(thrown);
  }
}
