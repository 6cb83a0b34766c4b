/** Labels beside markers. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Point2 } from '../ohif.d.ts';
import { placeLabels } from './labels.ts';
import type { Labelled } from './labels.ts';

const SIZE: Point2 = [400, 400];
const REACH = 18;

function at(x: number, y: number, lines: readonly string[] = ['Point 1', '± 3 mm']): Labelled {
  return { centre: [x, y], reach: REACH, lines };
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function boxOf({ lines }: Labelled, [x, y]: Point2): Box {
  const width = Math.max(...lines.map(({ length }) => length)) * 7.5;
  return { x, y, width, height: lines.length * 17 };
}

function ringOf({ centre: [x, y], reach }: Labelled): Box {
  return { x: x - reach, y: y - reach, width: 2 * reach, height: 2 * reach };
}

const meet = (a: Box, b: Box): boolean =>
  Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x) > 1e-6 &&
  Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y) > 1e-6;

function boxes(markers: readonly Labelled[]): readonly Box[] {
  const places = placeLabels(markers, SIZE);
  return markers.map((marker, index) => boxOf(marker, places[index]!));
}

describe('placeLabels', () => {
  test('a label lies right of its marker where nothing is in the way', () => {
    const [box] = boxes([at(100, 100)]);
    expect(box?.x).toBe(100 + REACH + 4);
    expect(box!.y + box!.height).toBeLessThanOrEqual(100);
  });

  test('at the right border it lies on the other side', () => {
    const [box] = boxes([at(380, 100)]);
    expect(box!.x + box!.width).toBeLessThanOrEqual(380 - REACH);
  });

  test('labels of markers side by side cover neither each other nor a marker', () => {
    const row = [0, 1, 2, 3, 4, 5].map((k) =>
      at(150 + 12 * k, 200, [`Point ${k + 1}`, '± 24 mm, uncertain — check']),
    );
    const placed = boxes(row);
    placed.forEach((box, index) => {
      expect(placed.filter((other, k) => k !== index && meet(box, other))).toEqual([]);
      expect(row.map(ringOf).filter((ring) => meet(box, ring))).toEqual([]);
    });
  });

  test('as long as few markers need it, every label finds a free place inside the image', () => {
    const markers = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 400 })), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(markers, (centres) => {
        const given = centres.map(([x, y]) => at(x, y));
        const placed = boxes(given);
        placed.forEach((box, index) => {
          expect(placed.filter((other, k) => k !== index && meet(box, other))).toEqual([]);
          expect(box.x).toBeGreaterThanOrEqual(0);
          expect(box.x + box.width).toBeLessThanOrEqual(400);
        });
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
