import type { Page } from 'playwright-core';
import type { Lps, MatchRequest, SeriesRef } from '../support/api.ts';
import { startBrowser } from '../support/browser.ts';
import type { Browser } from '../support/browser.ts';
import { ViewerPage } from '../support/viewerPage.ts';
import { VIEWER } from './hospitalSite.ts';

const ORIGIN = `https://${VIEWER}`;
/** The name leads to this machine; its certificate is of no authority that the browser knows. */
const FLAGS = [`--host-resolver-rules=MAP ${VIEWER} 127.0.0.1`, '--ignore-certificate-errors'];

/** A reader with a browser before the hospital's viewer. */
export class ReaderAtViewer {
  readonly #browser: Browser;
  readonly #page: Page;
  readonly #errors: readonly string[];

  private constructor(browser: Browser, page: Page, errors: readonly string[]) {
    this.#browser = browser;
    this.#page = page;
    this.#errors = errors;
  }

  static async open(): Promise<ReaderAtViewer> {
    const browser = await startBrowser(FLAGS);
    const { page, errors } = await browser.newPage();
    return new ReaderAtViewer(browser, page, errors);
  }

  /** Matches a point over HTTP from the viewer's origin; gives the verdict of the first outcome. @throws with the answer where there is none */
  async match(request: MatchRequest): Promise<string> {
    await this.#page.goto(`${ORIGIN}/app-config.js`);
    const answer = await this.#page.evaluate(async (body) => {
      const options = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body };
      let response = await fetch('/samepoint/api/matches', options);
      let text = await response.text();
      for (
        let tries = 0;
        response.ok && /"state":"(?:queued|running)"/u.test(text) && tries < 600;
        tries += 1
      ) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        const { id } = JSON.parse(text) as { readonly id: string };
        response = await fetch(`/samepoint/api/jobs/${id}`);
        text = await response.text();
      }
      return text;
    }, JSON.stringify(request));
    const [, verdict] = /"verdict":"([\w-]+)"/u.exec(answer) ?? [];
    if (verdict === undefined) throw new Error(`no match: ${answer.slice(0, 1000)}`);
    return verdict;
  }

  /** Opens two studies side by side and clicks a point of the first; resolves when its twin is shown. */
  async click([query, target]: readonly [SeriesRef, SeriesRef], point: Lps): Promise<void> {
    const viewer = new ViewerPage(this.#page, ORIGIN);
    await viewer.open([query.studyInstanceUid, target.studyInstanceUid], { compare: true });
    await viewer.chooseTool();
    await viewer.clickPoint(query.seriesInstanceUid, point);
    await viewer.lesionFound('Lesion 1');
    const twins = await viewer.markersOfClick(target.seriesInstanceUid, 1);
    if (twins.length === 0) throw new Error(`no twin is shown; ${this.#errors.join('; ')}`);
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
