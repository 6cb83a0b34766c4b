import type { CornerstoneTools, Point2, SvgDrawingHelper } from '../ohif.d.ts';
import { STATE_COLOURS } from '../viewer/colours.ts';
import type { Marker } from '../viewer/marker.ts';

/** Radius of the ring, CSS pixels: large enough to see, small enough to keep a lesion of a few mm readable. */
const RING_PX = 11;
/** Length of the four ticks outside the ring, CSS pixels. */
const TICK_PX = 7;
/** Distance of the text from the ring, CSS pixels. */
const TEXT_GAP_PX = 6;

/** The circle of the error radius: faint, so that what lies in it can be read; none where it would lie under the ring. */
function drawRadius(
  drawing: CornerstoneTools['drawing'],
  helper: SvgDrawingHelper,
  { id, state, radiusMm = 0 }: Marker,
  centre: Point2,
  pixelsPerMm: number,
): void {
  const radius = radiusMm * pixelsPerMm;
  if (!(radius > RING_PX + TICK_PX && radius < Infinity)) return;
  const options = { color: STATE_COLOURS[state], lineWidth: 1, lineDash: '2,6' };
  drawing.drawCircle(helper, id, 'radius', centre, radius, options);
}

/** Draws a ring with ticks, so that the point itself stays free, and the label beside it. */
export function drawMarker(
  drawing: CornerstoneTools['drawing'],
  helper: SvgDrawingHelper,
  marker: Marker,
  [x, y]: Point2,
  pixelsPerMm: number,
): void {
  const color = STATE_COLOURS[marker.state];
  // A dashed ring is a proposal: colour must not be the only sign of the state.
  const lineDash = marker.state === 'proposed' || marker.state === 'searching' ? '4,3' : undefined;
  drawing.drawCircle(helper, marker.id, 'ring', [x, y], RING_PX, { color, lineWidth: 2, lineDash });
  drawRadius(drawing, helper, marker, [x, y], pixelsPerMm);
  const ticks: readonly Point2[] = [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ];
  ticks.forEach(([dx, dy], index) => {
    drawing.drawLine(
      helper,
      marker.id,
      `tick${index}`,
      [x + dx * RING_PX, y + dy * RING_PX],
      [x + dx * (RING_PX + TICK_PX), y + dy * (RING_PX + TICK_PX)],
      { color, lineWidth: 2 },
    );
  });
  const offset = RING_PX + TEXT_GAP_PX;
  drawing.drawTextBox(helper, marker.id, 'label', marker.lines, [x + offset, y - 2 * offset], {
    color,
    padding: 0,
  });
}
