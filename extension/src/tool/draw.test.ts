/** The marks on the images. */
import { describe, expect, test } from '@jest/globals';
import type { CornerstoneTools } from '../ohif.d.ts';
import type { Marker } from '../viewer/marker.ts';
import { drawMarker } from './draw.ts';

interface Circle {
  readonly id: string;
  readonly radius: number;
}

function circles(marker: Partial<Marker>, pixelsPerMm: number): readonly Circle[] {
  const drawn: Circle[] = [];
  const drawing: CornerstoneTools['drawing'] = {
    drawCircle: (_helper, _uid, id, _centre, radius) => void drawn.push({ id, radius }),
    drawLine: () => undefined,
    drawTextBox: () => undefined,
  };
  const whole: Marker = {
    id: 'm',
    seriesInstanceUid: '1',
    frameOfReferenceUid: '2',
    lps: [0, 0, 0],
    lines: [],
    state: 'proposed',
    ...marker,
  };
  drawMarker(drawing, {}, whole, [100, 100], pixelsPerMm);
  return drawn;
}

describe('drawMarker', () => {
  test('draws the error radius to scale', () => {
    expect(circles({ radiusMm: 12 }, 2.5)).toEqual([
      { id: 'ring', radius: 11 },
      { id: 'radius', radius: 30 },
    ]);
  });

  test.each([
    ['that would lie under the ring', { radiusMm: 3 }, 2],
    ['of a viewport without a scale', { radiusMm: 12 }, Infinity],
    ['of a place without a radius', {}, 2],
  ])('draws no circle %s', (_name, marker, pixelsPerMm) => {
    expect(circles(marker, pixelsPerMm).map(({ id }) => id)).toEqual(['ring']);
  });
});
