import type { Viewport } from '../ohif.d.ts';
import type { Lps, SeriesPoint } from '../wire.ts';
import type { Host } from './host.ts';
import type { Marker } from './marker.ts';
import { halfVoxelMm } from './slices.ts';
import { cross, dot, subtract, unit } from './vector.ts';

/** Side of the canvas triangle that spans the shown plane, CSS pixels; any length well above rounding does. */
const PLANE_PROBE_PX = 100;
/** A point exactly between two slices belongs to both: the canvas gives places to about a thousandth of a millimetre. */
const ROUNDING_MM = 0.01;

/** The plane that a viewport shows: a point on it and its unit normal, LPS mm. */
export function shownPlane(viewport: Viewport): { readonly point: Lps; readonly normal: Lps } {
  // Read through the canvas: it is the only interface that stack, volume and generic viewports share.
  const point = viewport.canvasToWorld([0, 0]);
  const right = subtract(viewport.canvasToWorld([PLANE_PROBE_PX, 0]), point);
  const down = subtract(viewport.canvasToWorld([0, PLANE_PROBE_PX]), point);
  return { point, normal: unit(cross(right, down)) };
}

/** Length of a millimetre of the shown plane on the canvas, CSS pixels. */
export function pixelsPerMm(viewport: Viewport): number {
  const [from, to] = [viewport.canvasToWorld([0, 0]), viewport.canvasToWorld([PLANE_PROBE_PX, 0])];
  return PLANE_PROBE_PX / Math.hypot(...subtract(to, from));
}

/** True when a point of a series lies in the slice that the viewport shows of it. */
export function isPointShown(host: Host, viewport: Viewport, point: SeriesPoint): boolean {
  return isOnShownSlice(host, viewport, point);
}

/** True when a marker belongs to a series shown in the viewport and lies in the shown slice. */
export function isOnShownSlice(
  host: Host,
  viewport: Viewport,
  marker: Pick<Marker, 'seriesInstanceUid' | 'lps'>,
): boolean {
  const displaySets = host
    .displaySetsIn(viewport)
    .filter((displaySet) => displaySet.SeriesInstanceUID === marker.seriesInstanceUid);
  if (displaySets.length === 0) return false;
  const { point, normal } = shownPlane(viewport);
  const distanceMm = Math.abs(dot(subtract(marker.lps, point), normal));
  const half = Math.max(...displaySets.map((displaySet) => halfVoxelMm(host.slicesOf(displaySet), normal)));
  return distanceMm <= Math.max(half, (viewport.getSlabThickness?.() ?? 0) / 2) + ROUNDING_MM;
}
