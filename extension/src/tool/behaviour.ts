import { TOOL_NAME } from '../ids.ts';
import type {
  Annotation,
  AnnotationManager,
  AnnotationToolInstance,
  CornerstoneLibraries,
  EnabledElement,
  InteractionEvent,
  Point2,
  Point3,
  SvgDrawingHelper,
  Viewport,
} from '../ohif.d.ts';
import { annotationOf } from '../viewer/annotations.ts';
import type { Placing } from '../lesions/lesionStore.ts';
import type { Host } from '../viewer/host.ts';
import { toPoint3 } from '../viewer/jump.ts';
import type { Marker } from '../viewer/marker.ts';
import { isOnShownSlice, pixelsPerMm } from '../viewer/visible.ts';
import { drawMarkers } from './draw.ts';
import type { PlacedMarker } from './draw.ts';

/** The events that the tool reports to the rest of the extension; no handler may throw. */
export interface ToolEvents {
  /** The reader clicked a point (LPS, mm) in a viewport; on the marker of a lesion where there is one. */
  readonly pointPlaced: (viewport: Viewport, world: Point3, marker: Marker | undefined) => void;
  /** The reader dragged the marker of a lesion to a new place (LPS, mm). */
  readonly markerDragged: (viewport: Viewport, lesion: Placing, world: Point3) => void;
}

/** A click that is not farther than this from a marker's point is on the marker, CSS pixels: neighbouring lesions can be clicked. */
const ON_MARKER_PX = 6;

/** Annotation id of the ring under a mouse button that is still down. */
const DRAFT_ID = 'samepoint-draft';

/** What the tool does; the class that the host instantiates for each tool group only passes its calls on. */
export class ToolBehaviour {
  readonly #host: Host;
  readonly #libraries: CornerstoneLibraries;
  readonly #events: ToolEvents;

  constructor(host: Host, events: ToolEvents) {
    this.#host = host;
    this.#libraries = host.libraries;
    this.#events = events;
  }

  /**
   * The mouse button or a finger goes down while the tool is in use. The host would give it to a measurement that lies there, of any tool:
   * a lesion that was measured could not be clicked.
   */
  press(tool: AnnotationToolInstance, event: InteractionEvent): void {
    const { element, currentPoints } = event.detail;
    const canvas = this.#viewportOf(element)?.worldToCanvas(currentPoints.world);
    const grabbed = this.#shown(element).find(
      (annotation) =>
        canvas !== undefined && this.handleNear(element, annotation, canvas, ON_MARKER_PX) !== undefined,
    );
    if (grabbed === undefined) this.beginPoint(tool, event);
    else this.grabMarker(tool, event, grabbed);
  }

  /** The mouse button goes down on an image: a draft of the marker follows it until it is released. */
  beginPoint(tool: AnnotationToolInstance, event: InteractionEvent): Annotation {
    const { element, currentPoints } = event.detail;
    const annotation = this.#draft(this.#viewportOf(element), currentPoints.world);
    this.#annotations().addAnnotation(annotation);
    this.#beginEdit(tool, event, { annotation, newAnnotation: true });
    return annotation;
  }

  /** The mouse button goes down on a marker that may be moved. */
  grabMarker(tool: AnnotationToolInstance, event: InteractionEvent, annotation: Annotation): void {
    annotation.highlighted = true;
    this.#beginEdit(tool, event, { annotation, newAnnotation: false });
  }

  drag(tool: AnnotationToolInstance, event: InteractionEvent): void {
    if (!tool.editData) return;
    tool.editData.annotation.data.handles.points = [[...event.detail.currentPoints.world]];
    this.#redraw(tool);
  }

  /** The mouse button is released: the point is placed, or the marker dropped. A marker that was not moved was clicked. */
  end(tool: AnnotationToolInstance, event: InteractionEvent): void {
    const { element } = event.detail;
    const edit = this.#endEdit(tool, element);
    const viewport = this.#viewportOf(element);
    const [world] = edit?.annotation.data.handles.points ?? [];
    if (edit === null || edit === undefined || viewport === undefined || world === undefined) return;
    if (edit.newAnnotation === true)
      this.#events.pointPlaced(viewport, world, this.#markerAt(viewport, world));
    else this.#reportMarker(viewport, edit.annotation, world);
  }

  /** The reader pressed Escape: nothing was placed, a dragged marker is where it was. */
  cancel(tool: AnnotationToolInstance, element: HTMLDivElement): string | undefined {
    const annotation = this.#endEdit(tool, element)?.annotation;
    const lps = annotation?.data.samepoint?.lps;
    if (annotation !== undefined && lps !== undefined) annotation.data.handles.points = [[...lps]];
    return annotation?.annotationUID;
  }

  /** The markers that belong to the slice a viewport shows. */
  onShownSlice(element: HTMLDivElement, annotations: readonly Annotation[] = []): Annotation[] {
    const viewport = this.#viewportOf(element);
    if (viewport === undefined) return [];
    return annotations.filter(({ data }) => {
      if (data.samepoint === undefined) return false;
      const [lps = data.samepoint.lps] = data.handles.points;
      return isOnShownSlice(this.#host, viewport, { ...data.samepoint, lps });
    });
  }

  /** The point of a movable marker within reach of the mouse (canvas, CSS pixels). */
  handleNear(
    element: HTMLDivElement,
    { data }: Annotation,
    canvas: Point2,
    reachPx: number,
  ): Point3 | undefined {
    const [point] = data.handles.points;
    const viewport = this.#viewportOf(element);
    if (point === undefined || viewport === undefined || data.samepoint?.isMovable !== true) return undefined;
    const [x, y] = viewport.worldToCanvas(point);
    return Math.hypot(x - canvas[0], y - canvas[1]) < reachPx ? point : undefined;
  }

  /** Draws the markers of the shown slice; true when there are any. */
  render({ viewport }: EnabledElement, helper: SvgDrawingHelper): boolean {
    const { drawing } = this.#libraries.cornerstoneTools;
    const placed = this.#shown(viewport.element).flatMap(({ data }): PlacedMarker[] => {
      const [point] = data.handles.points;
      if (point === undefined || data.samepoint === undefined) return [];
      const onCanvas = (ends: Marker['axes'] = []): readonly (readonly [Point2, Point2])[] =>
        ends.map(([from, to]) => [
          viewport.worldToCanvas(toPoint3(from)),
          viewport.worldToCanvas(toPoint3(to)),
        ]);
      const { axes, ghost } = data.samepoint;
      const centre = viewport.worldToCanvas(point);
      return [{ marker: data.samepoint, centre, axes: onCanvas(axes), ghost: onCanvas(ghost) }];
    });
    const { clientWidth, clientHeight } = viewport.element;
    const view = { pixelsPerMm: pixelsPerMm(viewport), size: [clientWidth, clientHeight] as Point2 };
    drawMarkers(drawing, helper, placed, view);
    return placed.length > 0;
  }

  /** The marker of the shown slice that a point lies on. */
  #markerAt(viewport: Viewport, world: Point3): Marker | undefined {
    const [x, y] = viewport.worldToCanvas(world);
    return this.#shown(viewport.element)
      .flatMap(({ data }) => data.samepoint ?? [])
      .find((marker) => {
        const [left, top] = viewport.worldToCanvas(toPoint3(marker.lps));
        return Math.hypot(left - x, top - y) <= ON_MARKER_PX;
      });
  }

  #shown(element: HTMLDivElement): readonly Annotation[] {
    const { state } = this.#libraries.cornerstoneTools.annotation;
    return this.onShownSlice(element, state.getAnnotations(TOOL_NAME, element));
  }

  #viewportOf(element: HTMLDivElement): Viewport | undefined {
    return this.#libraries.cornerstone.getEnabledElement(element)?.viewport;
  }

  #annotations(): AnnotationManager {
    return this.#libraries.cornerstoneTools.annotation.state.getAnnotationManager();
  }

  #draft(viewport: Viewport | undefined, world: Point3): Annotation {
    const [displaySet] = viewport === undefined ? [] : this.#host.displaySetsOf(viewport.id);
    return annotationOf({
      id: DRAFT_ID,
      seriesInstanceUid: displaySet?.SeriesInstanceUID ?? '',
      frameOfReferenceUid: viewport?.getFrameOfReferenceUID() ?? '',
      lps: world,
      lines: [],
      state: 'searching',
    });
  }

  #beginEdit(
    tool: AnnotationToolInstance,
    event: InteractionEvent,
    edit: { readonly annotation: Annotation; readonly newAnnotation: boolean },
  ): void {
    const { element } = event.detail;
    const viewport = this.#viewportOf(element);
    tool.isDrawing = true;
    tool.editData = { ...edit, viewportIdsToRender: viewport === undefined ? [] : [viewport.id] };
    tool._activateModify(element);
    event.preventDefault();
    this.#redraw(tool);
  }

  #endEdit(tool: AnnotationToolInstance, element: HTMLDivElement): AnnotationToolInstance['editData'] {
    const { editData: edit } = tool;
    if (edit === null || edit === undefined) return undefined;
    tool._deactivateModify(element);
    tool.isDrawing = false;
    edit.annotation.highlighted = false;
    if (edit.newAnnotation === true) this.#annotations().removeAnnotation(edit.annotation.annotationUID);
    this.#redraw(tool);
    tool.editData = null;
    return edit;
  }

  #redraw(tool: AnnotationToolInstance): void {
    const ids = tool.editData?.viewportIdsToRender ?? [];
    this.#libraries.cornerstoneTools.utilities.triggerAnnotationRenderForViewportIds(ids);
  }

  #reportMarker(viewport: Viewport, { data: { samepoint: marker } }: Annotation, world: Point3): void {
    if (marker?.lesion === undefined) return;
    const isMoved = marker.lps.some((value, axis) => value !== world[axis]);
    if (isMoved) this.#events.markerDragged(viewport, marker.lesion, world);
    else this.#events.pointPlaced(viewport, world, marker);
  }
}
