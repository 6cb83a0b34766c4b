import { rm } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import type { BrowserContext, Page } from 'playwright-core';
import { outputFile, temporaryFolder } from './paths.ts';
import { CHROMIUM } from './requirements.ts';

/** Chromium as a machine without a display, a graphics card and an open network needs it. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];

/** A browser window of the usual size of a reading station's half screen. */
const WINDOW = { width: 1600, height: 900 };

export interface Browser {
  /** A new page; its uncaught errors are kept in `errors`. */
  newPage(): Promise<{ readonly page: Page; readonly errors: readonly string[] }>;
  close(): Promise<void>;
}

/** Starts Debian's Chromium with an empty profile, and with more flags where they are given. */
export async function startBrowser(flags: readonly string[] = []): Promise<Browser> {
  const profile = temporaryFolder('chromium');
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    args: [...FLAGS, ...flags],
    viewport: WINDOW,
  });
  return {
    async newPage() {
      const page = await context.newPage();
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      return { page, errors };
    },
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** Writes what the page shows to the output folder. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: outputFile(`${name}.png`) });
}
