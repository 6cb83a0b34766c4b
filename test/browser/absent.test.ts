/**
 * OHIF without Samepoint: whatever happens to the extension's file, the worklist and the viewer work as without it, also through a
 * link that names Samepoint's hanging protocol. The viewer has the block of config/app-config.existing.example.js.
 */
import type { Page } from 'playwright-core';
import type { SeriesRef } from '../support/api.ts';
import { screenshot, startBrowser } from '../support/browser.ts';
import type { Browser } from '../support/browser.ts';
import { FaultProxy } from '../support/faultProxy.ts';
import type { Fault } from '../support/faultProxy.ts';
import { startOrthanc } from '../support/orthanc.ts';
import type { Orthanc } from '../support/orthanc.ts';
import { viewerVersions } from '../support/paths.ts';
import { describeWith } from '../support/requirements.ts';
import { startSamepoint, withViewer } from '../support/samepointServer.ts';
import type { SamepointServer } from '../support/samepointServer.ts';
import { SmallPatient } from '../support/smallPatient.ts';
import { ViewerPage } from '../support/viewerPage.ts';

const EXTENSION = /\/samepoint\/extension\.js/u;

/** What becomes of the extension between its server and OHIF; a fault of the proxy, or of the page itself. */
interface Trouble {
  readonly name: string;
  readonly fault?: Fault;
  readonly page?: (page: Page, viewer: URL) => Promise<void>;
  /** What the browser's console says of it: the trouble is the one that was meant. */
  readonly console: RegExp;
}

function javascript(body: string): Fault {
  return { kind: 'answer', status: 200, type: 'text/javascript', body };
}

function html(status: number): Fault {
  return { kind: 'answer', status, type: 'text/html', body: '<html>Bad Gateway</html>' };
}

/** The viewer loads the extension from another origin, whose server permits no page of this one (no CORS headers). */
async function fromAnotherOrigin(page: Page, viewer: URL): Promise<void> {
  await page.route('**/app-config.js', async (route) => {
    const response = await route.fetch();
    const other = `'http://localhost:${viewer.port}/samepoint/extension.js'`;
    const body = (await response.text()).replace("'/samepoint/extension.js'", other);
    await route.fulfill({ response, body });
  });
}

/** The viewer permits scripts of its own origin only. */
async function forbiddenByPolicy(page: Page, viewer: URL): Promise<void> {
  await fromAnotherOrigin(page, viewer);
  await page.route(
    ({ pathname }) => pathname === '/' || pathname.startsWith('/viewer'),
    async (route) => {
      const response = await route.fetch();
      const policy = "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:";
      await route.fulfill({
        response,
        headers: { ...response.headers(), 'content-security-policy': policy },
      });
    },
  );
}

const TROUBLES: readonly Trouble[] = [
  { name: 'is answered with 502', fault: html(502), console: /502/u },
  { name: 'is answered with a page', fault: html(200), console: /MIME type/u },
  { name: 'never arrives', fault: { kind: 'stall' }, console: /^/u },
  { name: 'has an error of syntax', fault: javascript('export default {'), console: /^/u },
  { name: 'has 0 bytes', fault: javascript(''), console: /^/u },
  { name: 'throws', fault: javascript('throw new Error("broken")'), console: /^/u },
  { name: 'is blocked by CORS', page: fromAnotherOrigin, console: /CORS/u },
  {
    name: 'is forbidden by the content security policy',
    page: forbiddenByPolicy,
    console: /Content Security Policy/u,
  },
];

describeWith(['chromium', 'orthanc'], 'OHIF without Samepoint', () => {
  let orthanc: Orthanc;
  let browser: Browser;
  let studies: readonly SeriesRef[];

  beforeAll(async () => {
    orthanc = await startOrthanc();
    browser = await startBrowser();
    const patient = new SmallPatient(orthanc.dicomweb);
    studies = [await patient.storeCurrent(), await patient.storePrior()];
  });

  afterAll(async () => {
    await browser.close();
    await orthanc.stop();
  });

  describe.each(viewerVersions())('OHIF %s', (version) => {
    let server: SamepointServer;
    let proxy: FaultProxy;

    beforeAll(async () => {
      server = await startSamepoint({ dicomweb: { root: orthanc.dicomweb.root }, ...withViewer(version) });
      proxy = await FaultProxy.start(server.url);
    });

    afterAll(async () => {
      await proxy.stop();
      await server.stop();
    });

    afterEach(() => {
      proxy.heal();
    });

    test.each(TROUBLES)('the extension $name: worklist and viewer work', async (trouble) => {
      if (trouble.fault !== undefined) proxy.strike({ path: EXTENSION }, trouble.fault);
      const { page, errors } = await browser.newPage();
      const messages: string[] = [];
      page.on('console', (message) => messages.push(message.text()));
      await trouble.page?.(page, new URL(proxy.root));

      await page.goto(proxy.root);
      await page
        .getByText(/Phantom/u)
        .first()
        .waitFor();
      const viewer = new ViewerPage(page, proxy.root);
      // A link of a worklist that names Samepoint's hanging protocol: OHIF's own shows one of its studies, which depends on the UIDs.
      await viewer.open(
        studies.map(({ studyInstanceUid }) => studyInstanceUid),
        { compare: true, panes: 1 },
      );
      await screenshot(page, `absent-${version}-${trouble.name.replaceAll(/\W+/gu, '-')}`);
      const shown = await viewer.series();
      expect(shown).toHaveLength(1);
      expect(studies.map(({ seriesInstanceUid }) => seriesInstanceUid)).toContain(shown[0]);
      expect(await page.locator('[data-cy="MeasurementTools-split-button-primary"]').isVisible()).toBe(true);
      expect(await page.locator('[data-cy="SamepointFindMatch"]').count()).toBe(0);
      expect(await page.getByText(/something went wrong|error/iu).count()).toBe(0);
      expect(messages).toEqual(expect.arrayContaining([expect.stringMatching(trouble.console)]));
      expect(errors).toEqual([]);
      await page.close();
    });

    test('without any trouble it is there', async () => {
      const { page } = await browser.newPage();
      const viewer = new ViewerPage(page, proxy.root);
      await viewer.open(
        studies.map(({ studyInstanceUid }) => studyInstanceUid),
        { compare: true },
      );
      expect(await page.locator('[data-cy="SamepointFindMatch"]').first().isVisible()).toBe(true);
      await page.close();
    });
  });
});
