/**
 * The plane of a slice, and what a map makes of diameters in it.
 * @module
 */
import {
  axisStep,
  cross,
  dot,
  locateInStack,
  lpsPoint,
  norm,
  plus,
  times,
  toLps,
  voxelIndex,
} from '../../geometry/index.ts';
import type { LpsPoint, StackGeometry, Vector } from '../../geometry/index.ts';
import type { Linear } from '../../registration/index.ts';
import type { Axes, AxisEnds } from './types.ts';

/** Offset in a plane from its middle, mm. */
export type Offset = readonly [number, number];

/** The plane of the slice that is nearest to a point. */
export interface SlicePlane {
  /** Foot of the perpendicular from the point, LPS, mm. */
  readonly middle: LpsPoint;
  /** At right angles, of length 1. */
  readonly along: Vector;
  readonly down: Vector;
}

/** Diameters in a plane. */
export interface PlaneAxes {
  readonly long: Segment;
  readonly short?: Segment;
}

/** A line from one place to another. */
export type Segment = readonly [Offset, Offset];

/** A diameter of which less than this share lies in the plane says nothing about directions in it. */
const LEAST_SHARE = 0.3;

/** The plane of the slice of a stack that is nearest to a point (LPS, mm). */
export function slicePlaneAt(stack: StackGeometry, point: LpsPoint): SlicePlane {
  const { slice, column, row } = locateInStack(stack, point);
  const [columns, rows] = [axisStep(stack.voxelToLps, 0), axisStep(stack.voxelToLps, 1)];
  const along = times(columns, 1 / norm(columns));
  const normal = cross(along, rows);
  return {
    middle: toLps(stack.voxelToLps, voxelIndex(column, row, slice)),
    along,
    down: times(cross(normal, along), 1 / norm(normal)),
  };
}

/** Ends in the patient, LPS, mm. */
export function endsInPatient({ middle, along, down }: SlicePlane, segment: Segment): AxisEnds {
  const at = ([a, b]: Offset): LpsPoint => lpsPoint(...plus(plus(middle, along, a), down, b));
  return [at(segment[0]), at(segment[1])];
}

/** From one offset to another. */
export function between(from: Offset, to: Offset): Offset {
  return [to[0] - from[0], to[1] - from[1]];
}

/** a + factor * b. */
export function moved(a: Offset, b: Offset, factor = 1): Offset {
  return [a[0] + factor * b[0], a[1] + factor * b[1]];
}

/** Of a line, mm. */
export function lengthOf(segment: Segment): number {
  return Math.hypot(...between(...segment));
}

/** Half way from one end to the other. */
export function middleOf([one, other]: Segment): Offset {
  return [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
}

function apply(linear: Linear | undefined, [x, y, z]: Vector): Vector {
  if (linear === undefined) return [x, y, z];
  const row = (r: number): number =>
    (linear[3 * r] ?? NaN) * x + (linear[3 * r + 1] ?? NaN) * y + (linear[3 * r + 2] ?? NaN) * z;
  return [row(0), row(1), row(2)];
}

/**
 * Diameters turned by the linear part of a map and put into a plane: the long one with its direction there and the length that the map
 * gives it, the short one at right angles to it, crossing it.
 * @param from the point that the middle of the plane corresponds to, LPS, mm
 * @param linear from offsets of the query to offsets of the target; none is moved without it
 */
export function turnedAxes(
  { longAxis, shortAxis }: Axes,
  from: LpsPoint,
  plane: SlicePlane,
  linear?: Linear,
): PlaneAxes {
  const long = turned(longAxis, from, plane, linear);
  const short = shortAxis && turned(shortAxis, from, plane, linear);
  const direction = directionOf(long, short);
  const across: Offset = [-direction[1], direction[0]];
  const line = centred(long.middle, direction, long.mm / 2);
  if (short === undefined) return { long: line };
  const [place, offset] = [inFrame(short.middle, long.middle, direction), short.mm / 2];
  // Both cross: neither middle lies beyond the other's ends.
  const crossing = moved(long.middle, direction, clamped(place[0], long.mm / 2));
  return { long: line, short: centred(moved(crossing, across, clamped(place[1], offset)), across, offset) };
}

/** A diameter under the map: its middle in the plane, its whole vector there, and its length in the patient, mm. */
interface Turned {
  readonly middle: Offset;
  readonly vector: Offset;
  readonly mm: number;
}

function turned(
  [one, other]: AxisEnds,
  from: LpsPoint,
  { along, down }: SlicePlane,
  linear: Linear | undefined,
): Turned {
  const inPlane = (offset: Vector): Offset => [dot(offset, along), dot(offset, down)];
  const vector = apply(linear, plus(other, one, -1));
  const middle = apply(linear, plus(times(plus(one, other), 0.5), from, -1));
  return { middle: inPlane(middle), vector: inPlane(vector), mm: norm(vector) };
}

/** Unit direction of the long diameter in the plane; where it stands upright on the plane, that across the short one. */
function directionOf(long: Turned, short: Turned | undefined): Offset {
  const unit = ({ vector, mm }: Turned): Offset | undefined => {
    const length = Math.hypot(...vector);
    return length >= LEAST_SHARE * mm && length > 0 ? [vector[0] / length, vector[1] / length] : undefined;
  };
  const own = unit(long);
  if (own !== undefined) return own;
  const across = short && unit(short);
  return across === undefined ? [1, 0] : [across[1], -across[0]];
}

function centred(middle: Offset, direction: Offset, half: number): Segment {
  return [moved(middle, direction, -half), moved(middle, direction, half)];
}

/** An offset seen from another one, along a direction and across it. */
function inFrame(place: Offset, origin: Offset, [c, s]: Offset): Offset {
  const [a, b] = between(origin, place);
  return [a * c + b * s, b * c - a * s];
}

function clamped(value: number, most: number): number {
  return Math.min(Math.max(value, -most), most);
}
