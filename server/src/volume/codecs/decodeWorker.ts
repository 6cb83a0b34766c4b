/**
 * Runs in a worker thread: one frame in, modality values out. Codecs are loaded on first use and stay.
 * @module
 */
import { move } from 'piscina';
import { giveBack } from '../giveBack.ts';
import type { EncodedFrame } from '../types.ts';
import type { Codec } from './codec.ts';
import { loadHtj2k, loadJpeg2000, loadJpegLs } from './emscripten.ts';
import { loadJpeg } from './jpeg.ts';
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

/** Entry point of the pool. */
export default async function decodeFrame(frame: EncodedFrame): Promise<unknown> {
  const name = codecOf(frame.transferSyntaxUid);
  if (name === undefined) throw new Error(`no codec for transfer syntax ${frame.transferSyntaxUid}`);
  const codec = frame.bigEndianWords ? decodeNativeBigEndian : await load(name);
  try {
    // A view, because structured cloning turned a Buffer or subarray into a plain Uint8Array.
    const cells = codec(frame.bytes, frame.format);
    const values = modalityValues(cells, frame.format);
    giveBack(cells);
    giveBack(frame.bytes);
    return move(values);
  } catch (error) {
    // An aborted WebAssembly instance may be broken for good: the next frame gets a new one.
    loaded.delete(name);
    throw error;
  }
}
