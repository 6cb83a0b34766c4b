/**
 * Solid shapes in the anatomical frame of the phantom: x to Left, y to Posterior, z to Superior, mm, origin in the middle of
 * the trunk. A shape is its depth function: mm below the surface, negative outside.
 * @module
 */
/** Bound once: rendering calls them a hundred million times, and a global look-up each time is slow in test sandboxes. */
const { abs, cos, max, min, sin, sqrt } = Math;

export type Point = readonly [number, number, number];

/** Depth below the surface at (x, y, z), mm; exact enough near the surface, negative outside. */
export type Depth = (x: number, y: number, z: number) => number;

/** A tissue: its HU, its texture, and what its surface is made of. */
export interface Tissue {
  readonly hu: number;
  /** Standard deviation of the texture, HU. */
  readonly grainHu: number;
  /** Irregularity of the surface, mm. */
  readonly wobbleMm?: number;
  /** A layer below the surface: cortical bone, cortex of the kidney, wall of a hollow organ. */
  readonly shell?: { readonly mm: number; readonly hu: number };
}

/** A shape filled with a tissue. Later ones paint over earlier ones. */
export interface Part {
  readonly tissue: Tissue;
  readonly depth: Depth;
  /** Box that holds the shape, wobble included: where it has to be looked at. */
  readonly min: Point;
  readonly max: Point;
}

function boxAround(points: readonly Point[], margin: number): Pick<Part, 'min' | 'max'> {
  const bound = (axis: 0 | 1 | 2, pick: (...values: number[]) => number): number =>
    pick(...points.map((point) => point[axis]));
  return {
    min: [bound(0, min) - margin, bound(1, min) - margin, bound(2, min) - margin],
    max: [bound(0, max) + margin, bound(1, max) + margin, bound(2, max) + margin],
  };
}

/** Margin for soft edges around a shape, mm. */
const EDGE_MARGIN_MM = 1;

/** An ellipsoid with its axes along x, y, z, turned by `turnDeg` about z. */
export function ellipsoid(centre: Point, radii: Point, tissue: Tissue, turnDeg = 0): Part {
  const [c, s] = [cos((turnDeg * Math.PI) / 180), sin((turnDeg * Math.PI) / 180)];
  const [rx, ry, rz] = radii;
  const depth: Depth = (px, py, pz) => {
    const [dx, dy, dz] = [px - centre[0], py - centre[1], pz - centre[2]];
    const [x, y, z] = [(c * dx + s * dy) / rx, (c * dy - s * dx) / ry, dz / rz];
    const level = sqrt(x * x + y * y + z * z);
    const slope = sqrt((x / rx) ** 2 + (y / ry) ** 2 + (z / rz) ** 2);
    // First-order distance to the surface of an implicit function.
    return slope > 0 ? (level * (1 - level)) / slope : min(rx, ry, rz);
  };
  const reach = turnDeg === 0 ? [rx, ry] : [max(rx, ry), max(rx, ry)];
  const margin = EDGE_MARGIN_MM + (tissue.wobbleMm ?? 0) * 3;
  const corner = (sign: number): Point => [
    centre[0] + sign * (reach[0] ?? NaN),
    centre[1] + sign * (reach[1] ?? NaN),
    centre[2] + sign * rz,
  ];
  return { tissue, depth, ...boxAround([corner(-1), corner(1)], margin) };
}

/** A straight tube with round ends from `a` to `b`, radius from `radiusA` to `radiusB`. */
export function capsule(a: Point, b: Point, radiusA: number, radiusB: number, tissue: Tissue): Part {
  const [ux, uy, uz] = [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
  const length2 = ux * ux + uy * uy + uz * uz || 1;
  const depth: Depth = (px, py, pz) => {
    const [dx, dy, dz] = [px - a[0], py - a[1], pz - a[2]];
    const t = min(1, max(0, (dx * ux + dy * uy + dz * uz) / length2));
    const [ex, ey, ez] = [dx - t * ux, dy - t * uy, dz - t * uz];
    return radiusA + t * (radiusB - radiusA) - sqrt(ex * ex + ey * ey + ez * ez);
  };
  const margin = max(radiusA, radiusB) + EDGE_MARGIN_MM + (tissue.wobbleMm ?? 0) * 3;
  return { tissue, depth, ...boxAround([a, b], margin) };
}

/** A tube through points; the radius runs evenly from `radiusA` to `radiusB`. */
export function tube(points: readonly Point[], radiusA: number, radiusB: number, tissue: Tissue): Part[] {
  const steps = max(1, points.length - 1);
  const radius = (at: number): number => radiusA + ((radiusB - radiusA) * at) / steps;
  return points.slice(1).map((point, index) => {
    return capsule(points[index] ?? point, point, radius(index), radius(index + 1), tissue);
  });
}

/** The part of a shape inside all the given limits. */
export function within(part: Part, ...limits: readonly Depth[]): Part {
  const depth: Depth = (x, y, z) => {
    let least = part.depth(x, y, z);
    for (const limit of limits) least = min(least, limit(x, y, z));
    return least;
  };
  return { ...part, depth };
}

/** An upright elliptic cylinder. */
export function cylinder(
  centre: Point,
  radii: readonly [number, number],
  halfHeight: number,
  tissue: Tissue,
): Part {
  const [rx, ry] = radii;
  const depth: Depth = (px, py, pz) => {
    const [x, y] = [(px - centre[0]) / rx, (py - centre[1]) / ry];
    const side = (1 - sqrt(x * x + y * y)) * min(rx, ry);
    return min(side, halfHeight - abs(pz - centre[2]));
  };
  const corner = (sign: number): Point => [
    centre[0] + sign * rx,
    centre[1] + sign * ry,
    centre[2] + sign * halfHeight,
  ];
  return {
    tissue,
    depth,
    ...boxAround([corner(-1), corner(1)], EDGE_MARGIN_MM + (tissue.wobbleMm ?? 0) * 3),
  };
}
