/** The panel in Chromium, in a column as wide as the viewer's and as high as it is on a small and on a large monitor. */
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { startBrowser } from '../support/browser.ts';
import type { Browser } from '../support/browser.ts';
import { outputFile, ROOT, temporaryFolder, viewerFolder, viewerVersions } from '../support/paths.ts';
import { unreadable } from '../support/readable.ts';
import { describeWith } from '../support/requirements.ts';

/** The column that OHIF 3.13 gives a panel at these monitors, below its toolbar and the header of the tabs. */
const COLUMNS = [
  { monitor: '1366x768', width: 280, height: 640 },
  { monitor: '1920x1080', width: 280, height: 952 },
] as const;

/** The dark theme of OHIF: its variables, and the reset of its style sheet that concerns a panel. */
const THEME = `
:root { --background: 236 62% 5%; --foreground: 0 0% 98%; --muted: 234 64% 10%; --primary: 214 98% 60%; }
* { box-sizing: border-box; border: 0 solid; }
body { margin: 0; background: #000; color: #fff; font: 16px/1.5 Inter, 'DejaVu Sans Condensed', sans-serif; }
#panel { background: hsl(var(--muted)); }
`;

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What the page of the fixture (extension/src/testing/panelPage.ts) and axe-core put on the window. */
interface PanelWindow {
  readonly samepoint: { readonly calls: string[]; show(name: string): void };
  readonly axe: { run(root: Element): Promise<{ readonly violations: readonly Violation[] }> };
}

/** The viewer's own typeface, where a viewer is there; else one that is about as wide. */
function typeface(folder: string): string {
  const [version = ''] = viewerVersions();
  const dist = viewerFolder(version);
  const file = existsSync(dist) ? readdirSync(dist).find((name) => name.endsWith('.woff2')) : undefined;
  if (file === undefined) return '';
  copyFileSync(join(dist, file), join(folder, file));
  return `@font-face { font-family: Inter; font-weight: 100 900; src: url(${file}) format('woff2'); }`;
}

async function pageFile(folder: string): Promise<string> {
  await build({
    absWorkingDir: join(ROOT, 'extension'),
    entryPoints: ['src/testing/panelPage.ts'],
    outfile: join(folder, 'panelPage.js'),
    bundle: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
  });
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  writeFileSync(join(folder, 'axe.js'), readFileSync(axe));
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Panel</title><style>${typeface(folder)}${THEME}</style></head>
<body><main><div id="panel"></div></main><script src="axe.js"></script><script src="panelPage.js"></script></body></html>`;
  const file = join(folder, 'index.html');
  writeFileSync(file, html);
  return pathToFileURL(file).href;
}

describeWith(['chromium'], 'the page of the panel', () => {
  let browser: Browser;
  let folder: string;
  let url: string;

  beforeAll(async () => {
    folder = temporaryFolder('panel-page');
    url = await pageFile(folder);
    browser = await startBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  describe.each(COLUMNS)('at $monitor', ({ monitor, width, height }) => {
    let page: Page;
    let errors: readonly string[];

    const part = (name: string) => page.locator(`[data-samepoint="${name}"]`);
    const show = (name: string): Promise<void> =>
      page.evaluate((state) => {
        (window as unknown as PanelWindow).samepoint.show(state);
      }, name);
    const calls = (): Promise<readonly string[]> =>
      page.evaluate(() => (window as unknown as PanelWindow).samepoint.calls.splice(0));
    const picture = (name: string): Promise<unknown> =>
      page.screenshot({ path: outputFile(`panel-page-${monitor}-${name.replaceAll(' ', '-')}.png`) });

    const open = async (storage: Readonly<Record<string, string>>): Promise<void> => {
      await page.evaluate((entries) => {
        localStorage.clear();
        for (const [key, value] of Object.entries(entries)) localStorage.setItem(key, value);
      }, storage);
      await page.reload();
      await page.addStyleTag({ content: `#panel { width: ${width}px; height: ${height}px; }` });
      await page.evaluate(() => document.fonts.ready);
    };

    beforeAll(async () => {
      ({ page, errors } = await browser.newPage());
      await page.setViewportSize({ width, height });
      await page.goto(url);
    });

    beforeEach(async () => {
      await open({ 'samepoint.onboarding': 'seen' });
    });

    afterAll(async () => {
      await page.close();
    });

    const STATES = ['empty', 'review', 'busy', 'uncertain', 'sure', 'out of view', 'waiting'] as const;

    test.each(STATES)('"%s": nothing overflows, the footer is in view, axe finds nothing', async (name) => {
      await show(name);
      await picture(name);
      await expectWhole(page, { width, height });
      expect(await seriousViolations(page)).toEqual([]);
      expect(await unreadable(page, '#panel')).toEqual([]);
    });

    test('every button can be read under the mouse, and so can its neighbours', async () => {
      await show('uncertain');
      for (const button of await page.locator('#panel button:visible').all()) {
        await button.hover({ force: true });
        expect(await unreadable(page, '#panel')).toEqual([]);
      }
    });

    test.each(['de', 'en'])('table and first steps (%s): the same', async (language) => {
      await open({ i18nextLng: language });
      await picture(`first-steps-${language}`);
      await expectWhole(page, { width, height });
      expect(await seriousViolations(page)).toEqual([]);
      for (let step = 0; step < 3; step += 1) await part('onboarding-next').click();
      expect(await part('onboarding').count()).toBe(0);
      await show('busy');
      await picture(`busy-${language}`);
      await expectWhole(page, { width, height });
      await show('review');
      await part('view-table').click();
      await picture(`table-${language}`);
      expect(await unreadable(page, '#panel')).toEqual([]);
      await expectWhole(page, { width, height });
      expect(await seriousViolations(page)).toEqual([]);
      await part('chart').scrollIntoViewIfNeeded();
      await picture(`chart-${language}`);
    });

    test('the menu of a time point fits', async () => {
      await show('review');
      await part('series-menu').nth(1).click();
      await picture('series');
      await expectWhole(page, { width, height });
      expect(await seriousViolations(page)).toEqual([]);
    });

    test('rows are 28 px high', async () => {
      const heights = await part('lesion-row').evaluateAll((rows) =>
        rows.map((row) => row.getBoundingClientRect().height),
      );
      expect(heights).toEqual(Array.from({ length: 10 }, () => 28));
    });

    test('the keyboard reaches and works everything', async () => {
      await part('lesion-row').first().focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      expect((await calls()).filter((call) => call.startsWith('select'))).toHaveLength(1);
      await page.keyboard.press('Tab');
      expect(await focusedPart(page)).toBe('label');
      await page.keyboard.press('End');
      await page.keyboard.type(' new');
      await page.keyboard.press('Enter');
      expect((await calls()).some((call) => call.endsWith('Liver S7 new'))).toBe(true);
      const reached: string[] = [];
      await part('time-point-show').first().focus();
      for (let index = 0; index < 40 && reached.at(-1) !== 'help'; index += 1) {
        await page.keyboard.press('Tab');
        reached.push(await focusedPart(page));
      }
      // One row is a stop, the arrow keys lead to the others; then what is open, and the footer.
      expect(reached.filter((name) => name === 'lesion-row')).toHaveLength(1);
      expect(reached).toEqual(
        expect.arrayContaining(['series-menu', 'view-table', 'role', 'undo', 'save', 'help']),
      );
      await picture('focus');
    });

    test('a decision moves the focus with the selection', async () => {
      await show('uncertain');
      await part('confirm').focus();
      await page.keyboard.press('Enter');
      expect((await calls()).at(-1)).not.toBeUndefined();
      expect(await focusedPart(page)).toBe('lesion-row');
      expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-expanded'))).toBe('true');
    });

    test('nothing moves for a reader who wants no motion', async () => {
      const moving = (): Promise<number> =>
        page.evaluate(
          () => document.getAnimations().filter(({ playState }) => playState === 'running').length,
        );
      await show('busy');
      expect(await moving()).toBeGreaterThan(0);
      await page.emulateMedia({ reducedMotion: 'reduce' });
      expect(await moving()).toBe(0);
      await page.emulateMedia({ reducedMotion: null });
    });

    test('the page raised no error', () => {
      expect(errors).toEqual([]);
    });
  });
});

function focusedPart(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.getAttribute('data-samepoint') ?? '');
}

/** The panel fills the column, nothing sticks out to the side, and the footer is in it as a whole. */
async function expectWhole(
  page: Page,
  column: { readonly width: number; readonly height: number },
): Promise<void> {
  const outside = await page.evaluate(({ width, height }) => {
    const panel = document.querySelector('[data-samepoint="panel"]');
    const scrolled = '[data-samepoint="content"], [data-samepoint="messages"], [data-samepoint="strip"]';
    const parts = [...(panel?.querySelectorAll('*') ?? []), ...(panel === null ? [] : [panel])];
    return parts
      .filter((element) => {
        const isScrolled =
          element.closest(scrolled) !== null && element.closest('[data-samepoint="footer"]') === null;
        const { left, right, top, bottom, width: own } = element.getBoundingClientRect();
        const isBeside =
          (left < -0.5 || right > width + 0.5) && element.closest('[data-samepoint="table-scroll"]') === null;
        return own > 1 && (isBeside || (!isScrolled && (top < 0 || bottom > height + 0.5)));
      })
      .map((element) => element.outerHTML.slice(0, 120));
  }, column);
  expect(outside).toEqual([]);
  const footer = await page.locator('[data-samepoint="footer"]').boundingBox();
  expect(Math.round((footer?.y ?? 0) + (footer?.height ?? 0))).toBeLessThanOrEqual(column.height);
  expect(await page.getByText(/Research software|Forschungssoftware/u).isVisible()).toBe(true);
  expect(
    await page.locator('[data-samepoint="content"]').evaluate((box) => box.scrollWidth - box.clientWidth),
  ).toBe(0);
}

/** What axe-core calls serious or critical. */
async function seriousViolations(page: Page): Promise<readonly string[]> {
  const violations = await page.evaluate(async () => {
    const results = await (window as unknown as PanelWindow).axe.run(document.documentElement);
    return results.violations;
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}
