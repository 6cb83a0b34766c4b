/**
 * Where the labels of the markers of a viewport are printed: beside their markers, over neither other labels nor other markers.
 * @module
 */
import type { Point2 } from '../ohif.d.ts';

/** A marker that needs a label: canvas, CSS pixels. */
export interface Labelled {
  readonly centre: Point2;
  /** Radius that the marker covers. */
  readonly reach: number;
  readonly lines: readonly string[];
}

/** Canvas, CSS pixels. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Of the host's 14 px Helvetica: the mean width of a letter, rounded up, and the height of a line. */
const LETTER_PX = 7.5;
const LINE_PX = 17;
/** Between a marker and its label. */
const GAP_PX = 4;
/** Directions from the marker, in the order in which they are tried: to the right first, where readers expect a label. */
const DIRECTIONS: readonly Point2[] = [
  [1, -1],
  [1, 1],
  [1, 0],
  [-1, -1],
  [-1, 1],
  [-1, 0],
  [0, -1],
  [0, 1],
];
/** How far a label may be moved away from its marker, lines. */
const MAX_LINES_AWAY = 12;

function boxAt({ centre: [x, y], reach, lines }: Labelled, [dx, dy]: Point2, linesAway: number): Box {
  const width = Math.max(0, ...lines.map((line) => line.length)) * LETTER_PX;
  const height = lines.length * LINE_PX;
  const away = reach + GAP_PX + linesAway * LINE_PX;
  const beside = dx === 0 ? -width / 2 : dx > 0 ? reach + GAP_PX : -(reach + GAP_PX) - width;
  const offset = dy === 0 ? -height / 2 : dy > 0 ? away - reach : -(away - reach) - height;
  const vertical = dx === 0 ? offset + dy * reach : offset;
  return { left: x + beside, top: y + vertical, right: x + beside + width, bottom: y + vertical + height };
}

/** Area that two boxes share, square CSS pixels. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Area of a box that lies outside the canvas. */
function outside(box: Box, [width, height]: Point2): number {
  const area = (box.right - box.left) * (box.bottom - box.top);
  return area - overlap(box, { left: 0, top: 0, right: width, bottom: height });
}

/**
 * The upper left corner of each label. Labels are placed in the order given; one that has no free place gets the one that covers
 * least.
 * @param size of the canvas, CSS pixels
 */
export function placeLabels(markers: readonly Labelled[], size: Point2): readonly Point2[] {
  const occupied: Box[] = markers.map(({ centre: [x, y], reach }) => ({
    left: x - reach,
    top: y - reach,
    right: x + reach,
    bottom: y + reach,
  }));
  return markers.map((marker) => {
    let best: { readonly box: Box; readonly cost: number } | undefined;
    for (let away = 0; away <= MAX_LINES_AWAY && best?.cost !== 0; away += 1) {
      for (const direction of DIRECTIONS) {
        const box = boxAt(marker, direction, away);
        const cost = occupied.reduce((sum, other) => sum + overlap(box, other), outside(box, size));
        if (best === undefined || cost < best.cost) best = { box, cost };
      }
    }
    const { box } = best ?? { box: boxAt(marker, [1, -1], 0) };
    occupied.push(box);
    return [box.left, box.top];
  });
}
