import fc from 'fast-check';
import { cellCount, checkStream, copyCells } from './codec.ts';
import { decodeNative, decodeNativeBigEndian } from './native.ts';
import { formatOf } from './testing/formatOf.ts';

const stream = { width: 4, height: 3, bitsPerSample: 12, componentCount: 1 };

describe('checkStream', () => {
  it('lets a stream pass that is what the header says, or of fewer bits', () => {
    for (const bitsPerSample of [1, 8, 12, 16])
      expect(() => {
        checkStream({ ...stream, bitsPerSample }, formatOf());
      }).not.toThrow();
  });

  it.each([
    ['columns', { width: 5 }, 'the code stream has 5 x 3 pixels, the header says 4 x 3'],
    ['rows', { height: 2 }, 'the code stream has 4 x 2 pixels, the header says 4 x 3'],
    [
      'columns and rows that were swapped',
      { width: 3, height: 4 },
      'the code stream has 3 x 4 pixels, the header says 4 x 3',
    ],
    [
      'colours',
      { componentCount: 3 },
      'the code stream has 3 components of 12 bits, the header says 1 of 12 in 16',
    ],
    [
      'bits that do not fit',
      { bitsPerSample: 17 },
      'the code stream has 1 components of 17 bits, the header says 1 of 12 in 16',
    ],
  ])('names what contradicts the header: %s', (_name, changes, message) => {
    expect(() => {
      checkStream({ ...stream, ...changes }, formatOf());
    }).toThrow(message);
  });
});

describe('copyCells', () => {
  it('gives a copy in bytes or words, little endian', () => {
    const decoded = Uint8Array.from({ length: 24 }, (_, n) => n);
    const words = copyCells(decoded, 12, formatOf());
    expect(words).toEqual(Uint16Array.from({ length: 12 }, (_, n) => 2 * n + 256 * (2 * n + 1)));
    decoded.fill(0);
    expect(words[1]).toBe(0x0302);
    const bytes = copyCells(
      Uint8Array.from({ length: 12 }, (_, n) => 20 + n),
      8,
      formatOf({ bitsAllocated: 8 }),
    );
    expect(bytes).toEqual(Uint8Array.from({ length: 12 }, (_, n) => 20 + n));
  });

  it('reads from an address that no word may begin at', () => {
    const memory = Uint8Array.of(9, 1, 0, 2, 0);
    expect([...copyCells(memory.subarray(1), 16, formatOf({ columns: 2, rows: 1 }))]).toEqual([1, 2]);
  });

  it.each([
    [8, 24],
    [9, 12],
    [16, 23],
  ])('refuses what is not a frame of %d bits', (bits, length) => {
    const expected = bits === 8 ? 12 : 24;
    expect(() => copyCells(new Uint8Array(length), bits, formatOf())).toThrow(
      `decoding gave ${length} bytes instead of ${expected}`,
    );
  });
});

describe('uncompressed cells', () => {
  const cells = fc.uint16Array({ minLength: 12, maxLength: 12 });

  it('are read as they lie there, from any address', () => {
    fc.assert(
      fc.property(cells, fc.integer({ min: 0, max: 3 }), (words, offset) => {
        const file = new Uint8Array(offset + 26);
        file.set(new Uint8Array(words.buffer, words.byteOffset, 24), offset);
        const read = decodeNative(file.subarray(offset), formatOf());
        expect([...read]).toEqual([...words]);
        // Views where words may begin there, no copy.
        expect(read.buffer === file.buffer).toBe(offset % 2 === 0);
      }),
    );
  });

  it('are swapped where their words are big endian, and the file stays unchanged', () => {
    fc.assert(
      fc.property(cells, fc.boolean(), (words, isPadded) => {
        const file = Uint8Array.from([
          ...Array.from(words).flatMap((word) => [word >> 8, word & 255]),
          ...(isPadded ? [0] : []),
        ]);
        const before = file.slice();
        expect([...decodeNativeBigEndian(file, formatOf())]).toEqual([...words]);
        expect(file).toEqual(before);
      }),
    );
  });

  it('of 8 bits are bytes', () => {
    const bytes = Uint8Array.from({ length: 13 }, (_, n) => 250 - n);
    expect([...decodeNative(bytes, formatOf({ bitsAllocated: 8 }))]).toEqual([...bytes.subarray(0, 12)]);
  });

  it('must all be there', () => {
    expect(cellCount(formatOf())).toBe(12);
    expect(() => decodeNative(new Uint8Array(23), formatOf())).toThrow('23 bytes of pixels instead of 24');
    expect(() => decodeNativeBigEndian(new Uint8Array(23), formatOf())).toThrow(
      '22 bytes of pixels instead of 24',
    );
  });
});
