import type { Embedding } from '../embedding/index.ts';
import { invert, toVoxel } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import type { MatchVerdict } from '../matching/index.ts';
import { drawText } from './font.ts';
import type { Picture } from './png.ts';

/** What a picture shows of an answer. */
export interface Marked {
  /** LPS, mm. */
  readonly lps: LpsPoint;
  readonly radiusMm: number;
  readonly similarity: number;
  readonly verdict: MatchVerdict | 'given';
}

/** Edge of a picture, pixels, and of a pixel, mm. */
const [SIZE, PIXEL_MM] = [256, 0.75];
/** Window of CT: soft tissue, HU. */
const [LOW_HU, HIGH_HU] = [-160, 240];
/** The circle is at least this large, so that it can be seen, mm. */
const LEAST_RADIUS_MM = 4;
/** Half the width of the line of the circle, pixels. */
const HALF_LINE = 0.9;

type Colour = readonly [number, number, number];
const COLOURS: Readonly<Record<Marked['verdict'], Colour>> = {
  given: [120, 200, 255],
  matched: [110, 235, 130],
  uncertain: [255, 205, 80],
  'out-of-view': [255, 120, 110],
  absent: [255, 120, 110],
};

/**
 * The axial slice of the working image at a place, with the circle of its error radius, its verdict and its similarity. The left of the
 * patient is on the right, as in radiology.
 */
export function pictureOf({ image, volume }: Pick<Embedding, 'image' | 'volume'>, marked: Marked): Picture {
  const rgb = new Uint8Array(3 * SIZE * SIZE);
  const [low, high] = volume.modality === 'CT' ? [LOW_HU, HIGH_HU] : windowOf(image);
  const toIndex = invert(image.grid.voxelToLps);
  const radius = Math.max(marked.radiusMm, LEAST_RADIUS_MM) / PIXEL_MM;
  const colour = COLOURS[marked.verdict];
  for (let v = 0; v < SIZE; v++)
    for (let u = 0; u < SIZE; u++) {
      const [du, dv] = [u - SIZE / 2, v - SIZE / 2];
      const [x, y, z] = marked.lps;
      const place = [x + du * PIXEL_MM, y + dv * PIXEL_MM, z] as unknown as LpsPoint;
      const value = interpolated(image, toVoxel(toIndex, place));
      const grey = Math.round(255 * Math.min(Math.max((value - low) / (high - low), 0), 1));
      const isLine = Math.abs(Math.hypot(du, dv) - radius) <= HALF_LINE;
      rgb.set(isLine ? colour : [grey, grey, grey], 3 * (v * SIZE + u));
    }
  const picture = { width: SIZE, height: SIZE, rgb };
  drawText(picture, `${marked.verdict.toUpperCase()} ${marked.similarity.toFixed(2)}`, colour);
  return picture;
}

/** Range of the values of an image without a scale of its own. */
function windowOf({ values, scale }: Embedding['image']): readonly [number, number] {
  let top = 1;
  for (const value of values) top = Math.max(top, value);
  return [0, top * scale];
}

/** The value between the voxels of one slice; what lies beyond the image is the lowest one. */
function interpolated(
  { grid, values, scale }: Embedding['image'],
  [i, j, k]: readonly [number, number, number],
): number {
  const [ni, nj, nk] = grid.dims;
  const slice = Math.round(k);
  if (slice < 0 || slice >= nk || i < 0 || j < 0 || i > ni - 1 || j > nj - 1) return -Infinity;
  const [x, y] = [Math.min(Math.floor(i), ni - 2), Math.min(Math.floor(j), nj - 2)];
  const at = (dx: number, dy: number): number => values[(slice * nj + y + dy) * ni + x + dx] ?? NaN;
  const [fx, fy] = [i - x, j - y];
  const upper = at(0, 0) * (1 - fx) + at(1, 0) * fx;
  const lower = at(0, 1) * (1 - fx) + at(1, 1) * fx;
  return (upper * (1 - fy) + lower * fy) * scale;
}
