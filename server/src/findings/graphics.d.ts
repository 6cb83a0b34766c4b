import type { Shape, Triple } from './types.ts';
/** A graphic without its space. */
export type Graphic = Omit<Shape, 'space'>;
/** Numbers to points of two (column, row) or three coordinates. @throws Unreadable where they are none */
export declare function pointsOf(data: readonly unknown[], dimensions: 2 | 3): [Triple, ...Triple[]];
/** Where the points are: their mean. */
export declare function cloud(points: readonly [Triple, ...Triple[]]): Graphic;
/** A straight line between two points. */
export declare function segment(a: Triple, b: Triple): Graphic;
/**
 * The area that a closed line surrounds: its centroid. A line that surrounds none, such as the corners of a rectangle written in the
 * order of OHIF, has the centre of its box.
 */
export declare function area(points: readonly [Triple, ...Triple[]]): Graphic;
/** A circle by its centre and a point on it; in the patient, where its plane is not given, the box is that of the sphere. */
export declare function circle(centre: Triple, edge: Triple, dimensions: 2 | 3): Graphic;
/** An ellipse or ellipsoid by the end points of its axes. */
export declare function ellipse(points: readonly [Triple, ...Triple[]]): Graphic;
