import type { CornerstoneTools, Point2, SvgDrawingHelper } from '../ohif.d.ts';
import { GHOST_COLOUR, HALO_COLOUR, LABEL_BACKGROUND, STATE_COLOURS } from '../viewer/colours.ts';
import type { Marker } from '../viewer/marker.ts';
import { placeLabels } from './labels.ts';

/** Radius of the ring, CSS pixels: large enough to see, small enough to keep a lesion of a few mm readable. */
const RING_PX = 11;
/** Half the diagonal of the diamond of an uncertain marker, CSS pixels: as large to the eye as the ring. */
const DIAMOND_PX = 13;
/** Radius of the hollow ring of a second candidate, CSS pixels. */
const HOLLOW_PX = 8;
/** Length of the four ticks outside the shape, CSS pixels. */
const TICK_PX = 7;
/** Width of coloured lines, and of the dark halo on each side of them, CSS pixels. */
const LINE_PX = 2;
const HALO_PX = 1;
/** Width of the lines of diameters, CSS pixels. */
const AXIS_PX = 1;
/** Half the length of the bars at the ends of a diameter of the prior: they show its length where another diameter covers it, CSS pixels. */
const BAR_PX = 4;
/** The smallest circle that is drawn, CSS pixels: below it there is none to see. */
const MIN_RADIUS_PX = 2;
/** Opacity of the disc of an uncertain marker: what lies under it can be read. */
const DISC_OPACITY = 0.15;
/** The cornerstone text box begins a fraction of a line above its first line, CSS pixels. */
const TEXT_TOP_PX = 4;

const SIDES: readonly Point2[] = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
];

/** A marker and where it lies on the canvas, CSS pixels. */
export interface PlacedMarker {
  readonly marker: Marker;
  readonly centre: Point2;
  /** Ends of the diameters. */
  readonly axes?: readonly Line[];
  /** Ends of the diameters of the prior. */
  readonly ghost?: readonly Line[];
}

type Line = readonly [Point2, Point2];

interface LineStyle {
  readonly lineWidth?: number;
  readonly color?: string;
  readonly lineDash?: string;
}

/** Draws the parts of one marker: each line on its dark halo, so that it can be seen on bone as on lung. */
class MarkerDrawing {
  readonly #drawing: CornerstoneTools['drawing'];
  readonly #helper: SvgDrawingHelper;
  readonly #id: string;
  readonly #colour: string;
  readonly #centre: Point2;

  constructor(
    drawing: CornerstoneTools['drawing'],
    helper: SvgDrawingHelper,
    { marker, centre }: PlacedMarker,
  ) {
    this.#drawing = drawing;
    this.#helper = helper;
    // A marker that changes its shape is drawn anew, as a whole: the parts of one marker stay together.
    const shape = marker.isUncertain === true ? 'uncertain' : 'certain';
    this.#id = `${marker.id} ${shape} ${marker.lines.length} ${marker.axes?.length ?? 0} ${marker.ghost?.length ?? 0}`;
    this.#colour = STATE_COLOURS[marker.state];
    this.#centre = centre;
  }

  circle(id: string, radius: number, lineWidth: number, lineDash?: string): void {
    const halo = { color: HALO_COLOUR, lineWidth: lineWidth + 2 * HALO_PX };
    this.#drawing.drawCircle(this.#helper, this.#id, `${id}-halo`, this.#centre, radius, halo);
    const options = { color: this.#colour, lineWidth, lineDash };
    this.#drawing.drawCircle(this.#helper, this.#id, id, this.#centre, radius, options);
  }

  disc(id: string, radius: number): void {
    const options = { color: this.#colour, strokeOpacity: 0, fill: this.#colour, fillOpacity: DISC_OPACITY };
    this.#drawing.drawCircle(this.#helper, this.#id, id, this.#centre, radius, options);
  }

  /** Lines between points given from the centre. */
  lines(
    id: string,
    ends: readonly Line[],
    { lineWidth = LINE_PX, color = this.#colour, lineDash }: LineStyle = {},
  ): void {
    const [x, y] = this.#centre;
    const pass = (suffix: string, options: object): void => {
      ends.forEach(([from, to], index) => {
        this.#drawing.drawLine(
          this.#helper,
          this.#id,
          `${id}${index}${suffix}`,
          [x + from[0], y + from[1]],
          [x + to[0], y + to[1]],
          { ...options },
        );
      });
    };
    pass('-halo', { color: HALO_COLOUR, lineWidth: lineWidth + 2 * HALO_PX });
    pass('', { color, lineWidth, lineDash });
  }

  label(lines: readonly string[], [x, y]: Point2): void {
    this.#drawing.drawTextBox(this.#helper, this.#id, 'label', lines, [x, y - TEXT_TOP_PX], {
      color: this.#colour,
      background: LABEL_BACKGROUND,
      padding: 0,
    });
  }
}

function at([x, y]: Point2, distance: number): Point2 {
  return [x * distance, y * distance];
}

/** The circle that holds the true place with 90 % probability, to scale; filled where the answer is uncertain. */
function drawRadius(drawn: MarkerDrawing, { radiusMm, isUncertain }: Marker, pixelsPerMm: number): void {
  if (radiusMm === undefined || !Number.isFinite(pixelsPerMm)) return;
  const radius = Math.max(MIN_RADIUS_PX, radiusMm * pixelsPerMm);
  if (isUncertain === true) drawn.disc('disc', radius);
  drawn.circle('radius', radius, LINE_PX);
}

/** The bars across both ends of a line. */
function barsOf([from, to]: Line): readonly Line[] {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  if (length === 0) return [];
  const across: Point2 = [((from[1] - to[1]) / length) * BAR_PX, ((to[0] - from[0]) / length) * BAR_PX];
  return [from, to].map(([x, y]) => [
    [x - across[0], y - across[1]],
    [x + across[0], y + across[1]],
  ]);
}

/** The diameters as thin lines, those of the prior dashed. What they measure lies under them. */
function drawAxes(drawn: MarkerDrawing, { axes = [], ghost = [], centre: [x, y] }: PlacedMarker): void {
  const fromCentre = ([from, to]: Line): Line => [
    [from[0] - x, from[1] - y],
    [to[0] - x, to[1] - y],
  ];
  const lines = ghost.map(fromCentre);
  const style = { lineWidth: AXIS_PX, color: GHOST_COLOUR };
  drawn.lines('axis', axes.map(fromCentre), { lineWidth: AXIS_PX });
  drawn.lines('ghost', lines, { ...style, lineDash: '3,3' });
  drawn.lines('bar', lines.flatMap(barsOf), style);
}

/**
 * Draws the markers of a viewport: a ring with ticks, so that the point itself stays free; an uncertain one is a diamond on a filled
 * disc, one that is selected or being moved has a second ring. Labels avoid each other and the markers.
 * @param size of the canvas, CSS pixels
 */
export function drawMarkers(
  drawing: CornerstoneTools['drawing'],
  helper: SvgDrawingHelper,
  placed: readonly PlacedMarker[],
  view: { readonly pixelsPerMm: number; readonly size: Point2 },
): void {
  const labels = placeLabels(
    placed.map(({ marker: { lines }, centre }) => ({ centre, lines, reach: RING_PX + TICK_PX })),
    view.size,
  );
  placed.forEach((one, index) => {
    const { marker } = one;
    const drawn = new MarkerDrawing(drawing, helper, one);
    if (marker.isRunnerUp === true) {
      drawn.circle('hollow', HOLLOW_PX, AXIS_PX, '2,3');
      drawn.label(marker.lines, labels[index] ?? one.centre);
      return;
    }
    drawRadius(drawn, marker, view.pixelsPerMm);
    const inner = marker.isUncertain === true ? DIAMOND_PX : RING_PX;
    if (marker.isUncertain === true) {
      drawn.lines(
        'diamond',
        SIDES.map((side, k) => [at(side, inner), at(SIDES[(k + 1) % SIDES.length] ?? side, inner)]),
      );
    } else {
      // A dashed ring is a proposal: colour must not be the only sign of the state.
      const isOpen = marker.state === 'proposed' || marker.state === 'searching';
      drawn.circle('ring', inner, LINE_PX, isOpen ? '4,3' : undefined);
    }
    drawn.lines(
      'tick',
      SIDES.map((side) => [at(side, inner), at(side, inner + TICK_PX)]),
    );
    if (marker.isMoving === true || marker.isHighlighted === true)
      drawn.circle('moving', inner + TICK_PX, LINE_PX);
    drawAxes(drawn, one);
    drawn.label(marker.lines, labels[index] ?? one.centre);
  });
}
