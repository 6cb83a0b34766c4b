/**
 * The diameters of a lesion in another scan.
 * @module
 */
import type { Embedding } from '../../embedding/types.ts';
import { plus, spacingOf, times } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { aroundPoint } from './sampler.ts';
import type { Linear } from '../../registration/index.ts';
import { LEVEL_STEP } from '../../pyramid/index.ts';
import type { Slice } from './contour.ts';
import { fittedAxes } from './fitAxes.ts';
import { endsInPatient, lengthOf, slicePlaneAt, turnedAxes } from './plane.ts';
import type { PlaneAxes, SlicePlane } from './plane.ts';
import type { Axes, ProposedAxes } from './types.ts';

/** Less contrast than this between a lesion and its surroundings is no edge in CT, HU. */
const LEAST_CONTRAST_HU = 25;

/** A point with the diameters of its lesion, and where a map puts it. */
export interface MappedAxes {
  readonly axes: Axes;
  /** LPS of the query, mm. */
  readonly from: LpsPoint;
  /** LPS of the target, mm. */
  readonly to: LpsPoint;
  /** From offsets of the query to offsets of the target, where a map is known. */
  readonly linear?: Linear | undefined;
}

/** The working image in a plane, in modality values. */
function sliceOf({ image }: Pick<Embedding, 'image'>, { middle, along, down }: SlicePlane): Slice {
  const { grid, values, scale } = image;
  const m = grid.voxelToLps;
  const level = { dims: grid.dims, spacing: spacingOf(m), origin: [m[3], m[7], m[11]] as const, values };
  const around = aroundPoint(level, middle);
  return (a, b) => (around(...plus(times(along, a), down, b)) / LEVEL_STEP) * scale;
}

/**
 * Diameters of a lesion of the query in the target: turned by the map into the plane of the slice of the answer, and moved to the edge of
 * the lesion where the image shows a clear one.
 */
export function proposeAxes(
  { axes, from, to, linear }: MappedAxes,
  target: Pick<Embedding, 'image' | 'volume'>,
): ProposedAxes {
  const plane = slicePlaneAt(target.volume, to);
  const turned = turnedAxes(axes, from, plane, linear);
  const leastContrast = target.volume.modality === 'CT' ? LEAST_CONTRAST_HU : 0;
  const fitted = fittedAxes(sliceOf(target, plane), turned, leastContrast);
  if (fitted === undefined) return { ...inPatient(plane, ordered(turned)), isFitted: false };
  return { ...inPatient(plane, ordered(fitted)), isFitted: true, carried: inPatient(plane, turned) };
}

/** The longer diameter is the long one, whichever it was before. */
function ordered({ long, short }: PlaneAxes): PlaneAxes {
  if (short === undefined) return { long };
  return lengthOf(short) > lengthOf(long) ? { long: short, short: long } : { long, short };
}

function inPatient(plane: SlicePlane, { long, short }: PlaneAxes): Axes {
  return {
    longAxis: endsInPatient(plane, long),
    ...(short === undefined ? {} : { shortAxis: endsInPatient(plane, short) }),
  };
}
