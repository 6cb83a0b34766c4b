/**
 * Graphics of spatial coordinates (PS3.3 C.18.6 and C.18.9), reduced to centre, weight, box and diameters.
 * @module
 */
import { cross, norm } from '../geometry/index.ts';
import { Unreadable } from '../contentTree/index.ts';
import type { Shape, Triple } from './types.ts';

/** Coordinates beyond this are no place in a patient or an image, mm or pixels. */
const MAX_COORDINATE = 1e6;

/** A graphic without its space. */
export type Graphic = Omit<Shape, 'space'>;

/** Numbers to points of two (column, row) or three coordinates. @throws Unreadable where they are none */
export function pointsOf(data: readonly unknown[], dimensions: 2 | 3): [Triple, ...Triple[]] {
  const points: Triple[] = [];
  for (let index = 0; index + dimensions <= data.length; index += dimensions) {
    const z = dimensions === 3 ? data[index + 2] : 0;
    points.push([coordinate(data[index]), coordinate(data[index + 1]), coordinate(z)]);
  }
  const [first, ...others] = points;
  if (first === undefined || data.length % dimensions !== 0)
    throw new Unreadable('its coordinates are incomplete');
  return [first, ...others];
}

function coordinate(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || Math.abs(value) > MAX_COORDINATE)
    throw new Unreadable('its coordinates are no place');
  return value;
}

function middle(a: Triple, b: Triple): Triple {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2];
}

function minus(a: Triple, b: Triple): Triple {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

/** The box around points. */
function boxOf([first, ...others]: readonly [Triple, ...Triple[]]): [Triple, Triple] {
  const [min, max] = [[...first] as [number, number, number], [...first] as [number, number, number]];
  for (const point of others)
    for (const axis of [0, 1, 2] as const) {
      min[axis] = Math.min(min[axis], point[axis]);
      max[axis] = Math.max(max[axis], point[axis]);
    }
  return [min, max];
}

/** Where the points are: their mean. */
export function cloud(points: readonly [Triple, ...Triple[]]): Graphic {
  const sum: [number, number, number] = [0, 0, 0];
  for (const point of points) for (const axis of [0, 1, 2] as const) sum[axis] += point[axis];
  const centre: Triple = [sum[0] / points.length, sum[1] / points.length, sum[2] / points.length];
  return { centre, weight: 1, box: boxOf(points), axes: [] };
}

/** A straight line between two points. */
export function segment(a: Triple, b: Triple): Graphic {
  return { centre: middle(a, b), weight: 1, box: boxOf([a, b]), axes: [[a, b]] };
}

/**
 * The area that a closed line surrounds: its centroid. A line that surrounds none, such as the corners of a rectangle written in the
 * order of OHIF, has the centre of its box.
 */
export function area(points: readonly [Triple, ...Triple[]]): Graphic {
  const [origin] = points;
  let [total, x, y, z] = [0, 0, 0, 0];
  const normal = normalOf(points);
  for (const [index, point] of points.entries()) {
    const next = points[(index + 1) % points.length] ?? origin;
    const [a, b] = [minus(point, origin), minus(next, origin)];
    const [cx, cy, cz] = cross(a, b);
    const double = cx * normal[0] + cy * normal[1] + cz * normal[2];
    total += double;
    x += (double * (a[0] + b[0])) / 3;
    y += (double * (a[1] + b[1])) / 3;
    z += (double * (a[2] + b[2])) / 3;
  }
  const box = boxOf(points);
  const size = norm(minus(box[1], box[0]));
  if (total <= size * size * MIN_FILLING) return { centre: middle(...box), weight: 1, box, axes: [] };
  const centre: Triple = [origin[0] + x / total, origin[1] + y / total, origin[2] + z / total];
  return { centre, weight: total / 2, box, axes: [], outline: points };
}

/** Less than this share of the squared diagonal of its box is no area. */
const MIN_FILLING = 1e-3;

/** Unit normal of a closed line; of one without an area, zero. */
function normalOf(points: readonly [Triple, ...Triple[]]): Triple {
  const [origin] = points;
  const sum: [number, number, number] = [0, 0, 0];
  for (const [index, point] of points.entries()) {
    const next = points[(index + 1) % points.length] ?? origin;
    const product = cross(minus(point, origin), minus(next, origin));
    for (const axis of [0, 1, 2] as const) sum[axis] += product[axis];
  }
  const length = norm(sum);
  return length === 0 ? [0, 0, 0] : [sum[0] / length, sum[1] / length, sum[2] / length];
}

/** A circle by its centre and a point on it; in the patient, where its plane is not given, the box is that of the sphere. */
export function circle(centre: Triple, edge: Triple, dimensions: 2 | 3): Graphic {
  const radius = norm(minus(edge, centre));
  const depth = dimensions === 3 ? radius : 0;
  const opposite: Triple = [2 * centre[0] - edge[0], 2 * centre[1] - edge[1], 2 * centre[2] - edge[2]];
  const box = boxOf([
    [centre[0] - radius, centre[1] - radius, centre[2] - depth],
    [centre[0] + radius, centre[1] + radius, centre[2] + depth],
  ]);
  return { centre, weight: Math.PI * radius * radius, box, axes: [[opposite, edge]] };
}

/** An ellipse or ellipsoid by the end points of its axes. */
export function ellipse(points: readonly [Triple, ...Triple[]]): Graphic {
  const axes: [Triple, Triple][] = [];
  for (let index = 0; index + 1 < points.length; index += 2) {
    const [a, b] = [points[index], points[index + 1]];
    if (a !== undefined && b !== undefined) axes.push([a, b]);
  }
  const [first, second] = axes;
  if (first === undefined || second === undefined) throw new Unreadable('its coordinates are incomplete');
  const lengths = axes.map(([a, b]) => norm(minus(a, b)));
  const product = (lengths[0] ?? 0) * (lengths[1] ?? 0);
  return { centre: middle(...first), weight: (Math.PI / 4) * product, box: ellipseBox(axes), axes };
}

/** The box of an ellipse: half its extent along a coordinate is the root of the sum of the squared half axes. */
function ellipseBox(axes: readonly (readonly [Triple, Triple])[]): [Triple, Triple] {
  const [first] = axes;
  const centre = first === undefined ? ([0, 0, 0] as const) : middle(...first);
  const half = ([0, 1, 2] as const).map((axis) =>
    Math.sqrt(axes.reduce((sum, [a, b]) => sum + ((a[axis] - b[axis]) / 2) ** 2, 0)),
  );
  const [x = 0, y = 0, z = 0] = half;
  return [
    [centre[0] - x, centre[1] - y, centre[2] - z],
    [centre[0] + x, centre[1] + y, centre[2] + z],
  ];
}
