import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { lpsPoint, toLps, voxelIndex } from '../geometry/index.ts';
import { queryEmbedding } from '../matching/testing/affinePair.ts';
import { pictureOf } from './picture.ts';
import { toPng } from './png.ts';
import type { Picture } from './png.ts';

/** The pixels of a PNG that toPng wrote. */
function pixelsOf(file: Buffer): Picture {
  expect(file.subarray(1, 4).toString()).toBe('PNG');
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  const data = file.subarray(41, 41 + file.readUInt32BE(33));
  const rows = inflateSync(data);
  const rgb = Buffer.concat(
    Array.from({ length: height }, (_, y) => {
      const start = y * (3 * width + 1);
      expect(rows[start]).toBe(0);
      return rows.subarray(start + 1, start + 1 + 3 * width);
    }),
  );
  return { width, height, rgb: Uint8Array.from(rgb) };
}

describe('toPng', () => {
  it('holds the pixels', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (width, height) => {
        const rgb = Uint8Array.from({ length: 3 * width * height }, (_, n) => (37 * n) % 256);
        expect(pixelsOf(toPng({ width, height, rgb }))).toEqual({ width, height, rgb });
      }),
    );
  });
});

describe('pictureOf', () => {
  const { grid } = queryEmbedding.image;
  const lps = toLps(grid.voxelToLps, voxelIndex(20, 20, 20));
  const colourAt = ({ width, rgb }: Picture, u: number, v: number): number[] => [
    ...rgb.subarray(3 * (v * width + u), 3 * (v * width + u) + 3),
  ];
  const isGrey = ([red, green, blue]: number[]): boolean => red === green && green === blue;

  it('has a circle of the error radius around the place, in the colour of the verdict', () => {
    const marked = { lps, radiusMm: 15, similarity: 0.93, verdict: 'matched' } as const;
    const picture = pictureOf(queryEmbedding, marked);
    // 15 mm are 20 pixels of 0.75 mm.
    expect(colourAt(picture, 128 + 20, 128)).toEqual([110, 235, 130]);
    expect(colourAt(picture, 128, 128 - 20)).toEqual([110, 235, 130]);
    expect(isGrey(colourAt(picture, 128 + 10, 128))).toBe(true);
    const other = pictureOf(queryEmbedding, { ...marked, verdict: 'uncertain' });
    expect(colourAt(other, 148, 128)).toEqual([255, 205, 80]);
  });

  it('writes another text for another score', () => {
    const marked = { lps, radiusMm: 5, similarity: 0.93, verdict: 'matched' } as const;
    const [one, two] = [0.93, 0.41].map((similarity) => pictureOf(queryEmbedding, { ...marked, similarity }));
    expect(one!.rgb).not.toEqual(two!.rgb);
  });

  it('is black beyond the image', () => {
    const marked = { lps: lpsPoint(900, 0, 0), radiusMm: 5, similarity: 0, verdict: 'absent' } as const;
    expect(colourAt(pictureOf(queryEmbedding, marked), 128, 128)).toEqual([0, 0, 0]);
  });
});
