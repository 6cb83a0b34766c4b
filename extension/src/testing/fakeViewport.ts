import type { Point2, Point3, Viewport } from '../ohif.d.ts';

/** Slice distance of the fake series, mm. */
export const SLICE_MM = 5;
const CANVAS_PX = 400;

/** The element of a viewport: one of the page where there is a page, side by side in the order of their making. */
function elementOf(index: number): HTMLDivElement {
  const size = { clientWidth: CANVAS_PX, clientHeight: CANVAS_PX };
  if (typeof document === 'undefined') return size as HTMLDivElement;
  const element = document.createElement('div');
  for (const [name, value] of Object.entries(size)) Object.defineProperty(element, name, { value });
  const left = index * CANVAS_PX;
  const box = { left, top: 0, right: left + CANVAS_PX, bottom: CANVAS_PX };
  element.getBoundingClientRect = () => box as DOMRect;
  document.body.append(element);
  return element;
}

/** A stack viewport: 1 canvas pixel is 1 mm, the slice is where the last jump went. */
export class FakeViewport implements Viewport {
  readonly type = 'stack';
  readonly renderingEngineId = 'engine';
  readonly element: HTMLDivElement;
  readonly id: string;
  readonly jumps: Point3[] = [];
  pan: Point2 = [0, 0];
  zoom = 1;
  z = 0;
  renders = 0;

  constructor(id: string, index = 0) {
    this.id = id;
    this.element = elementOf(index);
  }

  canvasToWorld([x, y]: Point2): Point3 {
    return [x - CANVAS_PX / 2 - this.pan[0], y - CANVAS_PX / 2 - this.pan[1], this.z];
  }

  worldToCanvas([x, y]: Point3): Point2 {
    return [x + CANVAS_PX / 2 + this.pan[0], y + CANVAS_PX / 2 + this.pan[1]];
  }

  getFrameOfReferenceUID(): string {
    return `1.2.${this.id}.7`;
  }

  jumpToWorld(world: Point3): void {
    this.jumps.push(world);
    this.z = Math.round(world[2] / SLICE_MM) * SLICE_MM;
  }

  getPan(): Point2 {
    return this.pan;
  }

  setPan(pan: Point2): void {
    this.pan = pan;
  }

  getZoom(): number {
    return this.zoom;
  }

  setZoom(zoom: number): void {
    this.zoom = zoom;
  }

  render(): void {
    this.renders += 1;
  }
}
