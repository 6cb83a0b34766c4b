import fc from 'fast-check';
import { encodeHtj2k, encodeJpeg2000 } from '../volume/testing/encoders.ts';
import type { Picture } from '../volume/testing/encoders.ts';
import { decodeFrame, omissibleLevelsOf } from './decodeFrame.ts';
import { lowPass, sizeAtLevel } from './lowPass.ts';
import { omissibleLevels } from './streamHeader.ts';
import { formatOf } from './testing/formatOf.ts';
import type { EncodedFrame, PixelFormat } from './types.ts';

const JPEG_2000 = '1.2.840.10008.1.2.4.90';
const HTJ2K = '1.2.840.10008.1.2.4.201';
/** Step of the irreversible transform of HTJ2K, of the range of 16 bits. */
const QUANTIZATION = 1e-5;
const EXPLICIT = '1.2.840.10008.1.2.1';
const ENCODERS = [
  [
    'JPEG 2000',
    JPEG_2000,
    (...[picture, lossless]: Parameters<typeof encodeHtj2k>) => encodeJpeg2000(picture, lossless),
  ],
  ['HTJ2K', HTJ2K, encodeHtj2k],
] as const;

/** An image of signed integers of 16 bits and how it is stored. */
function pictureOf(columns: number, rows: number, valueAt: (i: number, j: number) => number): Picture {
  const cells = Int16Array.from({ length: columns * rows }, (_, n) =>
    valueAt(n % columns, Math.floor(n / columns)),
  );
  return { width: columns, height: rows, bitsPerSample: 16, isSigned: true, cells };
}

function frameOf(
  transferSyntaxUid: string,
  bytes: Uint8Array,
  { width, height }: Picture,
  changes: Partial<PixelFormat> = {},
): EncodedFrame {
  const format = formatOf({
    columns: width,
    rows: height,
    bitsStored: 16,
    highBit: 15,
    isSigned: true,
    ...changes,
  });
  return { transferSyntaxUid, bytes, bigEndianWords: false, format };
}

function rawFrame(picture: Picture): EncodedFrame {
  return frameOf(EXPLICIT, new Uint8Array(picture.cells.slice().buffer), picture);
}

describe('a lower resolution level', () => {
  it.each(ENCODERS)(
    'of %s is the low-pass band of what was stored, at any size',
    async (_name, uid, encode) => {
      const size = fc.integer({ min: 32, max: 75 });
      await fc.assert(
        fc.asyncProperty(size, size, fc.integer(), async (columns, rows, seed) => {
          const picture = pictureOf(columns, rows, (i, j) => ((i * 7919 + j * 104_729 + seed) % 3001) - 1000);
          const bytes = await encode(picture);
          for (const level of [1, 2]) {
            const band = await decodeFrame({ ...frameOf(uid, bytes, picture), level });
            const expected = await decodeFrame({ ...rawFrame(picture), level });
            expect(band).toHaveLength(sizeAtLevel(columns, level) * sizeAtLevel(rows, level));
            expect(Buffer.from(band.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
          }
        }),
        { numRuns: 12 },
      );
    },
  );

  it('has sample n where sample 2^level n of the image is: a ramp keeps its values there (5/3)', () => {
    fc.assert(
      fc.property(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }), (a, b) => {
        const [columns, rows] = [41, 38];
        const values = Int32Array.from(
          { length: columns * rows },
          (_, n) => a * (n % columns) + b * Math.floor(n / columns),
        );
        for (const level of [1, 2]) {
          const step = 2 ** level;
          const band = lowPass({ values, columns, rows }, level);
          for (let j = 1; j < band.rows - 2; j += 1)
            for (let i = 1; i < band.columns - 2; i += 1)
              expect(band.values[j * band.columns + i]).toBe(a * step * i + b * step * j);
        }
      }),
    );
  });

  it.each(ENCODERS)('has it there in irreversible %s, too (9/7)', async (_name, uid, encode) => {
    const picture = pictureOf(96, 80, (i, j) => 11 * i - 7 * j);
    const bytes = await encode(picture, false, QUANTIZATION);
    for (const level of [1, 2]) {
      const band = await decodeFrame({ ...frameOf(uid, bytes, picture), level });
      const columns = sizeAtLevel(96, level);
      const step = 2 ** level;
      for (let j = 3; j < sizeAtLevel(80, level) - 4; j += 1)
        for (let i = 3; i < columns - 4; i += 1)
          // Half a pixel beside it would be 5.5 and 3.5.
          expect(Math.abs((band[j * columns + i] ?? NaN) - step * (11 * i - 7 * j))).toBeLessThan(2);
    }
  });

  it.each(ENCODERS)('has a symmetric spot at its place in irreversible %s', async (_name, uid, encode) => {
    const picture = pictureOf(64, 64, (i, j) =>
      Math.round(2000 * Math.exp(-((i - 32) ** 2 + (j - 24) ** 2) / 40)),
    );
    const band = await decodeFrame({
      ...frameOf(uid, await encode(picture, false, QUANTIZATION), picture),
      level: 1,
    });
    const at = (i: number, j: number): number => band[j * 32 + i] ?? NaN;
    for (const d of [1, 2, 3]) {
      expect(Math.abs(at(16 + d, 12) - at(16 - d, 12))).toBeLessThan(4);
      expect(Math.abs(at(16, 12 + d) - at(16, 12 - d))).toBeLessThan(4);
    }
    expect(Math.max(...band)).toBe(at(16, 12));
  });

  it('keeps padding apart: what mixes with it is no darker than what replaces it', async () => {
    const picture = pictureOf(64, 64, (i) => (i < 21 ? -2000 : 40));
    const padding = { low: -2000, high: -2000, value: -1024 };
    const frame = frameOf(JPEG_2000, await encodeJpeg2000(picture), picture, { padding });
    expect(omissibleLevelsOf(frame)).toBeGreaterThan(0);
    const band = await decodeFrame({ ...frame, level: 1 });
    expect(Math.min(...band)).toBe(-1024);
    expect([...band.subarray(0, 8)]).toEqual(Array(8).fill(-1024));
    expect([...band.subarray(13, 32)]).toEqual(Array(19).fill(40));
  });

  it('overshoots no further than what can be stored', async () => {
    const picture = {
      ...pictureOf(64, 64, (i) => (i % 13 < 6 ? 4095 : 0)),
      bitsPerSample: 12,
      isSigned: false,
    };
    const format = { bitsStored: 12, highBit: 11, isSigned: false };
    for (const [, uid, encode] of ENCODERS) {
      const frame = frameOf(uid, await encode(picture), picture, format);
      expect(omissibleLevelsOf(frame)).toBeGreaterThan(0);
      const band = await decodeFrame({ ...frame, level: 1 });
      expect(Math.min(...band)).toBe(0);
      expect(Math.max(...band)).toBe(4095);
    }
  });
});

describe('omissibleLevels', () => {
  const picture = pictureOf(80, 72, (i, j) => 3 * i + j);

  it('are those of the stream', async () => {
    const bytes = await encodeJpeg2000(picture);
    expect(omissibleLevelsOf(frameOf(JPEG_2000, bytes, picture))).toBe(5);
    expect(omissibleLevelsOf(rawFrame(picture))).toBe(0);
  });

  it.each([
    ['unsigned words whose bits are signed', { isSigned: false }],
    ['fewer bits stored than coded', { bitsStored: 12, highBit: 11 }],
    ['bits that do not lie at the end', { highBit: 14, bitsStored: 15 }],
    ['padding that is brighter than air', { padding: { low: 500, high: 500, value: -1024 } }],
  ])('are none for %s', async (_name, changes) => {
    const bytes = await encodeJpeg2000(picture);
    expect(omissibleLevelsOf(frameOf(JPEG_2000, bytes, picture, changes))).toBe(0);
  });

  it('are none for an image or tiles that begin at an odd place', async () => {
    const bytes = await encodeJpeg2000(picture);
    const { format } = frameOf(JPEG_2000, bytes, picture);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    view.setUint32(16, 2);
    expect(omissibleLevels(bytes, format)).toBe(1);
    view.setUint32(16, 3);
    expect(omissibleLevels(bytes, format)).toBe(0);
    view.setUint32(16, 0);
    view.setUint32(24, 12);
    expect(omissibleLevels(bytes, format)).toBe(2);
  });

  it('are none for what is no stream, or cut within its header', async () => {
    const bytes = await encodeJpeg2000(picture);
    const { format } = frameOf(JPEG_2000, bytes, picture);
    for (let length = 0; length < 60; length += 1)
      expect(omissibleLevels(bytes.subarray(0, length), format)).toBe(0);
  });
});
