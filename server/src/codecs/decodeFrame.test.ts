import { encodeHtj2k, encodeJpeg2000, encodeJpegLs } from '../volume/testing/encoders.ts';
import { decodeFrame } from './decodeFrame.ts';
import { withBoundedMemory } from './memoryBound.ts';
import { codecOf, EXPLICIT_VR_BIG_ENDIAN, transferSyntaxes } from './transferSyntaxes.ts';
import type { EncodedFrame, PixelFormat } from './types.ts';

/** OpenJPEG halves an image five times. */
const [WIDTH, HEIGHT] = [80, 70];
const FORMAT: PixelFormat = {
  columns: WIDTH,
  rows: HEIGHT,
  bitsAllocated: 16,
  bitsStored: 12,
  highBit: 11,
  isSigned: false,
  slope: 1,
  intercept: -1024,
};
const CELLS = Uint16Array.from(
  { length: WIDTH * HEIGHT },
  (_, n) => (n * 37 + Math.floor(n / WIDTH) * 11) % 4096,
);
const HU = [...CELLS].map((cell) => cell - 1024);
const PICTURE = { width: WIDTH, height: HEIGHT, bitsPerSample: 12, isSigned: false, cells: CELLS };

function frameOf(transferSyntaxUid: string, bytes: Uint8Array, bigEndianWords = false): EncodedFrame {
  return { transferSyntaxUid, bytes, bigEndianWords, format: FORMAT };
}

const CODED = [
  ['JPEG-LS', '1.2.840.10008.1.2.4.80', () => encodeJpegLs(PICTURE)],
  ['JPEG 2000', '1.2.840.10008.1.2.4.90', () => encodeJpeg2000(PICTURE)],
  ['HTJ2K', '1.2.840.10008.1.2.4.201', () => encodeHtj2k(PICTURE)],
] as const;

describe('decodeFrame', () => {
  it('gives modality values of uncompressed frames in either byte order', async () => {
    const little = new Uint8Array(CELLS.slice().buffer);
    const big = new Uint8Array(Buffer.from(CELLS.slice().buffer).swap16());
    expect([...(await decodeFrame(frameOf('1.2.840.10008.1.2.1', little)))]).toEqual(HU);
    expect([...(await decodeFrame(frameOf(EXPLICIT_VR_BIG_ENDIAN, big, true)))]).toEqual(HU);
  });

  it.each(CODED)('gives what was put into a lossless %s stream', async (_name, uid, encode) => {
    expect([...(await decodeFrame(frameOf(uid, await encode())))]).toEqual(HU);
  });

  it.each(CODED)('does not change the bytes of a %s stream', async (_name, uid, encode) => {
    const bytes = await encode();
    const before = bytes.slice();
    await decodeFrame(frameOf(uid, bytes));
    expect(bytes).toEqual(before);
  });

  it.each(CODED)('refuses a cut %s stream, and reads the next one', async (_name, uid, encode) => {
    const whole = await encode();
    await expect(decodeFrame(frameOf(uid, whole.subarray(0, whole.length - 40)))).rejects.toThrow('cut off');
    expect([...(await decodeFrame(frameOf(uid, whole)))]).toEqual(HU);
  });

  it('says which transfer syntax it has no codec for', async () => {
    for (const uid of ['1.2.840.10008.1.2.4.110', '1.2.3'])
      await expect(decodeFrame(frameOf(uid, new Uint8Array()))).rejects.toThrow(
        `no codec for transfer syntax ${uid}`,
      );
  });

  it('gives errors that are errors, with the reason of the codec', async () => {
    const rle = decodeFrame(frameOf('1.2.840.10008.1.2.5', new Uint8Array(10)));
    await expect(rle).rejects.toThrow('the RLE header is cut off');
  });
});

describe('the memory of codecs', () => {
  const grown = (pages: number): number => new WebAssembly.Memory({ initial: 1 }).grow(pages);
  const MIB_PAGES = 16;

  it('is bounded by the size of the image while one decodes, and not before or after', () => {
    expect(withBoundedMemory(0, () => grown(95 * MIB_PAGES))).toBe(1);
    expect(() => withBoundedMemory(0, () => grown(96 * MIB_PAGES))).toThrow(
      'the codec needs more memory than the image can need',
    );
    // 24 bytes a pixel.
    expect(withBoundedMemory(512 * 512, () => grown(100 * MIB_PAGES))).toBe(1);
    expect(() => withBoundedMemory(512 * 512, () => grown(102 * MIB_PAGES))).toThrow(RangeError);
    expect(grown(102 * MIB_PAGES)).toBe(1);
  });

  it('is unbounded again after a codec has failed', () => {
    expect(() =>
      withBoundedMemory(0, () => {
        throw new Error('bad stream');
      }),
    ).toThrow('bad stream');
    expect(grown(102 * MIB_PAGES)).toBe(1);
  });
});

describe('transfer syntaxes', () => {
  it('have valid UIDs below the DICOM root, and names of their own', () => {
    for (const uid of Object.keys(transferSyntaxes)) expect(uid).toMatch(/^1\.2\.840\.10008\.1\.2(\.\d+)*$/);
    const names = Object.values(transferSyntaxes).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('have a codec, or are known by name only', () => {
    expect(codecOf('1.2.840.10008.1.2.4.70')).toBe('jpeg');
    expect(codecOf('1.2.840.10008.1.2.4.100')).toBeUndefined();
    expect(transferSyntaxes['1.2.840.10008.1.2.4.100']?.name).toContain('MPEG2');
    expect(codecOf('toString')).toBeUndefined();
  });
});
