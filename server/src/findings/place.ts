/**
 * Findings of a document into the patient: the planes of their images are known.
 * @module
 */
import { distanceMm, lpsPoint } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { Unreadable } from '../contentTree/index.ts';
import { combine } from './combine.ts';
import type { Combined, PlacedShape } from './combine.ts';
import { diametersOf } from './outline.ts';
import { inPatient, isInside, toPixel } from './plane.ts';
import type { ImagePlane } from './plane.ts';
import type { DocumentFinding, Finding, FindingAxis, FindingImage, Shape, Triple } from './types.ts';

/** Planes of images; a text says why there is none. */
export type PlaneOf = (image: FindingImage) => ImagePlane | string;

/** A finding in the patient, or why it cannot be placed. */
export type Placed =
  { readonly ok: true; readonly finding: Finding } | { readonly ok: false; readonly reason: string };

/** A shape, the frame of reference of its place, and its diameters. */
interface ShapeInPatient {
  readonly placed: PlacedShape;
  readonly frameOfReferenceUid: string;
  readonly axes: readonly FindingAxis[];
  /** Whether they are those of an area. */
  readonly isOutlined: boolean;
}

/** Images whose planes {@link placeFinding} needs. */
export function imagesOfFinding({ shapes }: DocumentFinding): readonly FindingImage[] {
  return shapes.flatMap(({ space }) => ('frameOfReferenceUid' in space ? [] : [space.image]));
}

/** Places a finding. */
export function placeFinding(finding: DocumentFinding, planeOf: PlaneOf): Placed {
  try {
    return { ok: true, finding: place(finding, planeOf) };
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, reason: error.message };
    throw error;
  }
}

function place(
  { shapes, exact, longAxisMm, shortAxisMm, ...described }: DocumentFinding,
  planeOf: PlaneOf,
): Finding {
  if (described.kind === 'none') return described;
  const inPatients = shapes.map((shape) => shapeInPatient(shape, planeOf));
  const [first] = inPatients;
  const combined = combine(inPatients.map(({ placed }) => placed));
  if (first === undefined || combined === undefined) throw new Unreadable('it has no place');
  const { frameOfReferenceUid } = first;
  if (inPatients.some((other) => other.frameOfReferenceUid !== frameOfReferenceUid))
    throw new Unreadable('its graphics are in several frames of reference');
  const { min, max } = combined;
  const isPoint = described.kind === 'point';
  const axes = inPatients.length === 1 ? first.axes : largestSection(inPatients);
  const [long, short] = [axisOf(axes[0], longAxisMm), axisOf(axes[1], shortAxisMm)];
  return {
    ...described,
    frameOfReferenceUid,
    ...centreOf(isPoint, exact, combined, planeOf),
    ...(isPoint ? {} : { extent: { min, max } }),
    ...(long === undefined ? {} : { longAxis: long }),
    ...(short === undefined ? {} : { shortAxis: short }),
  };
}

/** The diameters of the largest area of several, as on the slices of a volume. */
function largestSection(shapes: readonly ShapeInPatient[]): readonly FindingAxis[] {
  const sections = shapes.filter(({ isOutlined }) => isOutlined).map(({ axes }) => axes);
  return sections.sort(([one], [other]) => (other?.mm ?? 0) - (one?.mm ?? 0))[0] ?? [];
}

/** What was measured counts; where nothing was, the distance of the ends. */
function axisOf(drawn: FindingAxis | undefined, measuredMm: number | undefined): FindingAxis | undefined {
  if (drawn === undefined) return measuredMm === undefined ? undefined : { mm: measuredMm };
  return { ...drawn, mm: measuredMm ?? drawn.mm };
}

/** How far the exact point of a report may lie from where its mark is, beside its distance from the slice, mm. */
const EXACT_TOLERANCE_MM = 2;

/**
 * The exact point, where it agrees with the mark, else the centre of the mark; and its pixel. Diameters need not cross in the point.
 * @throws Unreadable where the two contradict each other
 */
function centreOf(
  isPoint: boolean,
  exact: DocumentFinding['exact'],
  { centre, min, max, image }: Combined,
  planeOf: PlaneOf,
): Pick<Finding, 'lps' | 'image'> {
  if (exact === undefined) return { lps: centre, ...(image === undefined ? {} : { image }) };
  const lps = lpsPoint(...exact.lps);
  const reach = Math.abs(exact.offPlaneMm) + distanceMm(min, max) / 2 + EXACT_TOLERANCE_MM;
  if (distanceMm(lps, centre) > reach) throw new Unreadable('its position contradicts its mark in the image');
  if (image === undefined) return { lps };
  // The mark of a point is its pixel.
  if (isPoint) return { lps, image: { ...image, offPlaneMm: exact.offPlaneMm } };
  const plane = planeOf(image);
  if (typeof plane === 'string') return { lps, image };
  const { pixel, offPlaneMm } = toPixel(plane, lps);
  return { lps, image: { ...image, column: pixel[0], row: pixel[1], offPlaneMm } };
}

function shapeInPatient(shape: Shape, planeOf: PlaneOf): ShapeInPatient {
  const { space, weight, centre, box, outline } = shape;
  const isOutlined = outline !== undefined;
  if ('frameOfReferenceUid' in space) {
    const { frameOfReferenceUid, image } = space;
    const toLps = (point: Triple): LpsPoint => lpsPoint(...point);
    const placed = { centre: toLps(centre), weight, corners: corners(box).map(toLps), image };
    return { placed, frameOfReferenceUid, axes: axesIn(shape, toLps), isOutlined };
  }
  const { image } = space;
  const plane = planeOf(image);
  if (typeof plane === 'string') throw new Unreadable(plane);
  if (!isInside(plane, centre) || shape.axes.flat().some((end) => !isInside(plane, end)))
    throw new Unreadable('it lies outside its image');
  const toLps = (pixel: Triple): LpsPoint => inPatient(plane, pixel);
  const placed = {
    centre: toLps(centre),
    weight,
    corners: corners(box).map(toLps),
    image: { ...image, column: centre[0], row: centre[1] },
  };
  const { frameOfReferenceUid } = plane;
  return { placed, frameOfReferenceUid, axes: axesIn(shape, toLps), isOutlined };
}

function corners([min, max]: readonly [Triple, Triple]): readonly Triple[] {
  return [min[0], max[0]].flatMap((x) =>
    [min[1], max[1]].flatMap((y) => [min[2], max[2]].map((z): Triple => [x, y, z])),
  );
}

/** Diameters in the patient, the longest first. */
function axesIn({ axes, outline = [] }: Shape, toLps: (point: Triple) => LpsPoint): readonly FindingAxis[] {
  const marked = axes.map(([from, to]) => [toLps(from), toLps(to)] as const);
  return [...marked, ...diametersOf(outline.map(toLps))]
    .map((ends) => ({ mm: distanceMm(...ends), ends }))
    .sort((one, other) => other.mm - one.mm);
}
