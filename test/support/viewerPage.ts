import type { Locator, Page } from 'playwright-core';
import type { Lps } from './api.ts';
import { installProbe } from './viewerProbe.ts';

/** Hanging protocol of the extension: current on the left, prior on the right. */
const COMPARE = '@samepoint/ohif-extension.compare';
const LOAD_TIMEOUT_MS = 120_000;
/** An embedding of a whole chest on two busy cores, and the match. */
const MATCH_TIMEOUT_MS = 240_000;
/** Time the viewer gets to draw a slice it has jumped to, ms: it answers no event for "drawn". */
const SETTLE_MS = 700;

/** A place on the page, CSS pixels. */
interface PagePoint {
  readonly x: number;
  readonly y: number;
}

/** A drawn marker: the place of its ring's centre, LPS mm of the viewport that shows it. */
export interface DrawnMarker {
  readonly lps: Lps;
  /** Texts beside it. */
  readonly text: string;
}

/** Stock OHIF with the extension, as a reader uses it. */
export class ViewerPage {
  readonly page: Page;
  readonly #server: string;

  constructor(page: Page, server: string) {
    this.page = page;
    this.#server = server;
  }

  /** Opens studies; `compare` with the extension's own 1 x 2 protocol. Waits for the images of so many panes. */
  async open(
    studies: readonly string[],
    { compare, panes = compare ? 2 : 1 }: { readonly compare: boolean; readonly panes?: number },
  ): Promise<void> {
    await this.begin(studies, { compare });
    await this.imagesShown(panes);
  }

  /** The same without waiting: what comes first may be a login. */
  async begin(studies: readonly string[], { compare }: { readonly compare: boolean }): Promise<void> {
    await this.page.addInitScript(installProbe);
    const url = new URL('/viewer', this.#server);
    url.searchParams.set('StudyInstanceUIDs', studies.join(','));
    if (compare) url.searchParams.set('hangingProtocolId', COMPARE);
    // A page that leads to a login is left before it is loaded.
    await this.page.goto(url.href, { waitUntil: 'commit' });
  }

  /**
   * Waits for the answers to what the panel requests once of each study that is opened: findings, and reports of pairs. Called before
   * the viewer is opened.
   */
  async storedFindingsRead(studies: readonly string[]): Promise<void> {
    const paths = ['findings', 'reports'].map((name) => `/samepoint/api/${name}`);
    const answers = studies.flatMap((study) =>
      paths.map((path) =>
        this.page.waitForResponse(
          (response) => {
            const { pathname, searchParams } = new URL(response.url());
            return pathname === path && searchParams.get('studyInstanceUid') === study;
          },
          { timeout: LOAD_TIMEOUT_MS },
        ),
      ),
    );
    await Promise.all(answers);
  }

  /** Waits for the images of so many panes. */
  async imagesShown(count: number): Promise<void> {
    await this.page.waitForFunction(
      (wanted) => {
        const shown = window.samepointTest?.viewports() ?? [];
        return shown.length >= wanted && shown.every(({ viewport }) => Boolean(viewport.getImageData?.()));
      },
      count,
      { timeout: LOAD_TIMEOUT_MS },
    );
    await this.page.waitForTimeout(SETTLE_MS);
  }

  /** Series shown, left to right. */
  async series(): Promise<readonly string[]> {
    return await this.page.evaluate(() =>
      (window.samepointTest?.viewports() ?? [])
        .map(({ series, viewport }) => ({ series, left: viewport.element.getBoundingClientRect().left }))
        .sort((a, b) => a.left - b.left)
        .map(({ series }) => series),
    );
  }

  /** Chooses "Find matching point" in the toolbar. */
  async chooseTool(): Promise<void> {
    await this.page.locator('[data-cy="SamepointFindMatch"]').first().click();
  }

  /** Scrolls the viewport of a series to a point, as the reader does before the click; gives its place on the page. */
  async scrollTo(series: string, lps: Lps): Promise<{ readonly x: number; readonly y: number }> {
    await this.page.evaluate(
      ([uid, [x, y, z]]) => {
        const viewport = window.samepointTest!.showing(uid);
        if (viewport.jumpToWorld !== undefined) viewport.jumpToWorld([x, y, z]);
        else viewport.setViewReference?.({ cameraFocalPoint: [x, y, z] });
        viewport.render();
      },
      [series, lps] as const,
    );
    await this.page.waitForTimeout(SETTLE_MS);
    return await this.page.evaluate(
      ([uid, [x, y, z]]) => {
        const viewport = window.samepointTest!.showing(uid);
        const box = viewport.element.getBoundingClientRect();
        const [left, top] = viewport.worldToCanvas([x, y, z]);
        return { x: box.left + left, y: box.top + top };
      },
      [series, lps] as const,
    );
  }

  /** Where points lie on the page, in the slice that a series shows. */
  async onPage(
    series: string,
    points: readonly Lps[],
  ): Promise<readonly { readonly x: number; readonly y: number }[]> {
    return await this.page.evaluate(
      ([uid, places]) => {
        const viewport = window.samepointTest!.showing(uid);
        const box = viewport.element.getBoundingClientRect();
        return places.map(([x, y, z]) => {
          const [left, top] = viewport.worldToCanvas([x, y, z]);
          return { x: box.left + left, y: box.top + top };
        });
      },
      [series, points] as const,
    );
  }

  /** A real mouse click on a point of a series. */
  async clickPoint(series: string, lps: Lps): Promise<void> {
    const { x, y } = await this.scrollTo(series, lps);
    await this.page.mouse.move(x, y);
    await this.page.mouse.down();
    await this.page.mouse.up();
  }

  /** Drags with the mouse from one place of the page to another; the handle there is lit first. */
  async drag(from: PagePoint, to: PagePoint): Promise<void> {
    const { mouse } = this.page;
    await mouse.move(from.x - 3, from.y);
    await mouse.move(from.x, from.y);
    await this.page.waitForTimeout(SETTLE_MS);
    await mouse.down();
    await mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 4 });
    await mouse.move(to.x, to.y, { steps: 4 });
    await mouse.up();
  }

  /** Lesions in the panel's list. */
  get lesions(): Locator {
    return this.page.locator('[data-samepoint="lesion-row"]');
  }

  /** The row of a lesion. */
  lesion(label: string): Locator {
    return this.lesions.filter({ hasText: label });
  }

  /** Opens the panel by its tab. */
  async openPanel(): Promise<void> {
    await this.page.locator('[data-cy="samepoint-btn"]').click();
    await this.page.locator('[data-samepoint="footer"]').waitFor();
  }

  /** Waits until the series of all time points are analysed. */
  async seriesReady(): Promise<void> {
    await this.page.waitForFunction(
      () => {
        const states = [...document.querySelectorAll<HTMLElement>('[data-samepoint="readiness"]')];
        return states.length > 1 && states.every(({ dataset }) => dataset['state'] === 'ready');
      },
      undefined,
      { timeout: MATCH_TIMEOUT_MS },
    );
  }

  /** Messages of failures in the panel. */
  get notices(): Locator {
    return this.page.locator('[data-samepoint="notice"]');
  }

  get saveButton(): Locator {
    return this.page.locator('[data-samepoint="save"]');
  }

  /** Presses Save and waits until nothing is left to save; a failure notice ends the wait with its text. */
  async save(): Promise<void> {
    await this.saveButton.click();
    await this.saved();
  }

  /** Waits until nothing is left to save, and no report is being stored. */
  async saved(): Promise<void> {
    const failures = this.notices.filter({ hasNotText: 'Found also' });
    // The button is disabled, too, while the reports of some studies are on their way.
    await this.page
      .locator('[data-samepoint="footer"] > :empty + * > [data-samepoint="save"]:disabled')
      .filter({ hasNotText: 'Saving' })
      .or(failures)
      .first()
      .waitFor({ timeout: LOAD_TIMEOUT_MS });
    await this.page.waitForTimeout(SETTLE_MS);
    if ((await failures.count()) > 0)
      throw new Error(`not saved: ${(await failures.allInnerTexts()).join(' | ')}`);
  }

  /** True when the whole of an element can be seen: inside the window and what scrolls it, and covered by nothing. */
  async isInView(part: Locator): Promise<boolean> {
    return await part.evaluate((element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      const corners = [
        [left + 1, top + 1],
        [right - 1, top + 1],
        [left + 1, bottom - 1],
        [right - 1, bottom - 1],
      ] as const;
      return corners.every(([x, y]) => {
        const hit = document.elementFromPoint(x, y);
        return hit !== null && (element.contains(hit) || hit.contains(element));
      });
    });
  }

  /** Waits until a click has made a lesion and its search has ended; a failure notice ends the wait with its text. */
  async lesionFound(label: string): Promise<void> {
    const failures = this.notices.filter({ hasNotText: 'Found also' });
    await this.lesion(label).or(failures).first().waitFor({ timeout: MATCH_TIMEOUT_MS });
    await this.page
      .locator('[data-samepoint="search"]')
      .first()
      .waitFor({ state: 'detached', timeout: MATCH_TIMEOUT_MS });
    if ((await this.lesion(label).count()) === 0)
      throw new Error(`no match: ${(await this.notices.allInnerTexts()).join(' | ')}`);
    await this.page.waitForTimeout(SETTLE_MS);
  }

  /** Markers drawn over the slice that a series shows now, read from the drawing itself. */
  async markers(series: string): Promise<readonly DrawnMarker[]> {
    return await this.page.evaluate((uid) => {
      const viewport = window.samepointTest!.showing(uid);
      const layer = viewport.element.querySelector('svg.svg-layer');
      // A marker is drawn as a whole, its label last (extension/src/tool/draw.ts): a ring of 11 pixels, or the four sides of a diamond,
      // each on its dark halo.
      const drawn: { lps: readonly [number, number, number]; text: string }[] = [];
      let corners: [number, number][] = [];
      let centre: [number, number] | undefined;
      for (const part of layer?.querySelectorAll('circle, line, text') ?? []) {
        const number = (name: string): number => Number(part.getAttribute(name));
        if (part.tagName === 'text') {
          if (centre !== undefined) {
            const [x, y, z] = viewport.canvasToWorld(centre);
            drawn.push({ lps: [x, y, z], text: part.textContent });
          }
          centre = undefined;
          corners = [];
        } else if (part.getAttribute('stroke') === 'rgb(8, 10, 14)') {
          continue;
        } else if (part.tagName === 'circle') {
          if (number('r') === 11) centre = [number('cx'), number('cy')];
        } else if (Math.hypot(number('x2') - number('x1'), number('y2') - number('y1')) > 15) {
          corners.push([number('x1'), number('y1')]);
          const mean = (axis: 0 | 1): number => corners.reduce((sum, corner) => sum + corner[axis], 0) / 4;
          if (corners.length === 4) centre ??= [mean(0), mean(1)];
        }
      }
      return drawn;
    }, series);
  }

  /** Where the labels of the markers are printed on the page, CSS pixels. */
  async labelBoxes(): Promise<readonly { x: number; y: number; width: number; height: number }[]> {
    return await this.page.evaluate(() =>
      [...document.querySelectorAll('svg.svg-layer text')]
        .filter((text) => text.textContent.startsWith('Lesion '))
        .map((text) => {
          const { x, y, width, height } = text.getBoundingClientRect();
          return { x, y, width, height };
        }),
    );
  }

  /** The drawn markers of the n-th click (from 1), which the extension has named "Lesion n". */
  async markersOfClick(series: string, n: number): Promise<readonly DrawnMarker[]> {
    const named = new RegExp(`^Lesion ${n}(?!\\d)`, 'u');
    return (await this.markers(series)).filter(({ text }) => named.test(text));
  }

  /** The middle of what a series shows now, LPS mm: identifies the slice. */
  async shownCentre(series: string): Promise<Lps> {
    return await this.page.evaluate((uid) => {
      const viewport = window.samepointTest!.showing(uid);
      const { clientWidth, clientHeight } = viewport.element;
      const [x, y, z] = viewport.canvasToWorld([clientWidth / 2, clientHeight / 2]);
      return [x, y, z] as const;
    }, series);
  }

  /** Measurements that the viewer itself lists. */
  async measurements(): Promise<readonly Pick<OhifMeasurement, 'label' | 'referenceSeriesUID' | 'points'>[]> {
    return await this.page.evaluate(() =>
      (window.services?.measurementService.getMeasurements() ?? []).map(
        ({ label, referenceSeriesUID, points }) => ({
          ...(label === undefined ? {} : { label }),
          ...(referenceSeriesUID === undefined ? {} : { referenceSeriesUID }),
          ...(points === undefined ? {} : { points: points.map((point) => [...point]) }),
        }),
      ),
    );
  }

  /** Rows of the viewer's own list of measurements, which is opened. */
  async measurementRows(): Promise<Locator> {
    const rows = this.page.locator('[data-cy="data-row"]');
    if ((await rows.count()) === 0) await this.page.locator('[data-cy="trackedMeasurements-btn"]').click();
    await rows.first().waitFor();
    return rows;
  }

  /** Stores the measurements of the study with the viewer's own button. */
  async saveMeasurements(): Promise<void> {
    await this.measurementRows();
    await this.page.locator('button:has-text("Create SR")').first().click();
    await this.page.locator('[role="dialog"] button:has-text("Save")').last().click();
  }

  /** Display sets of a modality that the viewer knows. */
  async displaySets(modality: string): Promise<readonly string[]> {
    return await this.page.evaluate(
      (wanted) =>
        (window.services?.displaySetService.getActiveDisplaySets() ?? [])
          .filter(({ Modality }) => Modality === wanted)
          .map(({ SeriesInstanceUID }) => SeriesInstanceUID),
      modality,
    );
  }

  /** Reports in the study panel, the newest last. */
  get reports(): Locator {
    return this.page.locator('[data-cy="study-browser-thumbnail-no-image"]');
  }

  /** Opens the newest report from the study panel and accepts the prompt of stock OHIF that follows: hydration. */
  async hydrateReport(): Promise<void> {
    await this.reports.last().dblclick();
    await this.page
      .locator('[data-cy="prompt-begin-tracking-yes-btn"], button:has-text("Yes")')
      .first()
      .click({ timeout: LOAD_TIMEOUT_MS });
    await this.page.waitForFunction(
      () => (window.services?.measurementService.getMeasurements() ?? []).length > 0,
      undefined,
      { timeout: LOAD_TIMEOUT_MS },
    );
    await this.page.waitForTimeout(SETTLE_MS);
  }
}
