/**
 * Diameters between the edges of a lesion.
 * @module
 */
import { contourAt } from './contour.ts';
import type { Contour, Slice } from './contour.ts';
import { between, lengthOf, middleOf, moved } from './plane.ts';
import type { Offset, PlaneAxes, Segment } from './plane.ts';

/** A lesion of which only the long diameter is known is this wide. */
const USUAL_RATIO = 0.75;
const LEAST_RATIO = 0.3;
/** The long diameter may turn this far to either side, in steps, radians. */
const [LARGEST_TURN, TURN_STEP] = [Math.PI / 9, Math.PI / 90];
/** It turns farther where the lesion is so many times longer there. */
const CLEARLY_LONGER = 1.1;
/** The short diameter crosses the long one within this share of its half, in steps. */
const [LARGEST_OFFSET, OFFSET_STEP] = [0.6, 0.1];
/** A lesion that is so many times longer or shorter is another one. */
const LARGEST_CHANGE = 3.5;

/** A line from a place: how far it goes to the edge, forward and backward, and whether rays have found the edge there. */
interface Chord {
  readonly segment: Segment;
  readonly mm: number;
  readonly isFound: boolean;
}

/** The chord through a place inside an edge; undefined where the line does not cross it on both sides. */
function chordThrough({ edge, isFound }: Contour, place: Offset, direction: Offset): Chord | undefined {
  let [forward, backward] = [Infinity, -Infinity];
  let [isForwardFound, isBackwardFound] = [false, false];
  for (const [n, one] of edge.entries()) {
    const next = (n + 1) % edge.length;
    const other = edge[next] ?? one;
    const at = crossing(place, direction, one, other);
    const isSeen = isFound[n] === true || isFound[next] === true;
    if (at >= 0 && at < forward) [forward, isForwardFound] = [at, isSeen];
    if (at < 0 && at > backward) [backward, isBackwardFound] = [at, isSeen];
  }
  const mm = forward - backward;
  if (!Number.isFinite(mm)) return undefined;
  const segment: Segment = [moved(place, direction, backward), moved(place, direction, forward)];
  return { segment, mm, isFound: isForwardFound && isBackwardFound };
}

/** Where a line crosses a part of an edge, mm along its direction; NaN where it does not. */
function crossing(place: Offset, [c, s]: Offset, one: Offset, other: Offset): number {
  const [a, b] = [between(place, one), between(place, other)];
  const [heightA, heightB] = [a[1] * c - a[0] * s, b[1] * c - b[0] * s];
  if (heightA < 0 === heightB < 0) return NaN;
  const share = heightA / (heightA - heightB);
  const [u, v] = moved(a, between(a, b), share);
  return u * c + v * s;
}

function longest(chords: readonly (Chord | undefined)[]): Chord | undefined {
  return chords.reduce((best, chord) => ((chord?.mm ?? 0) > (best?.mm ?? 0) ? chord : best), undefined);
}

function unitOf(segment: Segment): Offset {
  const [a, b] = between(...segment);
  const length = Math.hypot(a, b);
  return [a / length, b / length];
}

/** Values from -most to most. */
function range(most: number, step: number): number[] {
  const count = Math.round(most / step);
  return Array.from({ length: 2 * count + 1 }, (_, n) => (n - count) * step);
}

function turnedBy([a, b]: Offset, angle: number): Offset {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [a * c - b * s, a * s + b * c];
}

/** The longest diameter about along a direction; of all where that is clearly longer. */
function longAlong(contour: Contour, direction: Offset): Chord | undefined {
  const within = (most: number): Chord | undefined =>
    longest(
      range(most, TURN_STEP).map((angle) =>
        chordThrough(contour, contour.middle, turnedBy(direction, angle)),
      ),
    );
  const [near, any] = [within(LARGEST_TURN), within(Math.PI / 2)];
  return near !== undefined && any !== undefined && any.mm > CLEARLY_LONGER * near.mm ? any : near;
}

/** The longest perpendicular to a line within an edge that crosses it. */
function shortAcross(contour: Contour, long: Segment): Chord | undefined {
  const direction = unitOf(long);
  const across: Offset = [-direction[1], direction[0]];
  const half = lengthOf(long) / 2;
  return longest(
    range(LARGEST_OFFSET, OFFSET_STEP).map((share) =>
      chordThrough(contour, moved(middleOf(long), direction, share * half), across),
    ),
  );
}

/**
 * Moves diameters to the edge of the lesion that lies about there: the long one a little turned, the short one the longest at right
 * angles to it.
 * @param leastContrast less between a lesion and its surroundings is no edge, in the units of the image
 * @returns undefined where no clear edge is found
 */
export function fittedAxes(
  slice: Slice,
  { long, short }: PlaneAxes,
  leastContrast: number,
): PlaneAxes | undefined {
  const mm = lengthOf(long);
  const ratio = short === undefined ? USUAL_RATIO : Math.min(1, Math.max(LEAST_RATIO, lengthOf(short) / mm));
  const direction = unitOf(long);
  const expected = { middle: middleOf(long), direction, halfMm: mm / 2, ratio };
  const contour = contourAt(slice, expected, leastContrast);
  if (contour === undefined) return undefined;
  const fitted = longAlong(contour, direction);
  if (fitted?.isFound !== true) return undefined;
  if (fitted.mm > LARGEST_CHANGE * mm || mm > LARGEST_CHANGE * fitted.mm) return undefined;
  if (short === undefined) return { long: fitted.segment };
  const across = shortAcross(contour, fitted.segment);
  return across?.isFound === true ? { long: fitted.segment, short: across.segment } : undefined;
}
