import { affineFromColumns, toLps, voxelIndex } from '../geometry/index.ts';
import type { Grid } from './types.ts';

/** A last voxel of which less than this part is covered is not worth a plane: it is rounding. */
const SLIVER = 1e-3;

/** Corners of the outer voxel faces of a grid, as fractions of its extent. */
const CORNERS = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => [bits & 1, (bits >> 1) & 1, bits >> 2] as const);

/** The box, aligned with L, P and S, around the outer voxel faces of a grid; LPS mm. */
export function boundingBox({ dims, voxelToLps }: Grid): {
  readonly low: readonly [number, number, number];
  readonly high: readonly [number, number, number];
} {
  const corners = CORNERS.map(([i, j, k]) =>
    toLps(voxelToLps, voxelIndex(i * dims[0] - 0.5, j * dims[1] - 0.5, k * dims[2] - 0.5)),
  );
  const along = (axis: 0 | 1 | 2): readonly number[] => corners.map((corner) => corner[axis]);
  return {
    low: [Math.min(...along(0)), Math.min(...along(1)), Math.min(...along(2))],
    high: [Math.max(...along(0)), Math.max(...along(1)), Math.max(...along(2))],
  };
}

/** Voxels of a working grid along an axis. @param extentMm from one outer face of the volume to the other */
export function workingGridSize(extentMm: number, spacingMm: number): number {
  return Math.max(1, Math.ceil(extentMm / spacingMm - SLIVER));
}

/**
 * The grid on which a model works: isotropic, aligned with the patient axes (i to L, j to P, k to S), covering the box
 * of the volume from its outer voxel edges. Voxel w is centred at edge + (w + 0.5) * spacing, as in SAM (edge-aligned);
 * the last voxel of an axis may reach beyond the volume.
 * @param spacingMm edge of a voxel of the grid, mm.
 */
export function workingGrid(geometry: Grid, spacingMm: number): Grid {
  if (!(spacingMm > 0)) throw new RangeError(`spacingMm must be positive, got ${String(spacingMm)}`);
  const { low, high } = boundingBox(geometry);
  const size = (axis: 0 | 1 | 2): number => workingGridSize(high[axis] - low[axis], spacingMm);
  const half = spacingMm / 2;
  return {
    dims: [size(0), size(1), size(2)],
    voxelToLps: affineFromColumns(
      [spacingMm, 0, 0],
      [0, spacingMm, 0],
      [0, 0, spacingMm],
      [low[0] + half, low[1] + half, low[2] + half],
    ),
  };
}
