/**
 * The measuring tools of stock OHIF as a reader uses them: chosen in the toolbar, drawn with the mouse.
 * @module
 */
import type { Page } from 'playwright-core';
import type { Lps } from './api.ts';
import type { ViewerPage } from './viewerPage.ts';

/** Tools of stock OHIF that its structured reports hold. */
export const STOCK_TOOLS = [
  'Length',
  'Bidirectional',
  'ArrowAnnotate',
  'Probe',
  'CircleROI',
  'EllipticalROI',
  'RectangleROI',
  'PlanarFreehandROI',
] as const;
export type StockTool = (typeof STOCK_TOOLS)[number];

/** A round lesion in an axial slice: its middle, LPS mm, and its radius in the slice. */
export interface RoundLesion {
  readonly centre: Lps;
  readonly radiusMm: number;
}

type Place = { readonly x: number; readonly y: number };

const SCREEN_TIMEOUT_MS = 60_000;
/** Time for the viewer to accept a measurement: there is no event to wait for. */
const SETTLE_MS = 500;
/** Places on a closed line. */
const AROUND = 24;
/** From the tip of an arrow to its text, mm. */
const ARROW_MM = 25;

/** What the mouse does with its button down, LPS mm. */
function strokeOf(tool: StockTool, { centre: [x, y, z], radiusMm: r }: RoundLesion): readonly Lps[] {
  const at = (dx: number, dy: number): Lps => [x + dx, y + dy, z];
  switch (tool) {
    case 'Length':
    case 'Bidirectional':
      return [at(-r, 0), at(r, 0)];
    case 'ArrowAnnotate':
      return [at(0, 0), at(ARROW_MM, ARROW_MM)];
    case 'Probe':
      return [at(0, 0)];
    case 'CircleROI':
      return [at(0, 0), at(r, 0)];
    case 'EllipticalROI':
      return [at(0, 0), at(r, r)];
    case 'RectangleROI':
      return [at(-r, -r), at(r, r)];
    case 'PlanarFreehandROI':
      return Array.from({ length: AROUND + 1 }, (_, n) => {
        const angle = (2 * Math.PI * n) / AROUND;
        return at(r * Math.cos(angle), r * Math.sin(angle));
      });
  }
}

/** Measures in a series that the viewer shows. */
export class StockTools {
  readonly #viewer: ViewerPage;
  readonly #page: Page;
  readonly #series: string;

  constructor(viewer: ViewerPage, series: string) {
    this.#viewer = viewer;
    this.#page = viewer.page;
    this.#series = series;
  }

  /** Draws a lesion in the slice next to its middle. The place where it is drawn, LPS mm. */
  async draw(tool: StockTool, lesion: RoundLesion): Promise<Lps> {
    await this.#viewer.scrollTo(this.#series, lesion.centre);
    const before = (await this.#viewer.measurements()).length;
    await this.#choose(tool);
    await this.#stroke(await this.#viewer.onPage(this.#series, strokeOf(tool, lesion)));
    if (tool === 'ArrowAnnotate') await this.#name('Arrow');
    await this.#track();
    await this.#page.waitForFunction(
      (count) => (window.services?.measurementService.getMeasurements() ?? []).length > count,
      before,
      { timeout: SCREEN_TIMEOUT_MS },
    );
    if (tool === 'Bidirectional') await this.#widen(lesion);
    if (tool === 'PlanarFreehandROI') await this.#measure(tool);
    const [, , z] = await this.#viewer.shownCentre(this.#series);
    return [lesion.centre[0], lesion.centre[1], z];
  }

  async #choose(tool: StockTool): Promise<void> {
    const button = this.#page.locator(`[data-cy="${tool}"]`);
    for (const menu of ['MeasurementTools', 'MoreTools']) {
      await this.#page.locator(`[data-cy="${menu}-split-button-secondary"]`).click();
      await this.#page.waitForTimeout(SETTLE_MS);
      if ((await button.count()) > 0) {
        await button.last().click();
        await this.#page.waitForTimeout(SETTLE_MS);
        return;
      }
      await this.#page.keyboard.press('Escape');
    }
    throw new Error(`no tool ${tool} in the toolbar`);
  }

  async #stroke([from, ...others]: readonly Place[]): Promise<void> {
    const { mouse } = this.#page;
    await mouse.move(from?.x ?? 0, from?.y ?? 0);
    await mouse.down();
    for (const { x, y } of others) await mouse.move(x, y, { steps: 3 });
    await mouse.up();
    await this.#page.waitForTimeout(SETTLE_MS);
  }

  /** Types the text of an arrow. */
  async #name(text: string): Promise<void> {
    const dialog = this.#page.locator('[role="dialog"]').last();
    await dialog.locator('input').first().fill(text);
    await dialog.locator('button:has-text("Save")').click();
    await this.#page.waitForTimeout(SETTLE_MS);
  }

  /** Answers the question whether to track the measurements of the series, where the viewer shows it. */
  async #track(): Promise<void> {
    const yes = this.#page
      .locator('[data-cy="prompt-begin-tracking-yes-btn"], button:text-is("Yes")')
      .first();
    if (await yes.isVisible()) await yes.click();
  }

  /** Lets OHIF 3.12 measure what it measures only after a change: a contour without an area it would store without its coordinates. */
  async #measure(tool: StockTool): Promise<void> {
    await this.#page.evaluate(
      ([name, series]) => {
        const annotations = window.cornerstoneTools?.annotation.state.getAllAnnotations() ?? [];
        for (const annotation of annotations)
          if (annotation.metadata.toolName === name) annotation.invalidated = true;
        window.samepointTest?.showing(series).render();
      },
      [tool, this.#series] as const,
    );
    await this.#page.waitForTimeout(SETTLE_MS);
  }

  /** Moves the ends of the short axis to the edge of the lesion. */
  async #widen({ centre: [x, y, z], radiusMm }: RoundLesion): Promise<void> {
    for (const side of [-1, 1]) {
      const end = await this.#shortEnd(side);
      await this.#stroke(await this.#viewer.onPage(this.#series, [end, [x, y + side * radiusMm, z]]));
    }
  }

  /** The end of the short axis of the last measurement, to the front (-1) or to the back. */
  async #shortEnd(side: number): Promise<Lps> {
    const points = (await this.#viewer.measurements()).at(-1)?.points ?? [];
    const ends = points.map(([x = NaN, y = NaN, z = NaN]): Lps => [x, y, z]).slice(-2);
    const [end] = ends.sort((one, other) => side * (other[1] - one[1]));
    if (end === undefined) throw new Error('the measurement has no short axis');
    return end;
  }
}
