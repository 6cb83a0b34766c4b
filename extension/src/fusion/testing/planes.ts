/** Planes and series whose voxels are known, for tests. */
import type { CachedImage } from '../../ohif.d.ts';
import type { Slice } from '../../viewer/slices.ts';
import type { Lps } from '../../wire.ts';
import type { PlaneGrid } from '../grid.ts';
import { Voxels } from '../voxels.ts';

/** An axial plane of 1 mm between places, its first place at (-side / 2, -side / 2). */
export function axialGrid(z: number, side = 60, stepMm = 1): PlaneGrid {
  const count = Math.round(side / stepMm);
  return {
    columns: count,
    rows: count,
    stepPx: stepMm,
    stepMm,
    origin: [-side / 2, -side / 2, z],
    alongRow: [stepMm, 0, 0],
    alongColumn: [0, stepMm, 0],
  };
}

/** How a series lies. */
export interface SeriesSpec {
  readonly spacing?: Lps;
  readonly dims?: readonly [number, number, number];
  readonly origin?: Lps;
  /** How far a slice lies beside the one below, mm along y: a tilted gantry. */
  readonly shearMm?: number;
}

/** The slices of an axial series. */
export function slicesOf({
  spacing = [1, 1, 2],
  dims = [80, 80, 30],
  origin = [-40, -40, -30],
  shearMm = 0,
}: SeriesSpec = {}): readonly Slice[] {
  return Array.from({ length: dims[2] }, (_, k) => ({
    imageId: `image-${k}`,
    sopClassUid: '1',
    sopInstanceUid: `1.${k}`,
    frameNumber: undefined,
    origin: [origin[0], origin[1] + k * shearMm, origin[2] + k * spacing[2]],
    alongRow: [1, 0, 0],
    alongColumn: [0, 1, 0],
    columnSpacingMm: spacing[0],
    rowSpacingMm: spacing[1],
    columns: dims[0],
    rows: dims[1],
  }));
}

/** The image of a slice that samples a function of the place. */
export function imageOf(
  { origin, columns = 0, rows = 0, columnSpacingMm, rowSpacingMm }: Slice,
  at: (lps: Lps) => number,
): CachedImage {
  const values = Float32Array.from({ length: columns * rows }, (_, index) =>
    at([
      origin[0] + (index % columns) * columnSpacingMm,
      origin[1] + Math.floor(index / columns) * rowSpacingMm,
      origin[2],
    ]),
  );
  return { getPixelData: () => values, preScale: { scaled: true } };
}

/** Voxels that sample a function of the place. */
export function voxelsOf(at: (lps: Lps) => number, spec: SeriesSpec = {}): Voxels {
  const slices = slicesOf(spec);
  const images = new Map(slices.map((slice) => [slice.imageId, imageOf(slice, at)]));
  return new Voxels(slices, (imageId) => images.get(imageId));
}
