/**
 * A volume or an image as Samepoint reads it against the same as pydicom does: places and values.
 * @module
 */
import { distanceMm, lpsPoint, toLps, voxelIndex } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import type { Volume } from '../../server/src/volume/types.ts';
import type { OtherImage, Place } from './pydicom.ts';

/** Positions are written with a few decimals, and slices may be off their grid (docs/volumes.md), as a share of the slice distance. */
const OFF_GRID = 0.05;
const OFF_GRID_MM = 0.1;
/** Decoders of lossy streams round differently, stored values. */
const LOSSY_STEPS = 3;

/** Largest difference of the values of a frame; infinite where their number differs. */
export function differenceOf(values: ArrayLike<number>, { frames }: OtherImage, frame: number): number {
  const others = frames[frame];
  if (others?.length !== values.length) return Infinity;
  let largest = 0;
  for (let index = 0; index < values.length; index += 1) {
    // Samepoint keeps fractions as 32-bit floats.
    const difference = Math.abs((values[index] ?? NaN) - Math.fround(others[index] ?? NaN));
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference;
  }
  return largest;
}

/** The difference that two right decoders may have. */
export function toleranceOf({ isLossy, step }: OtherImage): number {
  return isLossy ? LOSSY_STEPS * step : 0;
}

/** Centre of a pixel by the attributes of its frame (PS3.3 C.7.6.2.1.1). */
function pixelCentre(
  { position, orientation, spacing }: Place,
  column: number,
  row: number,
): LpsPoint | undefined {
  if (position === null || orientation === null || spacing === null) return undefined;
  const [x = NaN, y = NaN, z = NaN] = position.map(
    (origin, axis) =>
      origin +
      column * (spacing[1] ?? NaN) * (orientation[axis] ?? NaN) +
      row * (spacing[0] ?? NaN) * (orientation[3 + axis] ?? NaN),
  );
  return lpsPoint(x, y, z);
}

/** Largest distance, mm, from where the attributes put the corners of a slice to where the volume does; infinite without a place. */
export function displacementOf(
  { dims: [columns, rows], voxelToLps }: Volume,
  k: number,
  place: Place,
): number {
  const corners = [
    [0, 0],
    [columns - 1, 0],
    [0, rows - 1],
  ] as const;
  const distances = corners.map(([column, row]) => {
    const expected = pixelCentre(place, column, row);
    return expected === undefined
      ? Infinity
      : distanceMm(expected, toLps(voxelToLps, voxelIndex(column, row, k)));
  });
  return Math.max(...distances);
}

/** The displacement that the rules for regular grids allow. */
export function placeTolerance({ voxelToLps }: Volume): number {
  const step = distanceMm(toLps(voxelToLps, voxelIndex(0, 0, 0)), toLps(voxelToLps, voxelIndex(0, 0, 1)));
  return Math.max(OFF_GRID_MM, OFF_GRID * step);
}
