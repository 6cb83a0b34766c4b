/**
 * The voxels of a series as the viewer has them in memory: read at any point, without a copy of the volume.
 * @module
 */
import type { CachedImage } from '../ohif.d.ts';
import type { Slice } from '../viewer/slices.ts';
import { cross, dot } from '../viewer/vector.ts';
import type { Lps } from '../wire.ts';

/** Gives an image that the viewer holds; undefined for one that is not there yet. */
export type ImageOf = (imageId: string) => CachedImage | undefined;

/** Slices nearer than this are one, mm. */
const SAME_MM = 1e-3;
/** Two slices farther apart than this many times the usual distance have a gap between them. */
const GAP = 1.6;
/** Beyond the outer voxels by this much, voxels: their border. */
const BORDER = 0.5;

/** The values of an image. */
interface Pixels {
  readonly values: ArrayLike<number>;
  readonly slope: number;
  readonly intercept: number;
}

/** The product of a point with these is its position along the normal, mm, and its column and row in a slice at 0. */
interface Axes {
  readonly normal: Lps;
  readonly alongRow: Lps;
  readonly alongColumn: Lps;
}

function scaled(a: Lps, factor: number): Lps {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}

type Size = readonly [columns: number, rows: number];

/** Modality values of an image; those of a viewer that has applied the rescale already stay. */
function pixelsOf(image: CachedImage): Pixels | undefined {
  const values = image.getPixelData?.() ?? image.voxelManager?.getScalarData?.();
  if (values === undefined) return undefined;
  if (image.preScale?.scaled === true) return { values, slope: 1, intercept: 0 };
  return { values, slope: image.slope ?? 1, intercept: image.intercept ?? 0 };
}

function isIn(place: number, count: number): boolean {
  return place >= -BORDER && place <= count - BORDER;
}

/** The value at a place of an image that is inside of it. */
function bilinear(values: ArrayLike<number>, column: number, row: number, [columns, rows]: Size): number {
  const left = Math.min(Math.max(Math.floor(column), 0), columns - 1);
  const top = Math.min(Math.max(Math.floor(row), 0), rows - 1);
  const right = Math.min(left + 1, columns - 1);
  const below = Math.min(top + 1, rows - 1) * columns;
  const above = top * columns;
  const u = Math.min(Math.max(column - left, 0), 1);
  const v = Math.min(Math.max(row - top, 0), 1);
  const upper = (1 - u) * (values[above + left] ?? NaN) + u * (values[above + right] ?? NaN);
  const lower = (1 - u) * (values[below + left] ?? NaN) + u * (values[below + right] ?? NaN);
  return (1 - v) * upper + v * lower;
}

/** Voxels of a series. */
export class Voxels {
  readonly #slices: readonly Slice[];
  readonly #positions: Float64Array;
  /** Column and row of the point (0, 0, 0) in each slice. */
  readonly #columns: Float64Array;
  readonly #rows: Float64Array;
  readonly #imageOf: ImageOf;
  /** By the number of the slice; null where it is missing. */
  readonly #pixels: (Pixels | null | undefined)[] = [];
  readonly #missing = new Set<string>();
  readonly #maxGapMm: number;
  #near = 0;
  readonly #axes: Axes;
  readonly #size: Size;

  /** @param slices parallel ones, in any order; @throws Error for none */
  constructor(slices: readonly Slice[], imageOf: ImageOf) {
    const [first] = slices;
    if (first === undefined) throw new Error('a series without slices');
    const normal = cross(first.alongRow, first.alongColumn);
    const { alongRow, alongColumn, columnSpacingMm, rowSpacingMm } = first;
    const ordered = slices
      .map((slice) => ({ slice, at: dot(slice.origin, normal) }))
      .sort((a, b) => a.at - b.at)
      .filter(({ at }, k, all) => k === 0 || at - (all[k - 1]?.at ?? 0) > SAME_MM);
    this.#imageOf = imageOf;
    this.#slices = ordered.map(({ slice }) => slice);
    this.#positions = Float64Array.from(ordered, ({ at }) => at);
    this.#columns = Float64Array.from(this.#slices, ({ origin }) => -dot(origin, alongRow) / columnSpacingMm);
    this.#rows = Float64Array.from(this.#slices, ({ origin }) => -dot(origin, alongColumn) / rowSpacingMm);
    this.#axes = {
      normal,
      alongRow: scaled(alongRow, 1 / columnSpacingMm),
      alongColumn: scaled(alongColumn, 1 / rowSpacingMm),
    };
    this.#size = [first.columns ?? 0, first.rows ?? 0];
    this.#maxGapMm = GAP * medianGap(this.#positions);
  }

  /** Images that were needed and are not in memory; they are forgotten with this call. */
  missing(): readonly string[] {
    const missing = [...this.#missing];
    this.#missing.clear();
    return missing;
  }

  /** The modality value at a point (LPS mm), interpolated trilinearly; NaN outside of the images and where one is missing. */
  at(x: number, y: number, z: number): number {
    const { normal, alongRow, alongColumn } = this.#axes;
    const position = normal[0] * x + normal[1] * y + normal[2] * z;
    const column = alongRow[0] * x + alongRow[1] * y + alongRow[2] * z;
    const row = alongColumn[0] * x + alongColumn[1] * y + alongColumn[2] * z;
    const below = this.#below(position);
    const last = this.#positions.length - 1;
    const low = this.#position(Math.max(below, 0));
    if (below < 0 || below >= last) {
      const edge = below < 0 ? 0 : last;
      const beyond = Math.abs(position - this.#position(edge));
      return beyond > BORDER * (this.#maxGapMm / GAP) ? NaN : this.#inSlice(edge, column, row);
    }
    const gap = this.#position(below + 1) - low;
    const share = (position - low) / gap;
    if (share < SAME_MM) return this.#inSlice(below, column, row);
    if (share > 1 - SAME_MM) return this.#inSlice(below + 1, column, row);
    if (gap > this.#maxGapMm) return NaN;
    return (1 - share) * this.#inSlice(below, column, row) + share * this.#inSlice(below + 1, column, row);
  }

  #position(index: number): number {
    return this.#positions[index] ?? NaN;
  }

  /** The last slice that does not lie above a position; -1 below all. Mostly the same as for the point before. */
  #below(position: number): number {
    const near = this.#near;
    if (this.#position(near) <= position && position < this.#position(near + 1)) return near;
    this.#near = this.#search(position);
    return this.#near;
  }

  #search(position: number): number {
    let low = 0;
    let high = this.#positions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#position(middle) <= position) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #inSlice(index: number, columnOffset: number, rowOffset: number): number {
    const known = this.#pixels[index];
    const pixels = known === undefined ? this.#load(index) : known;
    if (pixels === null) return NaN;
    const [columns, rows] = this.#size;
    const column = columnOffset + (this.#columns[index] ?? NaN);
    const row = rowOffset + (this.#rows[index] ?? NaN);
    if (!isIn(column, columns) || !isIn(row, rows)) return NaN;
    return pixels.slope * bilinear(pixels.values, column, row, this.#size) + pixels.intercept;
  }

  #load(index: number): Pixels | null {
    const slice = this.#slices[index];
    const image = slice === undefined ? undefined : this.#imageOf(slice.imageId);
    const pixels = (image === undefined ? undefined : pixelsOf(image)) ?? null;
    if (pixels === null && slice !== undefined) this.#missing.add(slice.imageId);
    this.#pixels[index] = pixels;
    return pixels;
  }
}

/** Usual distance of neighbours, mm; 1 for a single slice, which has none. */
function medianGap(positions: Float64Array): number {
  const gaps = Array.from(positions.subarray(1), (at, k) => at - (positions[k] ?? at)).sort((a, b) => a - b);
  return gaps[gaps.length >> 1] ?? 1;
}
