import { TOOL_NAME } from '../ids.ts';
import type {
  Annotation,
  EnabledElement,
  InteractionEvent,
  Point2,
  SvgDrawingHelper,
  ToolClass,
} from '../ohif.d.ts';
import type { Host } from '../viewer/host.ts';
import type { ToolEvents } from './behaviour.ts';
import { ToolBehaviour } from './behaviour.ts';

/**
 * Makes the tool class on the host's own ProbeTool, whose mouse and touch handling it keeps. Where a marker is shown,
 * how it looks and what a click means is ours: the click is a question to the server, not a measurement.
 *
 * Every override is an instance field: some of the host's versions have the original as a field, which would hide a
 * method of the subclass.
 */
export function createMatchPointTool(host: Host, events: ToolEvents): ToolClass {
  const behaviour = new ToolBehaviour(host, events);
  return class MatchPointTool extends host.libraries.cornerstoneTools.ProbeTool {
    static override toolName = TOOL_NAME;

    // True: the host looks no further for what is under the mouse.
    preMouseDownCallback = (event: InteractionEvent): boolean => {
      behaviour.press(this, event);
      return true;
    };

    preTouchStartCallback = this.preMouseDownCallback;

    addNewAnnotation = (event: InteractionEvent) => behaviour.beginPoint(this, event);

    handleSelectedCallback = (event: InteractionEvent, annotation: Annotation): void => {
      behaviour.grabMarker(this, event, annotation);
    };

    _dragCallback = (event: InteractionEvent): void => {
      behaviour.drag(this, event);
    };

    _endCallback = (event: InteractionEvent): void => {
      behaviour.end(this, event);
    };

    cancel = (element: HTMLDivElement) => behaviour.cancel(this, element);

    filterInteractableAnnotationsForElement = (
      element: HTMLDivElement,
      annotations?: readonly Annotation[],
    ) => behaviour.onShownSlice(element, annotations);

    getHandleNearImagePoint = (
      element: HTMLDivElement,
      annotation: Annotation,
      canvas: Point2,
      reachPx: number,
    ) => behaviour.handleNear(element, annotation, canvas, reachPx);

    isPointNearTool = (
      element: HTMLDivElement,
      annotation: Annotation,
      canvas: Point2,
      reachPx: number,
    ): boolean => behaviour.handleNear(element, annotation, canvas, reachPx) !== undefined;

    renderAnnotation = (enabledElement: EnabledElement, helper: SvgDrawingHelper): boolean =>
      behaviour.render(enabledElement, helper);
  };
}
