/**
 * Diameters in the patient to diameters in the image of the place.
 * @module
 */
import { SamepointError } from '../errors/index.ts';
import { distanceMm } from '../geometry/index.ts';
import type { PlaneOf } from './place.ts';
import { inPatient, isInside, toPixel } from './plane.ts';
import type { ImagePlane } from './plane.ts';
import type { Triple } from './types.ts';
import type {
  SeriesPoint,
  ConfirmedObservation,
  Diameter,
  LesionObservation,
  PatientDiameter,
} from '../report/index.ts';

/** How far a place may lie from where its pixel says that it is, mm: more, and its report could not be read back. */
const PLACE_TOLERANCE_MM = 1;
/** How far an end of a diameter may lie from the plane of the slice, or from a plane through the place beside it, mm. */
const END_TOLERANCE_MM = 1;

/** Puts the diameters of observations into the images of their places. @throws SamepointError report/bad-observation */
export function inImages(
  observations: readonly ConfirmedObservation[],
  planeOf: PlaneOf,
): readonly LesionObservation[] {
  return observations.map((observation, index) => {
    const placed = inImage(observation, planeOf);
    if (typeof placed !== 'string') return placed;
    throw new SamepointError('report/bad-observation', { observation: index + 1, problem: placed });
  });
}

/** A text says why it does not lie in its image. */
function inImage(
  { longAxis, shortAxis, ...observation }: ConfirmedObservation,
  planeOf: PlaneOf,
): LesionObservation | string {
  const { place } = observation;
  if (place === undefined)
    return longAxis === undefined && shortAxis === undefined ? observation : 'has a diameter, and no place';
  const plane = planeOf({ ...place, ...place.pixel });
  if (typeof plane === 'string') return `cannot be placed: ${plane}`;
  const axes = [longAxis, shortAxis].map((axis) => axis && inPlane(axis, place, plane));
  const problem = placeProblem(place, plane) ?? axes.find((axis) => typeof axis === 'string');
  if (problem !== undefined) return problem;
  const [long, short] = axes.filter((axis) => typeof axis !== 'string');
  return {
    ...observation,
    ...(long === undefined ? {} : { longAxis: long }),
    ...(short === undefined ? {} : { shortAxis: short }),
  };
}

function placeProblem(
  { frameOfReferenceUid, lps, pixel }: SeriesPoint,
  plane: ImagePlane,
): string | undefined {
  const { column, row, offPlaneMm } = pixel;
  if (frameOfReferenceUid !== plane.frameOfReferenceUid)
    return 'names another frame of reference than its image';
  if (!isInside(plane, [column, row, 0])) return 'lies outside its image';
  const away = distanceMm(inPatient(plane, [column, row, 0]), lps);
  return away > Math.abs(offPlaneMm) + PLACE_TOLERANCE_MM ? 'lies elsewhere than its pixel' : undefined;
}

function inPlane(
  { mm, ends }: PatientDiameter,
  { pixel }: SeriesPoint,
  plane: ImagePlane,
): Diameter | string {
  const [from, to] = [toPixel(plane, ends[0]), toPixel(plane, ends[1])];
  const limit = Math.abs(pixel.offPlaneMm) + END_TOLERANCE_MM;
  if (!(Math.max(Math.abs(from.offPlaneMm), Math.abs(to.offPlaneMm)) <= limit))
    return 'has a diameter that does not lie in the plane of its image';
  if (!isInside(plane, from.pixel) || !isInside(plane, to.pixel))
    return 'has a diameter that ends outside of its image';
  return { mm, ends: [endOf(from.pixel), endOf(to.pixel)] };
}

function endOf([column, row]: Triple): readonly [number, number] {
  return [column, row];
}
