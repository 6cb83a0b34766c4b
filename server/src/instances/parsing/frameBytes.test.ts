import type { Element } from 'dicom-parser';
import { frameBytes } from './frameBytes.ts';
import type { PixelDataLayout } from './frameBytes.ts';

const file = Uint8Array.from({ length: 100 }, (_, index) => index);

/** Fragments of the given lengths, as dicom-parser describes them: each behind an item tag and length of 8 bytes. */
function encapsulated(lengths: readonly number[], basicOffsetTable: number[] = []): Element {
  let position = 8;
  const fragments = lengths.map((length) => {
    const fragment = { offset: position - 8, position, length };
    position += length + 8;
    return fragment;
  });
  return {
    tag: 'x7fe00010',
    length: 100,
    dataOffset: 0,
    encapsulatedPixelData: true,
    fragments,
    basicOffsetTable,
  };
}

function layout(pixelData: Element, frames: number, more: Partial<PixelDataLayout> = {}): PixelDataLayout {
  return {
    file,
    pixelData,
    frames,
    frameLength: 10,
    mustBeEncapsulated: true,
    hasMarkers: true,
    extendedOffsets: [],
    ...more,
  };
}

/** First byte and length of each frame: the file counts upwards. */
function spans(all: readonly Uint8Array[]): (readonly [number | undefined, number])[] {
  return all.map((bytes) => [bytes[0], bytes.length]);
}

describe('frameBytes', () => {
  it('cuts native pixel data into frames', () => {
    const pixelData = { tag: 'x7fe00010', length: 30, dataOffset: 20 };
    const found = frameBytes(layout(pixelData, 3, { mustBeEncapsulated: false }));
    expect(spans(found)).toEqual([
      [20, 10],
      [30, 10],
      [40, 10],
    ]);
  });

  it('joins the fragments of a single frame', () => {
    const [frame] = frameBytes(layout(encapsulated([4, 6]), 1));
    expect([...(frame ?? [])]).toEqual([8, 9, 10, 11, 20, 21, 22, 23, 24, 25]);
  });

  it('gives each frame its fragment where there are as many', () => {
    expect(spans(frameBytes(layout(encapsulated([4, 6]), 2)))).toEqual([
      [8, 4],
      [20, 6],
    ]);
  });

  it.each(['basic', 'extended'])('follows the %s offset table', (table) => {
    // Offsets count from the item tag of the first fragment: frame 2 begins with the third fragment.
    const offsets = [0, 24];
    const pixelData = encapsulated([4, 4, 6], table === 'basic' ? offsets : []);
    const found = frameBytes(layout(pixelData, 2, { extendedOffsets: table === 'extended' ? offsets : [] }));
    expect(spans(found)).toEqual([
      [8, 8],
      [32, 6],
    ]);
  });

  /** A file whose fragments begin with the given bytes. */
  function fileWith(pixelData: Element, beginnings: readonly (readonly number[])[]): Uint8Array {
    const marked = file.slice();
    for (const [index, { position }] of (pixelData.fragments ?? []).entries())
      marked.set(beginnings[index] ?? [], position);
    return marked;
  }

  const markers = { JPEG: [0xff, 0xd8], 'JPEG 2000': [0xff, 0x4f, 0xff, 0x51], JP2: [0, 0, 0, 12] };

  it.each(Object.entries(markers))('begins a frame where %s begins, whatever the table says', (_, marker) => {
    for (const table of [[], [0, 0, 0], [56, 70, 90], [0, 4, 8]]) {
      const pixelData = encapsulated([4, 5, 6, 7, 0], table);
      const marked = fileWith(pixelData, [marker, [], marker, marker]);
      const found = frameBytes(layout(pixelData, 3, { file: marked }));
      expect(found.map(({ length }) => length)).toEqual([9, 6, 7]);
    }
  });

  it('does not look for markers in run lengths, and follows a table that is right', () => {
    const pixelData = encapsulated([4, 5, 6], [0, 25]);
    const marked = fileWith(pixelData, [markers.JPEG, markers.JPEG]);
    const found = frameBytes(layout(pixelData, 2, { file: marked, hasMarkers: false }));
    expect(found.map(({ length }) => length)).toEqual([9, 6]);
  });

  it('joins fragments in memory of their own, which moves between threads', () => {
    const [frame] = frameBytes(layout(encapsulated([4, 6]), 1));
    expect(frame?.buffer.byteLength).toBe(10);
  });

  it.each([
    [
      'too few bytes',
      layout({ tag: 'x', length: 20, dataOffset: 0 }, 3, { mustBeEncapsulated: false }),
      /20 bytes/,
    ],
    [
      'a file that ends early',
      layout({ tag: 'x', length: 30, dataOffset: 90 }, 3, { mustBeEncapsulated: false }),
      /10 bytes/,
    ],
    [
      'compressed data that is not encapsulated',
      layout({ tag: 'x', length: 30, dataOffset: 0 }, 1),
      /not encapsulated/,
    ],
    ['fragments that fit no frame', layout(encapsulated([4, 4, 6]), 2), /3 fragments for 2 frames/],
    [
      'a table that counts from elsewhere',
      layout(encapsulated([4, 4, 4], [0, 500]), 2),
      /no usable offset table/,
    ],
    ['a table that does not rise', layout(encapsulated([4, 4, 4], [0, 0]), 2), /no usable offset table/],
    [
      'pixels of twice the size',
      layout({ tag: 'x', length: 60, dataOffset: 0 }, 3, { mustBeEncapsulated: false }),
      /60 bytes/,
    ],
    ['a fragment behind the end', layout(encapsulated([4, 400]), 2), /behind the end/],
  ])('refuses %s', (_, broken, message) => {
    expect(() => frameBytes(broken)).toThrow(message);
  });
});
