import { notices } from '../i18n/words.ts';
import type { Point2, Point3, Viewport } from '../ohif.d.ts';
import type { Lps, SeriesPoint } from '../wire.ts';
import { ViewerFailure } from '../client/failure.ts';
import type { Host } from './host.ts';
import { nearestSlice } from './slices.ts';
import { dot } from './vector.ts';
import { isPointShown, shownPlane } from './visible.ts';

/** A marker nearer than this to the border of the viewport is brought to the middle, CSS pixels. */
const MARGIN_PX = 24;

/** A change of the cornerstone point type from the wire's read-only one. */
export function toPoint3(lps: readonly [number, number, number]): Point3 {
  return [lps[0], lps[1], lps[2]];
}

/** Viewports that show a series. */
function viewportsOf(host: Host, seriesInstanceUid: string): readonly Viewport[] {
  return host.viewportIds().flatMap((viewportId) => {
    const shown = host.displaySetsOf(viewportId).some((set) => set.SeriesInstanceUID === seriesInstanceUid);
    return shown ? (host.viewport(viewportId) ?? []) : [];
  });
}

/** The cosine of the angle between planes from which on they count as parallel. */
const PARALLEL = 0.99;

/** The normal of the plane that a viewport shows; undefined for one that is being torn down. */
function normalOf(viewport: Viewport): Lps | undefined {
  try {
    return shownPlane(viewport).normal;
  } catch {
    return undefined;
  }
}

/**
 * The viewports that show a point of their series: of those with parallel planes the ones that show its slice already, or else the
 * first. Others of them stay where the reader has put them.
 */
function viewportsFor(host: Host, point: SeriesPoint): readonly Viewport[] {
  const groups: { readonly normal: Lps | undefined; readonly viewports: Viewport[] }[] = [];
  for (const viewport of viewportsOf(host, point.seriesInstanceUid)) {
    const normal = normalOf(viewport);
    const group = groups.find(
      (other) =>
        other.normal !== undefined && normal !== undefined && Math.abs(dot(other.normal, normal)) > PARALLEL,
    );
    if (group === undefined) groups.push({ normal, viewports: [viewport] });
    else group.viewports.push(viewport);
  }
  return groups.flatMap(({ viewports }) => {
    if (viewports.length === 1) return viewports;
    const showing = viewports.filter((viewport) => isPointShown(host, viewport, point));
    return showing.length > 0 ? showing : viewports.slice(0, 1);
  });
}

/** How a viewport is brought to a point. */
export interface JumpOptions {
  readonly mayJump?: ((viewport: Viewport) => boolean) | undefined;
  /** True to bring the point to the middle, also where it can be seen. */
  readonly isCentred?: boolean;
}

/**
 * Shows a point in a viewport of each plane that shows its series, if `mayJump` allows it there: the right slice, and inside the
 * visible part of it. Gives the number of viewports that jumped.
 */
export function jumpTo(
  host: Host,
  point: SeriesPoint,
  { mayJump = () => true, isCentred = false }: JumpOptions = {},
): number {
  const viewports = viewportsFor(host, point).filter(mayJump);
  for (const viewport of viewports) jumpViewport(host, viewport, point, isCentred);
  return viewports.length;
}

/** Shows the slice of a point in a viewport; what part of it is seen stays. */
export function showSlice(
  host: Host,
  viewport: Viewport,
  point: Pick<SeriesPoint, 'seriesInstanceUid' | 'frameOfReferenceUid' | 'lps'>,
): void {
  const world = toPoint3(point.lps);
  if (typeof viewport.jumpToWorld === 'function') {
    viewport.jumpToWorld(world);
  } else if (typeof viewport.setViewReference === 'function') {
    const imageId = imageIdOf(host, point);
    viewport.setViewReference({
      ...(imageId === undefined ? {} : { referencedImageId: imageId }),
      FrameOfReferenceUID: point.frameOfReferenceUid,
      cameraFocalPoint: world,
    });
  } else {
    throw new ViewerFailure('viewer/not-shown', ...notices().failures.unmovable);
  }
}

function jumpViewport(host: Host, viewport: Viewport, point: SeriesPoint, isCentred: boolean): void {
  showSlice(host, viewport, point);
  bringIntoView(viewport, toPoint3(point.lps), isCentred ? Infinity : MARGIN_PX);
  viewport.render();
}

function imageIdOf(host: Host, point: Pick<SeriesPoint, 'seriesInstanceUid' | 'lps'>): string | undefined {
  const slices = host.displaySetsOfSeries(point.seriesInstanceUid).flatMap((set) => host.slicesOf(set));
  return nearestSlice(slices, point.lps)?.slice.imageId;
}

/** Pans a zoomed viewport so that the point is not nearer to its border than the margin, CSS pixels; Infinity brings it to the middle. */
export function bringIntoView(viewport: Viewport, world: Point3, marginPx: number): void {
  if (typeof viewport.getPan !== 'function' || typeof viewport.setPan !== 'function') return;
  try {
    const { clientWidth: width, clientHeight: height } = viewport.element;
    const [x, y] = viewport.worldToCanvas(world);
    const inside = (value: number, size: number): boolean => value >= marginPx && value <= size - marginPx;
    if (inside(x, width) && inside(y, height)) return;
    const [panX, panY] = viewport.getPan();
    const pan: Point2 = [panX + width / 2 - x, panY + height / 2 - y];
    if (pan.every(Number.isFinite)) viewport.setPan(pan);
  } catch {
    // The slice is right already; a viewport that is being torn down need not be panned.
  }
}
