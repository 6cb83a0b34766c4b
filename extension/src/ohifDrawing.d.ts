/** What cornerstone's tools draw with. */

export type Point2 = [number, number];

export type SvgDrawingHelper = object;
type DrawOptions = Readonly<Record<string, unknown>>;

export interface Drawing {
  drawCircle(
    helper: SvgDrawingHelper,
    annotationUid: string,
    id: string,
    center: Point2,
    radius: number,
    options: DrawOptions,
  ): void;
  drawLine(
    helper: SvgDrawingHelper,
    annotationUid: string,
    id: string,
    start: Point2,
    end: Point2,
    options: DrawOptions,
  ): void;
  drawTextBox(
    helper: SvgDrawingHelper,
    annotationUid: string,
    id: string,
    lines: readonly string[],
    position: Point2,
    options: DrawOptions,
  ): unknown;
}
