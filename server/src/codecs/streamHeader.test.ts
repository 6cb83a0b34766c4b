import fc from 'fast-check';
import { checkJpeg2000, checkJpegLs, readFrameHeader } from './streamHeader.ts';
import { formatOf } from './testing/formatOf.ts';

const FORMAT = formatOf({ columns: 300, rows: 200 });

const word = (value: number): number[] => [value >>> 8, value & 255];
const long = (value: number): number[] => [...word(Math.floor(value / 65_536)), ...word(value % 65_536)];

/** What a SIZ segment says (ITU-T T.800 A.5.1). */
interface Siz {
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
  readonly top: number;
  readonly tile: readonly [number, number];
  readonly components: number;
  readonly precision: number;
}

const SIZ: Siz = { right: 300, bottom: 200, left: 0, top: 0, tile: [300, 200], components: 1, precision: 11 };

/** SOC and SIZ of a JPEG 2000 stream. */
function codestream(changes: Partial<Siz> = {}): number[] {
  const { right, bottom, left, top, tile, components, precision } = { ...SIZ, ...changes };
  return [
    ...[0xff, 0x4f, 0xff, 0x51],
    ...word(41),
    ...word(0),
    ...[right, bottom, left, top, ...tile, 0, 0].flatMap(long),
    ...word(components),
    ...[precision, 1, 1],
  ];
}

/** A box of a JP2 file (I.4). */
function box(type: string, content: readonly number[]): number[] {
  return [...long(8 + content.length), ...Buffer.from(type, 'latin1'), ...content];
}

const check = (bytes: readonly number[]) => (): void => {
  checkJpeg2000(Uint8Array.from(bytes), FORMAT);
};

describe('the header of a JPEG 2000 stream', () => {
  it('is accepted where it is what the instance says', () => {
    expect(check(codestream())).not.toThrow();
    // The sign is the highest bit of the precision.
    expect(check(codestream({ precision: 0x80 | 11 }))).not.toThrow();
  });

  it('counts pixels from where the image begins on the reference grid', () => {
    expect(check(codestream({ left: 20, top: 30, right: 320, bottom: 230 }))).not.toThrow();
    expect(check(codestream({ left: 20 }))).toThrow('280 x 200 pixels, the header says 300 x 200');
  });

  it('is found inside of a JP2 file, behind any boxes', () => {
    const signature = box('jP  ', [0x0d, 0x0a, 0x87, 0x0a]);
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 4 }), (contents) => {
        const boxes = contents.flatMap((content) => box('ftyp', [...content]));
        expect(check([...signature, ...boxes, ...box('jp2c', codestream())])).not.toThrow();
        expect(check([...signature, ...boxes, ...box('jp2c', codestream({ right: 299 }))])).toThrow(
          '299 x 200',
        );
      }),
    );
  });

  it.each([
    [
      'claims more pixels',
      { right: 60_000, bottom: 60_000 },
      '60000 x 60000 pixels, the header says 300 x 200',
    ],
    ['has three components', { components: 3 }, '3 components of 12 bits'],
    ['has 17 bits', { precision: 16 }, '1 components of 17 bits, the header says 1 of 12 in 16'],
    ['has more tiles than an image needs', { tile: [3, 4] as const }, 'the code stream has 5000 tiles'],
    ['has tiles of no size', { tile: [0, 0] as const }, 'the code stream has Infinity tiles'],
  ])('is refused where it %s', (_name, changes, words) => {
    expect(check(codestream(changes))).toThrow(words);
  });

  it('may have as many tiles as 64 pixels an edge need', () => {
    expect(check(codestream({ tile: [64, 64] }))).not.toThrow();
    expect(check(codestream({ tile: [5, 5] }))).not.toThrow();
  });

  it.each([
    ['nothing', []],
    ['a header that is cut', codestream().slice(0, 40)],
    ['another format', [0xff, 0xd8, 0xff, 0xf7, ...new Array<number>(60).fill(0)]],
    [
      'a JP2 file without a stream',
      [...box('jP  ', [1, 2, 3, 4]), ...box('ftyp', new Array<number>(50).fill(0))],
    ],
    ['a box of no length', [...long(0), 1, 2, 3, 4, ...codestream()]],
  ])('says that %s has none', (_name, bytes) => {
    expect(check(bytes)).toThrow('the stream has no JPEG 2000 header');
  });
});

/** A segment with its marker and length (ITU-T T.81 B.1.1.4). */
function segment(marker: number, content: readonly number[]): number[] {
  return [0xff, marker, ...word(content.length + 2), ...content];
}

function frame(
  marker: number,
  [bits, rows, columns, components]: readonly [number, number, number, number],
): number[] {
  return segment(marker, [bits, ...word(rows), ...word(columns), components, 1, 0x11, 0]);
}

describe('the header of a JPEG stream', () => {
  const sizes = fc.integer({ min: 1, max: 65_535 });

  it('is the start of the frame, behind any other segments', () => {
    const others = fc.array(fc.tuple(fc.constantFrom(0xe0, 0xfe, 0xdb), fc.uint8Array({ maxLength: 30 })), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(others, sizes, sizes, fc.integer({ min: 2, max: 16 }), (segments, rows, columns, bits) => {
        const bytes = Uint8Array.from([
          ...[0xff, 0xd8],
          ...segments.flatMap(([marker, content]) => segment(marker, [...content])),
          ...frame(0xc3, [bits, rows, columns, 1]),
        ]);
        expect(readFrameHeader(bytes, (marker) => marker === 0xc3)).toEqual({
          width: columns,
          height: rows,
          bitsPerSample: bits,
          componentCount: 1,
        });
      }),
    );
  });

  it('is not looked for inside of another segment', () => {
    const hidden = segment(0xfe, frame(0xf7, [12, 1, 1, 1]));
    const bytes = Uint8Array.from([0xff, 0xd8, ...hidden, ...frame(0xf7, [12, 200, 300, 1])]);
    expect(() => {
      checkJpegLs(bytes, FORMAT);
    }).not.toThrow();
  });

  it('is compared with the instance, for JPEG-LS by its own marker', () => {
    const of = (marker: number, columns: number): (() => void) => {
      const bytes = Uint8Array.from([0xff, 0xd8, ...frame(marker, [12, 200, columns, 1])]);
      return () => {
        checkJpegLs(bytes, FORMAT);
      };
    };
    expect(of(0xf7, 300)).not.toThrow();
    expect(of(0xf7, 301)).toThrow('301 x 200 pixels, the header says 300 x 200');
    // A baseline frame is none of JPEG-LS.
    expect(of(0xc0, 300)).toThrow('the code stream has no frame header');
  });

  it('is missed where the stream ends before it, and in bytes of no kind, without end', () => {
    const whole = [0xff, 0xd8, ...segment(0xe0, [1, 2, 3]), ...frame(0xf7, [12, 200, 300, 1])];
    for (const length of [0, 1, 2, 9, 12, 18])
      expect(() => {
        checkJpegLs(Uint8Array.from(whole.slice(0, length)), FORMAT);
      }).toThrow('the code stream has no frame header');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const read = (): unknown => readFrameHeader(Uint8Array.of(0xff, 0xd8, ...bytes), () => false);
        expect(read).toThrow('the code stream has no frame header');
      }),
    );
  });
});
