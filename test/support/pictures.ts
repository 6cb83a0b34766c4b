/**
 * What computed pictures over the panes show at a place.
 * @module
 */
import type { Lps } from './api.ts';
import type { Picture } from './linkedPage.ts';

type Rgba = readonly [red: number, green: number, blue: number, opacity: number];

function product(a: Lps, b: Lps): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** Column and row of a point. */
function indexOf({ origin, alongRow, alongColumn }: Picture, lps: Lps): readonly [number, number] {
  const from: Lps = [lps[0] - origin[0], lps[1] - origin[1], lps[2] - origin[2]];
  const along = (axis: Lps): number => Math.round(product(from, axis) / product(axis, axis));
  return [along(alongRow), along(alongColumn)];
}

function pixel({ pixels }: Picture, index: number): Rgba {
  const part = (offset: number): number => pixels[4 * index + offset] ?? 0;
  return index < 0 || 4 * index >= pixels.length ? [0, 0, 0, 0] : [part(0), part(1), part(2), part(3)];
}

/** The most opaque colour within a distance of a point, mm: lesions are a few places wide. */
export function strongestNear(picture: Picture, lps: Lps, radiusMm: number): Rgba {
  const [column, row] = indexOf(picture, lps);
  const reach = Math.ceil(radiusMm / Math.hypot(...picture.alongRow));
  let strongest: Rgba = [0, 0, 0, 0];
  for (let j = Math.max(0, row - reach); j <= Math.min(picture.height - 1, row + reach); j += 1)
    for (let i = Math.max(0, column - reach); i <= Math.min(picture.width - 1, column + reach); i += 1) {
      const found = pixel(picture, j * picture.width + i);
      if (found[3] > strongest[3]) strongest = found;
    }
  return strongest;
}

/** The point of the most opaque place, LPS mm. */
export function strongestPoint(picture: Picture): Lps {
  const { width, height, origin, alongRow, alongColumn } = picture;
  let best = 0;
  for (let index = 0; index < width * height; index += 1)
    if (pixel(picture, index)[3] > pixel(picture, best)[3]) best = index;
  const row = Math.floor(best / width);
  const at = (axis: 0 | 1 | 2): number =>
    origin[axis] + (best - row * width) * alongRow[axis] + row * alongColumn[axis];
  return [at(0), at(1), at(2)];
}

/** Share of the places that have a colour. */
export function colouredShare({ pixels }: Picture): number {
  return pixels.filter((value, part) => part % 4 === 3 && value > 0).length / (pixels.length / 4);
}
