/**
 * The low-pass band of the reversible 5/3 wavelet of JPEG 2000 (ITU-T T.800 F.4.8): what a decoder gives that omits the finest resolution
 * levels. Sample n of a band lies where sample 2n of the image lies, not between two samples.
 * @module
 */

/** Integers of an image, row by row. */
export interface Samples {
  readonly values: Int32Array;
  readonly columns: number;
  readonly rows: number;
}

/** Columns or rows of an image without its `level` finest resolution levels. */
export function sizeAtLevel(size: number, level: number): number {
  return Math.ceil(size / 2 ** level);
}

/**
 * Low-pass samples of a line of `count` integers, in place of every second one; the others become the high-pass samples. Beyond its
 * ends the line is mirrored, without its outermost sample once more.
 * @param at index of the line's first sample
 * @param step from one sample of the line to the next
 */
function lift(values: Int32Array, at: number, step: number, count: number): void {
  if (count < 2) return;
  const last = at + (count - 1) * step;
  const neighbours = (index: number): number => {
    const left = index > at ? index - step : index + step;
    const right = index < last ? index + step : index - step;
    return (values[left] ?? 0) + (values[right] ?? 0);
  };
  for (let odd = at + step; odd <= last; odd += 2 * step)
    values[odd] = (values[odd] ?? 0) - (neighbours(odd) >> 1);
  for (let even = at; even <= last; even += 2 * step)
    values[even] = (values[even] ?? 0) + ((neighbours(even) + 2) >> 2);
}

/** The low-pass band of the next level: columns first, then rows, as encoders do. */
function nextLevel({ values, columns, rows }: Samples): Samples {
  const work = new Int32Array(values);
  for (let column = 0; column < columns; column += 1) lift(work, column, columns, rows);
  const size = { columns: sizeAtLevel(columns, 1), rows: sizeAtLevel(rows, 1) };
  const band = new Int32Array(size.columns * size.rows);
  for (let row = 0; row < size.rows; row += 1) {
    const from = 2 * row * columns;
    lift(work, from, 1, columns);
    for (let column = 0; column < size.columns; column += 1)
      band[row * size.columns + column] = work[from + 2 * column] ?? 0;
  }
  return { values: band, ...size };
}

/** The image without its `level` finest resolution levels. */
export function lowPass(image: Samples, level: number): Samples {
  let band = image;
  for (let done = 0; done < level; done += 1) band = nextLevel(band);
  return band;
}
