/**
 * The diameters of an area by the line around it, as a reader would measure them.
 * @module
 */
import { cross, distanceMm, dot, lpsPoint, norm, plus, times } from '../geometry/index.ts';
import type { LpsPoint, Vector } from '../geometry/index.ts';

/** A line of fewer points, such as a rectangle, surrounds a lesion and does not follow its edge. */
const LEAST_POINTS = 6;
/** The diameters of a line of more points follow from so many of them. */
const MOST_POINTS = 200;
/** Places along the long diameter at which the width is measured. */
const WIDTHS = 41;

type Ends = readonly [LpsPoint, LpsPoint];

/**
 * The longest diameter of a closed line and the longest one at right angles to it, LPS, mm; none of a line that follows no edge.
 * @param outline in order, in a plane
 */
export function diametersOf(outline: readonly LpsPoint[]): readonly Ends[] {
  const step = Math.max(1, Math.ceil(outline.length / MOST_POINTS));
  const points = outline.filter((_, index) => index % step === 0);
  if (points.length < LEAST_POINTS) return [];
  const long = longest(points);
  const short = long && widest(points, long);
  return long === undefined ? [] : short === undefined ? [long] : [long, short];
}

function longest(points: readonly LpsPoint[]): Ends | undefined {
  let [ends, mm] = [undefined as Ends | undefined, 0];
  for (const [index, one] of points.entries())
    for (const other of points.slice(index + 1)) {
      const here = distanceMm(one, other);
      if (here > mm) [ends, mm] = [[one, other], here];
    }
  return ends;
}

/** The widest chord across a diameter. */
function widest(points: readonly LpsPoint[], [from, to]: Ends): Ends | undefined {
  const along = unit(plus(to, from, -1));
  const normal = normalOf(points, from);
  const across = normal && unit(cross(normal, along));
  if (across === undefined) return undefined;
  const flat = points.map((point) => {
    const offset = plus(point, from, -1);
    return [dot(offset, along), dot(offset, across)] as const;
  });
  const length = distanceMm(from, to);
  let [best, mm] = [undefined as Ends | undefined, 0];
  for (let n = 1; n < WIDTHS; n += 1) {
    const at = (n / WIDTHS) * length;
    const heights = crossingsAt(flat, at);
    const [low, high] = [Math.min(...heights), Math.max(...heights)];
    if (high - low > mm) [best, mm] = [[place(at, low), place(at, high)], high - low];
  }
  return best;

  function place(a: number, b: number): LpsPoint {
    return lpsPoint(...plus(plus(from, times(along, a)), times(across ?? along, b)));
  }
}

/** Where a closed line crosses a line across: its distances from the diameter. */
function crossingsAt(flat: readonly (readonly [number, number])[], at: number): readonly number[] {
  return flat.flatMap(([a, b], index) => {
    const [c, d] = flat[(index + 1) % flat.length] ?? [a, b];
    return a < at === c < at ? [] : [b + ((at - a) / (c - a)) * (d - b)];
  });
}

function unit(vector: Vector): Vector {
  return times(vector, 1 / norm(vector));
}

/** Normal of the plane of a closed line; undefined where the points are on a straight line. */
function normalOf(points: readonly LpsPoint[], origin: LpsPoint): Vector | undefined {
  let sum: Vector = [0, 0, 0];
  for (const [index, point] of points.entries()) {
    const next = points[(index + 1) % points.length] ?? origin;
    sum = plus(sum, cross(plus(point, origin, -1), plus(next, origin, -1)));
  }
  return norm(sum) < 1e-6 ? undefined : sum;
}
