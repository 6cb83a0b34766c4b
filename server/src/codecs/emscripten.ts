/**
 * JPEG-LS, JPEG 2000 and HTJ2K by the WebAssembly builds of CharLS, OpenJPEG and OpenJPH. The plain entry points of the
 * packages are JavaScript builds, five to ten times slower.
 * @module
 */
import { checkStream, copyCells, requireEndMarker } from './codec.ts';
import type { Cells, Codec } from './codec.ts';
import { checkJpeg2000, checkJpegLs } from './streamHeader.ts';
import type { PixelFormat } from './types.ts';

/** The libraries report on stdout and stderr; only their errors matter, and those only as a reason. */
class MessageLog {
  #errors: string[] = [];

  readonly options = {
    print: (line: string): void => {
      this.#record(line);
    },
    printErr: (line: string): void => {
      this.#record(line);
    },
  };

  /** Errors since the last call. */
  drain(): string[] {
    const errors = this.#errors;
    this.#errors = [];
    return errors;
  }

  #record(line: string): void {
    if (/error|warning/i.test(line)) this.#errors.push(line.trim());
  }
}

function run(decoder: CodecDecoder, log: MessageLog, bytes: Uint8Array, format: PixelFormat): Cells {
  log.drain();
  decoder.getEncodedBuffer(bytes.length).set(bytes);
  decoder.decode();
  const errors = log.drain();
  if (errors.length > 0) throw new Error(errors.join('; '));
  const info = decoder.getFrameInfo();
  checkStream(info, format);
  return copyCells(decoder.getDecodedBuffer(), info.bitsPerSample, format);
}

/** JPEG-LS, lossless and near-lossless. */
export async function loadJpegLs(): Promise<Codec> {
  const { default: createCharls } = await import('@cornerstonejs/codec-charls/decodewasmjs');
  const log = new MessageLog();
  const charls = await createCharls(log.options);
  return (bytes, format) => {
    requireEndMarker(bytes);
    checkJpegLs(bytes, format);
    const decoder = new charls.JpegLSDecoder();
    try {
      return run(decoder, log, bytes, format);
    } catch (error) {
      throw typeof error === 'number' ? new Error(charls.getExceptionMessage(error)) : error;
    } finally {
      decoder.delete();
    }
  };
}

/** JPEG 2000 part 1, reversible and irreversible. */
export async function loadJpeg2000(): Promise<Codec> {
  const { default: createOpenjpeg } = await import('@cornerstonejs/codec-openjpeg/decodewasmjs');
  const log = new MessageLog();
  const openjpeg = await createOpenjpeg(log.options);
  return (bytes, format) => {
    requireEndMarker(bytes);
    checkJpeg2000(bytes, format);
    const decoder = new openjpeg.J2KDecoder();
    try {
      return run(decoder, log, bytes, format);
    } finally {
      decoder.delete();
    }
  };
}

/** High-throughput JPEG 2000. */
export async function loadHtj2k(): Promise<Codec> {
  const { default: createOpenjph } = await import('@cornerstonejs/codec-openjph/wasmjs');
  const log = new MessageLog();
  const openjph = await createOpenjph(log.options);
  return (bytes, format) => {
    requireEndMarker(bytes);
    checkJpeg2000(bytes, format);
    const decoder = new openjph.HTJ2KDecoder();
    try {
      return run(decoder, log, bytes, format);
    } finally {
      decoder.delete();
    }
  };
}
