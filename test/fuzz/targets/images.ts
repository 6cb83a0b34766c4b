/** Part 10 images: parsed, decoded, and put together to a volume. */
import { deflateRawSync } from 'node:zlib';
import { readHeader } from '../../../server/src/dicom/index.ts';
import { decodeFrame } from '../../../server/src/codecs/decodeFrame.ts';
import { createFrameDecoder } from '../../../server/src/instances/decoding/frameDecoder.ts';
import { readNifti } from '../../../server/src/nifti/index.ts';
import { readVolume } from '../../../server/src/volumeAssembly/index.ts';
import { decodePlanned, readPart10 } from '../../../server/src/instances/readInstance.ts';
import { encodeHtj2k, encodeJpeg2000, encodeJpegLs } from '../../../server/src/volume/testing/encoders.ts';
import {
  ctAttributes,
  ctSeries,
  ctSlice,
  enhancedAttributes,
  part10,
  storedValues,
  streamOf,
} from '../../../server/src/volume/testing/syntheticSeries.ts';
import type { FrameDecoder, ReadTask } from '../../../server/src/instances/readInstance.ts';
import { mutateBytes, mutateDicom } from '../mutate.ts';
import type { Target } from './target.ts';

const TASK = { instance: 1, limits: { maxVoxels: 2 ** 30, voxelsBefore: 0 } };
/** For a coarse grid: slices are reduced, and JPEG 2000 is decoded at a lower resolution. */
const SAMPLED = { ...TASK, sampling: { spacingMm: 4, antialias: false } };
/** Made of the synthetic slice by DCMTK: JPEG Lossless and JPEG Baseline. */
const JPEG_LOSSLESS =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/wwALEAAKAAwBAREA/8QAGgAAAwEBAQEAAAAAAAAAAAAABgcIBQQCD//aAAgBAQABAAD4DvLNi5bk2tjtCClOi1iza4c8vDOGfCer5vXeCTpfJwFrY6+UWWf5aAyMkzpNH6DP6mFPnRodATQ0jPGsJt6UPmGiRuRDYF04aEfcKHFIkF3xoUsfIUF38oA4oLqLjmUjcofO57QXtEaVnjaGrkYxwMm4S/TTjaP1lNlfdMq3NGtqQnXku///2Q==';
const JPEG_BASELINE =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/wAALCAAKAAwBAREA/8QAFwAAAwEAAAAAAAAAAAAAAAAABQYHCP/EACgQAAEEAQIEBgMAAAAAAAAAAAIBAwUGBAcSAAgRFRMUISUn0jGVlv/aAAgBAQAAPwBGSq06q3OSjGorTdvHZe3MN41fl5gW2iRDbBczFLwXiQCFCIERNyEm0FRRSvQuNUe3t+26f/w1h+3Gded/Uu30bnPv8JW7VN1+Fxe3eXjoqRexsdndHYplsbAkEepERL0T1UlX8rwHhdd9S+3t/Idr/d5P34//2Q==';

/** Wavelets need some pixels. */
const LARGE = { columns: 64, rows: 48 };

const encapsulated = (transferSyntaxUid: string, stream: Uint8Array, attributes = {}): Uint8Array =>
  ctSlice(0, attributes, { transferSyntaxUid, pixels: [stream] });

const picture = {
  width: LARGE.columns,
  height: LARGE.rows,
  bitsPerSample: 12,
  isSigned: false,
  cells: storedValues(0, LARGE),
};

/** Literal runs only (PS3.5 annex G). */
function rle(cells: Uint16Array): Uint8Array {
  const segment = (shift: number): Buffer =>
    Buffer.from([...cells].flatMap((cell) => [0, (cell >> shift) & 0xff]));
  const [high, low] = [segment(8), segment(0)];
  const header = Buffer.alloc(64);
  [2, 64, 64 + high.length].forEach((word, index) => header.writeUInt32LE(word, 4 * index));
  return Buffer.concat([header, high, low]);
}

function deflated(): Uint8Array {
  const transferSyntaxUid = '1.2.840.10008.1.2.1.99';
  const { dataSetOffset } = readHeader(part10(ctAttributes(0), { transferSyntaxUid }));
  const plain = ctSlice(0);
  const head = part10(ctAttributes(0), { transferSyntaxUid }).subarray(0, dataSetOffset);
  return Buffer.concat([head, deflateRawSync(plain.subarray(readHeader(plain).dataSetOffset))]);
}

const large = { Rows: LARGE.rows, Columns: LARGE.columns };
const eightBits = { BitsAllocated: 8, BitsStored: 8, HighBit: 7 };
const frames = [{ position: [0, 0, 0] }, { position: [0, 0, 1] }];
const native: readonly Uint8Array[] = [
  ctSlice(0),
  ctSlice(0, {}, { transferSyntaxUid: '1.2.840.10008.1.2' }),
  ctSlice(0, {}, { transferSyntaxUid: '1.2.840.10008.1.2.2' }),
  deflated(),
  part10(enhancedAttributes('MR', frames), {
    pixels: new Uint16Array([...storedValues(0), ...storedValues(1)]),
  }),
];
const compressed: readonly Uint8Array[] = [
  encapsulated('1.2.840.10008.1.2.5', rle(storedValues(0))),
  encapsulated('1.2.840.10008.1.2.4.70', Buffer.from(JPEG_LOSSLESS, 'base64')),
  encapsulated('1.2.840.10008.1.2.4.50', Buffer.from(JPEG_BASELINE, 'base64'), eightBits),
  encapsulated('1.2.840.10008.1.2.4.90', await encodeJpeg2000(picture), large),
];
const htj2kFile = encapsulated('1.2.840.10008.1.2.4.201', await encodeHtj2k(picture), large);
const jpegLs = encapsulated('1.2.840.10008.1.2.4.80', await encodeJpegLs(picture), large);

/** What the decoder's threads do, in this one: a codec that does not come back is found by the watchdog. */
const inThread: FrameDecoder = {
  threads: 1,
  read: (bytes, task) => readPart10(bytes, task, decodeFrame),
  decode: (frame, plan) => decodePlanned(frame, plan, decodeFrame),
  close: () => Promise.resolve(),
};

/** One of the two ways to read, by the input itself. */
function taskFor(input: Uint8Array): ReadTask {
  return (input.at(-1) ?? 0) % 2 === 0 ? TASK : SAMPLED;
}

export const image: Target = {
  name: 'image',
  weight: 4,
  make: (random) => mutateDicom(random.pick(native), random),
  run: (input) => inThread.read(input, taskFor(input)),
};

export const codec: Target = {
  name: 'codec',
  make(random) {
    const valid = random.pick(compressed);
    // Mostly in the code stream, which is the last third of the file.
    const stream = Math.floor(valid.length * 0.6);
    return random.chance(0.3)
      ? mutateDicom(valid, random)
      : Buffer.concat([valid.subarray(0, stream), mutateBytes(valid.subarray(stream), random)]);
  },
  run: (input) => inThread.read(input, taskFor(input)),
};

let impatient: FrameDecoder | undefined;

/** CharLS and OpenJPH do not return from some streams; the decoder's deadline ends their thread, here after a shorter time. */
function withDeadline(name: string, valid: Uint8Array, share: number): Target {
  const stream = Math.floor(valid.length * share);
  return {
    name,
    weight: 0.25,
    make: (random) => Buffer.concat([valid.subarray(0, stream), mutateBytes(valid.subarray(stream), random)]),
    run(input) {
      impatient ??= createFrameDecoder({ threads: 1, timeoutMs: 500 });
      return impatient.read(input, taskFor(input));
    },
  };
}

export const charls: Target = withDeadline('charls', jpegLs, 0.8);
export const openjph: Target = withDeadline('openjph', htj2kFile, 0.6);

const series = ctSeries(4);

/** A series of which one slice, or two, are damaged. */
export const volume: Target = {
  name: 'volume',
  weight: 2,
  make(random) {
    const damaged = mutateDicom(random.pick(series), random);
    const place = Buffer.from([random.below(4), random.below(2)]);
    return Buffer.concat([place, damaged]);
  },
  run(input) {
    const [place = 0, isTwice = 0] = input;
    const damaged = input.subarray(2);
    const files = series.map((file, index) =>
      index === place || (isTwice === 1 && index === 0) ? damaged : file,
    );
    return readVolume(streamOf(files), { decoder: inThread });
  },
};

function niftiFile(): Buffer {
  const file = Buffer.alloc(352 + 2 * 27);
  file.writeInt32LE(348, 0);
  [3, 3, 3, 3, 1, 1, 1, 1].forEach((value, index) => file.writeInt16LE(value, 40 + 2 * index));
  file.writeInt16LE(4, 70);
  [1, 1, 1, 1].forEach((value, index) => file.writeFloatLE(value, 76 + 4 * index));
  file.writeFloatLE(352, 108);
  file.writeInt16LE(1, 252);
  file.write('n+1\0', 344, 'latin1');
  return file;
}

export const nifti: Target = {
  name: 'nifti',
  weight: 0.5,
  make: (random) => mutateBytes(niftiFile(), random),
  run: (input) => readNifti(input),
};
