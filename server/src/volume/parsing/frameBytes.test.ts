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
  return { file, pixelData, frames, frameLength: 10, mustBeEncapsulated: true, extendedOffsets: [], ...more };
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
    ['a frame without fragment', layout(encapsulated([4, 4], [0, 500]), 2), /frame 2 of 2 has no fragment/],
    ['a fragment behind the end', layout(encapsulated([4, 400]), 2), /behind the end/],
  ])('refuses %s', (_, broken, message) => {
    expect(() => frameBytes(broken)).toThrow(message);
  });
});
