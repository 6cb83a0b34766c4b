import { affineFromColumns, angleDegrees, cross, dot, norm, plus, times } from '../geometry/index.ts';
import type { Affine, Vector } from '../geometry/index.ts';
import { SamepointError } from '../errors/index.ts';
import type { VolumeWarning } from '../volume/types.ts';
import { volumeWarning } from './warnings.ts';
import { byIdentity } from './slice.ts';
import type { DecodedSlice, PlacedSlice } from './slice.ts';

/** A slice may lie beside the line through its neighbours by this part of a pixel: below that no voxel moves. */
const MAX_LATERAL_PIXELS = 0.5;

/** Angle from which a tilt is worth a warning; below it is rounding of the positions. The shear is kept in any case. */
const TILT_DEGREES = 0.5;

/** Unit normal of the slices: row direction x column direction; slices are stacked along it. */
function normalOf({ header }: DecodedSlice): Vector {
  const normal = cross(header.alongRow, header.alongColumn);
  return times(normal, 1 / norm(normal));
}

/**
 * Sorts slices along their normal by ImagePositionPatient (PS3.3 C.7.6.2.1.1); InstanceNumber and SliceLocation say
 * nothing reliable. The order of arrival has no influence.
 */
export function placeSlices(slices: readonly DecodedSlice[]): readonly PlacedSlice[] {
  const sorted = [...slices].sort(byIdentity);
  const [reference] = sorted;
  if (reference === undefined) return [];
  const normal = normalOf(reference);
  return sorted
    .map((slice) => ({ ...slice, positionMm: dot(slice.header.position, normal) }))
    .sort((a, b) => a.positionMm - b.positionMm || byIdentity(a, b));
}

/**
 * Mean step per mm along the normal from the first slice to the last: the normal itself, plus the sideways part of a
 * gantry tilt.
 * @throws SamepointError volume/misaligned-slices where a slice is beside that line
 */
function stackingDirection(slices: readonly PlacedSlice[], first: PlacedSlice, last: PlacedSlice): Vector {
  const range = last.positionMm - first.positionMm;
  const direction = times(plus(last.header.position, first.header.position, -1), 1 / range);
  const limitMm = MAX_LATERAL_PIXELS * Math.min(...first.header.pixelSpacing);
  for (const { header, positionMm } of slices) {
    const expected = plus(first.header.position, direction, positionMm - first.positionMm);
    const offsetMm = norm(plus(header.position, expected, -1));
    if (offsetMm > limitMm) {
      const { sopInstanceUid } = header.source;
      throw new SamepointError('volume/misaligned-slices', { offsetMm, limitMm, sopInstanceUid });
    }
  }
  return direction;
}

/**
 * The affine of a stack of slices, from the first slice's own plane and the stacking direction.
 * @param slices placed, at least two.
 * @param spacingMm distance between slices of the grid along the normal.
 */
export function stackAffine(
  slices: readonly PlacedSlice[],
  spacingMm: number,
): { readonly voxelToLps: Affine; readonly warnings: readonly VolumeWarning[] } {
  const [first, last] = [slices[0], slices.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError('a stack needs slices');
  const { alongRow, alongColumn, pixelSpacing, position } = first.header;
  const direction = stackingDirection(slices, first, last);
  const degrees = angleDegrees(direction, normalOf(first));
  return {
    voxelToLps: affineFromColumns(
      times(alongRow, pixelSpacing[1]),
      times(alongColumn, pixelSpacing[0]),
      times(direction, spacingMm),
      position,
    ),
    warnings: degrees < TILT_DEGREES ? [] : [volumeWarning('volume/gantry-tilt', { degrees })],
  };
}
