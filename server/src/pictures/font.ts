import type { Picture } from './png.ts';

/** Width and height of a character, pixels of the font; each is drawn as a square of this many pixels of the picture. */
const [WIDTH, HEIGHT, SCALE] = [3, 5, 2];
const MARGIN = 6;

/** Rows of each character, from the top; the bit of value 4 is the left one. */
const GLYPHS: Readonly<Record<string, readonly number[]>> = {
  A: [2, 5, 7, 5, 5], B: [6, 5, 6, 5, 6], C: [3, 4, 4, 4, 3], D: [6, 5, 5, 5, 6], E: [7, 4, 6, 4, 7], F: [7, 4, 6, 4, 4],
  G: [3, 4, 5, 5, 3], H: [5, 5, 7, 5, 5], I: [7, 2, 2, 2, 7], M: [5, 7, 7, 5, 5], N: [6, 5, 5, 5, 5], O: [2, 5, 5, 5, 2],
  R: [6, 5, 6, 5, 5], S: [3, 4, 2, 1, 6], T: [7, 2, 2, 2, 2], U: [5, 5, 5, 5, 7], V: [5, 5, 5, 5, 2], W: [5, 5, 7, 7, 5],
  0: [7, 5, 5, 5, 7], 1: [2, 6, 2, 2, 7], 2: [7, 1, 7, 4, 7], 3: [7, 1, 3, 1, 7], 4: [5, 5, 7, 1, 1], 5: [7, 4, 7, 1, 7],
  6: [7, 4, 7, 5, 7], 7: [7, 1, 1, 2, 2], 8: [7, 5, 7, 5, 7], 9: [7, 5, 7, 1, 7], '.': [0, 0, 0, 0, 2], '-': [0, 0, 7, 0, 0],
}; // prettier-ignore

/** Writes a line into the upper left corner of a picture; characters that the font lacks are spaces. */
export function drawText(
  { width, rgb }: Picture,
  text: string,
  colour: readonly [number, number, number],
): void {
  for (const [n, character] of Array.from(text).entries())
    for (const [row, bits] of (GLYPHS[character] ?? []).entries())
      for (let column = 0; column < WIDTH; column++) {
        if (((bits >> (WIDTH - 1 - column)) & 1) === 0) continue;
        const left = MARGIN + SCALE * (n * (WIDTH + 1) + column);
        const top = MARGIN + SCALE * Math.min(row, HEIGHT);
        for (let y = top; y < top + SCALE; y++)
          for (let x = left; x < Math.min(left + SCALE, width); x++) rgb.set(colour, 3 * (y * width + x));
      }
}
