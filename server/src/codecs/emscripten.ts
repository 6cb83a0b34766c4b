/**
 * JPEG-LS, JPEG 2000 and HTJ2K by the WebAssembly builds of CharLS, OpenJPEG and OpenJPH. The plain entry points of the
 * packages are JavaScript builds, five to ten times slower.
 * @module
 */
import { requireAgreement } from './agreement.ts';
import { checkStream, copyCells } from './codec.ts';
import type { Cells, Codec } from './codec.ts';
import { jpeg2000Stream, jpegStream } from './endOfStream.ts';
import { formatAtLevel } from './reducedCells.ts';
import { checkJpeg2000, checkJpegLs } from './streamHeader.ts';
import type { PixelFormat } from './types.ts';

/** Quality layers that are decoded: all of them. */
const ALL_LAYERS = 0;

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

function run(
  decoder: CodecDecoder,
  log: MessageLog,
  bytes: Uint8Array,
  format: PixelFormat,
  decode = (): void => {
    decoder.decode();
  },
): Uint8Array {
  log.drain();
  decoder.getEncodedBuffer(bytes.length).set(bytes);
  decode();
  const errors = log.drain();
  if (errors.length > 0) throw new Error(errors.join('; '));
  const info = decoder.getFrameInfo();
  checkStream(info, format);
  return decoder.getDecodedBuffer();
}

/** Runs a decoder of JPEG 2000 at a resolution level. */
function runAtLevel(
  decoder: LevelDecoder,
  log: MessageLog,
  bytes: Uint8Array,
  format: PixelFormat,
  level: number,
): Cells {
  const decoded = run(decoder, log, bytes, format, () => {
    if (level > 0) decoder.decodeSubResolution(level, ALL_LAYERS);
    else decoder.decode();
  });
  const cells = copyCells(decoded, decoder.getFrameInfo().bitsPerSample, formatAtLevel(format, level));
  // Levels are omitted only where stream and header agree, and a low-pass band may overshoot.
  if (level === 0) requireAgreement(cells, decoder.getFrameInfo(), format);
  return cells;
}

/** JPEG-LS, lossless and near-lossless. */
export async function loadJpegLs(): Promise<Codec> {
  const { default: createCharls } = await import('@cornerstonejs/codec-charls/decodewasmjs');
  const log = new MessageLog();
  const charls = await createCharls(log.options);
  return (bytes, format) => {
    checkJpegLs(bytes, format);
    const decoder = new charls.JpegLSDecoder();
    try {
      const decoded = run(decoder, log, jpegStream(bytes), format);
      const { bitsPerSample } = decoder.getFrameInfo();
      const cells = copyCells(decoded, bitsPerSample, format);
      requireAgreement(cells, { bitsPerSample }, format);
      return cells;
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
  return (bytes, format, level = 0) => {
    checkJpeg2000(bytes, format);
    const decoder = new openjpeg.J2KDecoder();
    try {
      return runAtLevel(decoder, log, jpeg2000Stream(bytes), format, level);
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
  return (bytes, format, level = 0) => {
    checkJpeg2000(bytes, format);
    const decoder = new openjph.HTJ2KDecoder();
    try {
      return runAtLevel(decoder, log, jpeg2000Stream(bytes), format, level);
    } finally {
      decoder.delete();
    }
  };
}
