/**
 * One finding of several graphics: the centre by their weights, the box around all.
 * @module
 */
import { distanceMm, lpsPoint } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import type { FindingPixel } from './types.ts';

/** A graphic in the patient, LPS, mm. */
export interface PlacedShape {
  readonly centre: LpsPoint;
  readonly weight: number;
  /** Corners of its box. */
  readonly corners: readonly LpsPoint[];
  /** Undefined where the document names none. */
  readonly image: FindingPixel | undefined;
}

/** What graphics are together. */
export interface Combined {
  readonly centre: LpsPoint;
  readonly min: LpsPoint;
  readonly max: LpsPoint;
  /** The image of the graphic nearest to the centre. */
  readonly image: FindingPixel | undefined;
}

/** Combines graphics; the weights of points are equal. Undefined where there is none. */
export function combine(shapes: readonly PlacedShape[]): Combined | undefined {
  const total = shapes.reduce((sum, { weight }) => sum + weight, 0);
  const [min, max] = [
    [Infinity, Infinity, Infinity],
    [-Infinity, -Infinity, -Infinity],
  ] as [[number, number, number], [number, number, number]];
  const sum: [number, number, number] = [0, 0, 0];
  for (const { centre, weight, corners } of shapes) {
    const share = total > 0 ? weight / total : 1 / shapes.length;
    for (const axis of [0, 1, 2] as const) {
      sum[axis] += share * centre[axis];
      for (const corner of corners) {
        min[axis] = Math.min(min[axis], corner[axis]);
        max[axis] = Math.max(max[axis], corner[axis]);
      }
    }
  }
  if (shapes.length === 0) return undefined;
  const centre = lpsPoint(...sum);
  return { centre, min: lpsPoint(...min), max: lpsPoint(...max), image: nearestImage(shapes, centre) };
}

function nearestImage(shapes: readonly PlacedShape[], centre: LpsPoint): FindingPixel | undefined {
  let [nearest, distance] = [undefined as FindingPixel | undefined, Infinity];
  for (const shape of shapes) {
    const away = distanceMm(shape.centre, centre);
    if (shape.image !== undefined && away < distance) [nearest, distance] = [shape.image, away];
  }
  return nearest;
}
