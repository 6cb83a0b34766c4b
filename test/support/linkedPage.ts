import type { Page, Request } from 'playwright-core';
import type { Lps } from './api.ts';

/** Time for the images of a step to be shown, ms. */
const SETTLE_MS = 500;
/** Time for the volumes to be there, and drawn, ms. */
const VOLUME_TIMEOUT_MS = 60_000;
const VOLUME_SETTLE_MS = 2_000;
const PIXELS_PER_STEP = 100;
/** Paths of the analysis of series. */
const ANALYSIS = /\/(?:series-embeddings|jobs\/[^/]+\/events)$/u;

/** A pane's share of its width and height, 0 to 1. */
export type Share = readonly [number, number];

/** A computed picture over a pane. */
export interface Picture {
  readonly text: string;
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity of each place, row by row. */
  readonly pixels: Uint8Array;
  /** The first place, and the way to the next one of its row and column, LPS mm. */
  readonly origin: Lps;
  readonly alongRow: Lps;
  readonly alongColumn: Lps;
}

/** Linked panes as a reader uses them. */
export class LinkedPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Before the viewer is opened: as on a machine whose graphics card or driver has no WebGL. The host draws with the processor then. */
  async withoutWebGl(): Promise<void> {
    await this.#page.addInitScript(() => {
      for (const canvas of [HTMLCanvasElement, OffscreenCanvas]) {
        const prototype = canvas.prototype as { getContext: (kind: string, ...rest: unknown[]) => unknown };
        const original = prototype.getContext;
        prototype.getContext = function getContext(kind, ...rest) {
          return kind.startsWith('webgl') ? null : original.call(this, kind, ...rest);
        };
      }
    });
  }

  /** Moves the mouse to a place of the pane of a series; gives the point there, LPS mm. */
  async moveTo(series: string, share: Share): Promise<Lps> {
    const { x, y, lps } = await this.#page.evaluate(
      ([uid, [across, down]]) => {
        const viewport = window.samepointTest!.showing(uid);
        const { left, top, width, height } = viewport.element.getBoundingClientRect();
        const [px, py, pz] = viewport.canvasToWorld([across * width, down * height]);
        return { x: left + across * width, y: top + down * height, lps: [px, py, pz] as const };
      },
      [series, share] as const,
    );
    await this.#page.mouse.move(x, y);
    await this.#page.waitForTimeout(SETTLE_MS);
    return lps;
  }

  /** Turns the wheel over the middle of the pane of a series. */
  async scroll(series: string, steps: number): Promise<void> {
    await this.moveTo(series, [0.5, 0.5]);
    for (let step = 0; step < Math.abs(steps); step += 1) {
      await this.#page.mouse.wheel(0, Math.sign(steps) * PIXELS_PER_STEP);
      await this.#page.waitForTimeout(50);
    }
    await this.#page.waitForTimeout(SETTLE_MS);
  }

  /** Double-clicks the pane of a series: the host shows it in place of all panes, or all panes again. Waits for so many. */
  async doubleClick(series: string, panes: number): Promise<void> {
    const { x, y } = await this.#page.evaluate((uid) => {
      const box = window.samepointTest!.showing(uid).element.getBoundingClientRect();
      return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
    }, series);
    await this.#page.mouse.dblclick(x, y);
    await this.#page.waitForFunction(
      (wanted) => {
        const shown = window.samepointTest?.viewports() ?? [];
        return shown.length === wanted && shown.every(({ viewport }) => Boolean(viewport.getImageData?.()));
      },
      panes,
      { timeout: VOLUME_TIMEOUT_MS },
    );
    await this.#page.waitForTimeout(SETTLE_MS);
  }

  /** Shows the series of all panes as volumes, from another side. */
  async showVolumes(orientation: 'axial' | 'coronal' | 'sagittal'): Promise<void> {
    await this.#page.evaluate((wanted) => {
      const { viewportGridService: grid } = window.services!;
      const panes = [...grid.getState().viewports].map(([viewportId, { displaySetInstanceUIDs = [] }]) => ({
        viewportId,
        displaySetInstanceUIDs,
        viewportOptions: { viewportType: 'volume', orientation: wanted, toolGroupId: 'default' },
        displaySetOptions: [{}],
      }));
      grid.setDisplaySetsForViewports(panes);
    }, orientation);
    await this.#page.waitForFunction(
      () =>
        (window.samepointTest?.viewports() ?? []).every(
          ({ viewport }) => viewport.type === 'orthographic' && Boolean(viewport.getImageData?.()),
        ),
      undefined,
      { timeout: VOLUME_TIMEOUT_MS },
    );
    await this.#page.waitForTimeout(VOLUME_SETTLE_MS);
  }

  /** Waits until the overlay of a pane says something. */
  async overlay(text: RegExp, timeout: number): Promise<void> {
    await this.#page.getByText(text).first().waitFor({ timeout });
  }

  /** True where the whole text of the overlay lies inside the pane of a series. */
  async isWithin(series: string, text: RegExp): Promise<boolean> {
    return await this.#page
      .getByText(text)
      .first()
      .evaluate((line, uid) => {
        const range = document.createRange();
        range.selectNodeContents(line);
        const [inner, outer] = [range, window.samepointTest!.showing(uid).element].map((one) =>
          one.getBoundingClientRect(),
        );
        if (inner === undefined || outer === undefined) return false;
        return inner.left >= outer.left && inner.right <= outer.right && inner.bottom <= outer.bottom;
      }, series);
  }

  /** The ring of the live cursor over a series, LPS mm; undefined where none is drawn. */
  async cursor(series: string): Promise<Lps | undefined> {
    return await this.#page.evaluate((uid) => {
      const viewport = window.samepointTest!.showing(uid);
      const ring = viewport.element.querySelector('[data-samepoint="live-cursor"] > g');
      if (ring === null || ring.getAttribute('visibility') === 'hidden') return undefined;
      const [, x, y] = /translate\(([-\d.]+) ([-\d.]+)\)/.exec(ring.getAttribute('transform') ?? '') ?? [];
      const [px, py, pz] = viewport.canvasToWorld([Number(x), Number(y)]);
      return [px, py, pz] as const;
    }, series);
  }

  /** The picture over the pane of a series; undefined where none is drawn. */
  async picture(series: string): Promise<Picture | undefined> {
    const found = await this.#page.evaluate((uid) => {
      const viewport = window.samepointTest!.showing(uid);
      const canvas = viewport.element.querySelector<HTMLCanvasElement>('[data-samepoint="fusion"] > canvas');
      const legend = viewport.element.querySelector('[data-samepoint="fusion-legend"]');
      const context = canvas?.getContext('2d');
      if (canvas === null || !context || legend === null || canvas.hidden || canvas.width < 2)
        return undefined;
      const { width, height } = canvas;
      const stepPx = parseFloat(canvas.style.width) / width;
      const [x, y, z] = viewport.canvasToWorld([stepPx / 2, stepPx / 2]);
      // As one text: a list of numbers needs seconds on its way.
      const bytes = context.getImageData(0, 0, width, height).data;
      const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
      const [rx, ry, rz] = viewport.canvasToWorld([stepPx * 1.5, stepPx / 2]);
      const [dx, dy, dz] = viewport.canvasToWorld([stepPx / 2, stepPx * 1.5]);
      return {
        ...{ width, height, text: legend.textContent, base64 },
        origin: [x, y, z] as const,
        alongRow: [rx - x, ry - y, rz - z] as const,
        alongColumn: [dx - x, dy - y, dz - z] as const,
      };
    }, series);
    if (found === undefined) return undefined;
    const { base64, ...rest } = found;
    return { ...rest, pixels: Buffer.from(base64, 'base64') };
  }

  /** What is said over the pane of a series where no picture is drawn. */
  async saidOver(series: string): Promise<string> {
    return await this.#page.evaluate((uid) => {
      const { element } = window.samepointTest!.showing(uid);
      return element.querySelector('[data-samepoint="fusion-legend"]')?.textContent ?? '';
    }, series);
  }

  /**
   * Watches the requests to the Samepoint server from now on; the result ends that and gives their paths. The analysis of series that are
   * not on the screen goes on meanwhile, and is not counted.
   */
  requests(): () => readonly string[] {
    const seen: string[] = [];
    const onRequest = (request: Request): void => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith('/samepoint/') && !ANALYSIS.test(pathname)) seen.push(pathname);
    };
    this.#page.on('request', onRequest);
    return () => {
      this.#page.off('request', onRequest);
      return seen;
    };
  }
}
