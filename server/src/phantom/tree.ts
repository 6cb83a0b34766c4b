import type { Random } from './random.ts';
import { capsule } from './shapes.ts';
import type { Depth, Part, Point, Tissue } from './shapes.ts';

/** How a vessel tree fills an organ. */
export interface TreeSpec {
  readonly root: Point;
  readonly organ: Depth;
  /** Box from which end points are drawn. */
  readonly min: Point;
  readonly max: Point;
  readonly endPoints: number;
  /** Distance that end points keep from the surface of the organ, mm. */
  readonly marginMm: number;
  readonly leafRadiusMm: number;
  readonly largestRadiusMm: number;
  readonly tissue: Tissue;
}

interface Node {
  readonly point: Point;
  /** Undefined: the root. */
  readonly parent: Node | undefined;
  endPoints: number;
}

function drawEndPoints(spec: TreeSpec, random: Random): Point[] {
  const points: Point[] = [];
  // An organ fills at least a few percent of its box, so the bound is never met; it only rules out an endless loop.
  for (let tries = 0; points.length < spec.endPoints && tries < 200 * spec.endPoints; tries++) {
    const at = (axis: 0 | 1 | 2): number => random.between(spec.min[axis], spec.max[axis]);
    const point: Point = [at(0), at(1), at(2)];
    if (spec.organ(...point) > spec.marginMm) points.push(point);
  }
  return points;
}

/**
 * Grows a vessel tree: end points join, from the hilum outwards, at the nearest point grown so far, and radii follow Murray's law
 * (r^3 adds up at a branching; C. D. Murray, 1926).
 */
export function growTree(spec: TreeSpec, random: Random): Part[] {
  const fromRoot = (p: Point): number =>
    Math.hypot(p[0] - spec.root[0], p[1] - spec.root[1], p[2] - spec.root[2]);
  const ends = drawEndPoints(spec, random).sort((a, b) => fromRoot(a) - fromRoot(b));
  const root: Node = { point: spec.root, parent: undefined, endPoints: 0 };
  const nodes: [Node, ...Node[]] = [root];
  for (const end of ends) attach(nodes, end);
  countEndPoints(nodes);
  const radius = (endPoints: number): number =>
    Math.min(spec.largestRadiusMm, spec.leafRadiusMm * Math.cbrt(Math.max(1, endPoints)));
  return nodes.flatMap(({ parent, point, endPoints }) =>
    parent === undefined
      ? []
      : capsule(parent.point, point, radius(endPoints) * 1.05, radius(endPoints), spec.tissue),
  );
}

/** Adds an end point with a bend half way, so that branches are not straight. */
function attach(nodes: [Node, ...Node[]], end: Point): void {
  let [nearest] = nodes;
  let least = Infinity;
  for (const node of nodes) {
    const { point } = node;
    const d = (point[0] - end[0]) ** 2 + (point[1] - end[1]) ** 2 + (point[2] - end[2]) ** 2;
    if (d < least) [least, nearest] = [d, node];
  }
  const from = nearest.point;
  const bend = Math.sqrt(least) * 0.08;
  const point: Point = [
    (from[0] + end[0]) / 2 + bend,
    (from[1] + end[1]) / 2 - bend,
    (from[2] + end[2]) / 2 + bend,
  ];
  const middle: Node = { point, parent: nearest, endPoints: 0 };
  nodes.push(middle, { point: end, parent: middle, endPoints: 0 });
}

function countEndPoints(nodes: readonly Node[]): void {
  for (const node of nodes.toReversed()) {
    if (node.parent === undefined) continue;
    if (node.endPoints === 0) node.endPoints = 1;
    node.parent.endPoints += node.endPoints;
  }
}
