/**
 * Which slice of one pane shows the anatomy of another.
 * @module
 */
import type { Lps } from '../wire.ts';
import type { Viewport } from '../ohif.d.ts';
import { isOnImage, nearestSlice } from '../viewer/slices.ts';
import type { Slice } from '../viewer/slices.ts';
import { cross, dot, subtract } from '../viewer/vector.ts';
import { shownPlane } from '../viewer/visible.ts';
import type { Pane } from './panes.ts';

/** The cosine of the angle up to which planes count as the same: a tilted gantry, a patient who lies askew. */
const SAME_PLANE = 0.7;
/** Beyond the outer slices by at most this much of their distance, a point still belongs to them. */
const BORDER_SLICES = 1;

/** The point in the middle of what a viewport shows, LPS mm. */
export function centreOf(viewport: Viewport): Lps {
  const { clientWidth, clientHeight } = viewport.element;
  return viewport.canvasToWorld([clientWidth / 2, clientHeight / 2]);
}

/** Moves a point along the normal into the plane of the image of an event: the camera may still be at the image before. */
export function ontoImage({ slices }: Pane, imageId: string | undefined, lps: Lps): Lps {
  const slice = imageId === undefined ? undefined : slices.find((one) => one.imageId === imageId);
  if (slice === undefined) return lps;
  const normal = normalOf(slice);
  const offMm = dot(subtract(lps, slice.origin), normal);
  return [lps[0] - offMm * normal[0], lps[1] - offMm * normal[1], lps[2] - offMm * normal[2]];
}

function normalOf({ alongRow, alongColumn }: Slice): Lps {
  return cross(alongRow, alongColumn);
}

/** False also for a pane that is being torn down. */
function isParallel(a: Pane, b: Pane): boolean {
  try {
    return Math.abs(dot(shownPlane(a.viewport).normal, shownPlane(b.viewport).normal)) > SAME_PLANE;
  } catch {
    return false;
  }
}

/**
 * True where scrolling `source` moves `target`: it shows the same plane, or no pane of the source's series does. So in MPR each plane
 * follows its own.
 */
export function drives(source: Pane, target: Pane, panes: readonly Pane[]): boolean {
  if (source.id === target.id) return false;
  if (isParallel(source, target)) return true;
  const { seriesInstanceUid } = source.series;
  return !panes.some(
    (pane) => pane.series.seriesInstanceUid === seriesInstanceUid && isParallel(pane, target),
  );
}

/** How far a point lies before the first or beyond the last slice, in distances of slices; 0 between them. */
function slicesBeyond(slices: readonly Slice[], lps: Lps): number {
  const found = nearestSlice(slices, lps);
  const [first, second] = slices;
  if (found === undefined || first === undefined) return 0;
  const spacingMm =
    second === undefined ? 1 : Math.abs(dot(subtract(second.origin, first.origin), normalOf(first)));
  return found.pixel.offPlaneMm / Math.max(spacingMm, 1);
}

/** True for a point whose level is in the series, between its outer slices. */
export function isLevelOf({ slices }: Pane, lps: Lps): boolean {
  return slices.length === 0 || slicesBeyond(slices, lps) <= BORDER_SLICES;
}

/** True for a point inside the images of the series. */
export function isPointOf(pane: Pane, lps: Lps): boolean {
  const found = nearestSlice(pane.slices, lps);
  return found === undefined || (isOnImage(found) && isLevelOf(pane, lps));
}
