import type { Viewport } from '../ohif.d.ts';
import { subtract } from '../viewer/vector.ts';
import type { Lps } from '../wire.ts';

/** Places on the plane that a viewport shows, in rows and columns: where a computed picture is sampled. */
export interface PlaneGrid {
  readonly columns: number;
  readonly rows: number;
  /** Distance of neighbouring places on the canvas, CSS pixels; the first one lies half of it from the border. */
  readonly stepPx: number;
  /** The same on the plane, mm. */
  readonly stepMm: number;
  /** The first place, LPS mm. */
  readonly origin: Lps;
  /** From a place to the next one of its row, and of its column, mm. */
  readonly alongRow: Lps;
  readonly alongColumn: Lps;
}

/** More places are not needed: a picture over the images is smooth, or as noisy as they are. */
const MAX_PLACES = 70_000;
/** Side of the triangle that spans the plane, CSS pixels. */
const PROBE_PX = 100;

function times(a: Lps, factor: number): Lps {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}

/** The places of a viewport; undefined for one without a size or a plane. */
export function gridOf(viewport: Viewport, maxPlaces = MAX_PLACES): PlaneGrid | undefined {
  const { clientWidth: width, clientHeight: height } = viewport.element;
  if (width < 1 || height < 1) return undefined;
  const stepPx = Math.max(1, Math.sqrt((width * height) / maxPlaces));
  const half = stepPx / 2;
  const origin = viewport.canvasToWorld([half, half]);
  const right = subtract(viewport.canvasToWorld([half + PROBE_PX, half]), origin);
  const down = subtract(viewport.canvasToWorld([half, half + PROBE_PX]), origin);
  const alongRow = times(right, stepPx / PROBE_PX);
  const stepMm = Math.hypot(...alongRow);
  if (!(stepMm > 0) || ![...origin, ...alongRow, ...down].every(Number.isFinite)) return undefined;
  return {
    columns: Math.ceil(width / stepPx),
    rows: Math.ceil(height / stepPx),
    stepPx,
    stepMm,
    origin,
    alongRow,
    alongColumn: times(down, stepPx / PROBE_PX),
  };
}

/** Equal for grids of the same places: a picture over them need not be painted again. */
export function gridKey({ columns, rows, origin, alongRow, alongColumn }: PlaneGrid): string {
  return [columns, rows, ...[...origin, ...alongRow, ...alongColumn].map((mm) => mm.toFixed(3))].join(' ');
}
