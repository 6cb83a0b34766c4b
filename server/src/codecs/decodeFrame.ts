/**
 * One frame to modality values, in the calling thread. Codecs are loaded on first use and stay.
 * @module
 */
import { errorFrom } from '../errors/index.ts';
import { giveBack } from '../concurrency/index.ts';
import type { EncodedFrame } from './types.ts';
import type { Codec } from './codec.ts';
import { cellCount } from './codec.ts';
import { loadHtj2k, loadJpeg2000, loadJpegLs } from './emscripten.ts';
import { loadJpeg } from './jpeg.ts';
import { withBoundedMemory } from './memoryBound.ts';
import { modalityValues } from './modalityValues.ts';
import { decodeNative, decodeNativeBigEndian } from './native.ts';
import { decodeRle } from './rle.ts';
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

/** @throws Error with the codec's reason */
export async function decodeFrame(frame: EncodedFrame): Promise<Int16Array | Float32Array> {
  const name = codecOf(frame.transferSyntaxUid);
  if (name === undefined) throw new Error(`no codec for transfer syntax ${frame.transferSyntaxUid}`);
  const codec = frame.bigEndianWords ? decodeNativeBigEndian : await load(name);
  try {
    const cells = withBoundedMemory(cellCount(frame.format), () => codec(frame.bytes, frame.format));
    const values = modalityValues(cells, frame.format);
    if (cells.buffer !== frame.bytes.buffer && cells.buffer !== values.buffer) giveBack(cells);
    return values;
  } catch (thrown) {
    // An aborted WebAssembly instance may stay broken: the next frame gets a new one.
    loaded.delete(name);
    throw errorFrom(thrown);
  }
}
