/**
 * Logins in stock OHIF by its own `oidc` settings, at a real OpenID provider: a follow-up during which the token ends and is renewed, a
 * renewal that fails, logging out, and a second reader who may not save.
 */
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { screenshot, startBrowser } from '../support/browser.ts';
import type { Browser } from '../support/browser.ts';
import { CLIENT_ID } from '../support/identityProvider.ts';
import { openLoginSite } from '../support/loginSite.ts';
import type { LoginSite } from '../support/loginSite.ts';
import { describeInViewers } from '../support/requirements.ts';
import { ViewerPage } from '../support/viewerPage.ts';

/** Long enough to open the viewer, short enough to end during the test, s. */
const TOKEN_LIFE_S = 20;
const RENEW_BEFORE_S = 10;
/** Of the last token of a reader who is not known any more, s. */
const SHORT_LIFE_S = 4;
/** Small: the slices are drawn by software. */
const WINDOW = { width: 1280, height: 720 };
const LONG_MS = 60_000;
const KEY_MS = 300;

describeInViewers(['chromium'], 'a follow-up with logins', (version) => {
  let site: LoginSite;
  let browser: Browser;
  let viewer: ViewerPage;
  let page: Page;
  let studies: readonly string[];
  /** Tokens that the extension has sent, the newest last. */
  const tokens: string[] = [];

  const part = (name: string): Locator => page.locator(`[data-samepoint="${name}"]`);
  const press = async (key: string): Promise<void> => {
    await page.keyboard.press(key);
    await page.waitForTimeout(KEY_MS);
  };
  /** Number, name and state of each lesion. */
  const rows = async (): Promise<readonly (string | undefined)[]> => {
    const texts = await viewer.lesions.locator('[data-samepoint="spoken"]').allInnerTexts();
    return texts.map((text) => text.split(', ±')[0]);
  };
  /** Waits until the list is as it was. */
  const untilRows = async (expected: readonly unknown[]): Promise<void> => {
    const end = Date.now() + LONG_MS;
    while ((await rows()).join() !== expected.join() && Date.now() < end) await page.waitForTimeout(KEY_MS);
    expect(await rows()).toEqual(expected);
  };
  const decided = (): Promise<string> => part('review-progress').locator('[role="status"]').innerText();
  /** Presses Save, and waits until nothing is left to save. */
  const save = async (): Promise<void> => {
    await viewer.saveButton.click();
    const done = page.locator('[data-samepoint="save"]:disabled').filter({ hasNotText: 'Saving' });
    await done.or(part('mend')).first().waitFor({ timeout: LONG_MS });
    expect(await viewer.notices.filter({ hasNotText: 'restored' }).allInnerTexts()).toEqual([]);
  };
  const untilDecided = async (progress: string): Promise<void> => {
    await part('review-progress').filter({ hasText: progress }).waitFor({ timeout: LONG_MS });
  };
  const notice = (words: RegExp): Locator => viewer.notices.filter({ hasText: words });
  const newestToken = (): string => tokens.at(-1) ?? '';
  const request = (path: string, authorization: string): Promise<Response> =>
    fetch(`${site.url}${path}`, { headers: { authorization } });
  const problemOf = async (authorization: string): Promise<unknown> => {
    const answer = await request('/samepoint/api/models', authorization);
    const { error } = (await answer.json()) as { error?: { fields: { problem?: unknown } } };
    return error?.fields.problem;
  };
  /** What oidc-client-ts holds of the reader who has logged in. */
  const held = async (): Promise<{ readonly access_token: string; readonly refresh_token: string }> => {
    const text = await page.evaluate(
      (key) => sessionStorage.getItem(key),
      `oidc.user:${site.provider.issuer}:${CLIENT_ID}`,
    );
    return JSON.parse(text ?? '{}') as { readonly access_token: string; readonly refresh_token: string };
  };
  const untilEnded = async (authorization: string): Promise<void> => {
    const end = Date.now() + LONG_MS;
    while ((await problemOf(authorization)) !== 'expired') {
      if (Date.now() > end) throw new Error('the token does not end');
      await page.waitForTimeout(KEY_MS);
    }
  };
  /** Reports of the current study that the archive holds, as a reader who logs in elsewhere sees them. */
  const reports = async (): Promise<number> => {
    const { access_token: token } = await site.provider.login('reader');
    const answer = await request(`/dicom-web/studies/${studies[0]}/series?Modality=SR`, `Bearer ${token}`);
    return ((await answer.json()) as readonly unknown[]).length;
  };

  /** The pages of the provider: name and password, then consent. */
  const logIn = async (user: string): Promise<void> => {
    await page.locator('input[name="login"]').fill(user, { timeout: LONG_MS });
    await page.locator('input[name="password"]').fill('any');
    await page.locator('button[type="submit"]').click();
    const consent = page.locator('input[name="prompt"][value="consent"]');
    await consent.waitFor({ state: 'attached', timeout: LONG_MS });
    await page.locator('button[type="submit"]').click();
  };
  const openPanel = async (): Promise<void> => {
    await viewer.imagesShown(2);
    await page.locator('[data-cy$="samepoint-btn"]').first().click({ timeout: LONG_MS });
    await part('time-points').waitFor({ timeout: LONG_MS });
  };

  beforeAll(async () => {
    const options = { version, tokenLifeS: TOKEN_LIFE_S, renewBeforeS: RENEW_BEFORE_S };
    [site, browser] = await Promise.all([openLoginSite(options), startBrowser()]);
    studies = site.truth.studies.slice(0, 2).map(({ studyInstanceUid }) => studyInstanceUid);
    ({ page } = await browser.newPage());
    // The provider's pages name a font of another server.
    await page.route(/fonts\.googleapis\.com/u, (route) => route.abort());
    page.on('dialog', (dialog) => void dialog.accept());
    page.on('request', (sent) => {
      const { authorization = '' } = sent.headers();
      if (sent.url().includes('/samepoint/api/') && authorization !== newestToken())
        tokens.push(authorization);
    });
    await page.setViewportSize(WINDOW);
    viewer = new ViewerPage(page, site.url);
  });

  afterAll(async () => {
    await browser.close();
    await site.stop();
  });

  test('a link to two studies leads to the login, and then to the studies', async () => {
    await viewer.begin(studies, { compare: true });
    await logIn('saver');
    await openPanel();
    expect(await viewer.series()).toEqual(
      site.truth.studies.slice(0, 2).map(({ seriesInstanceUid }) => seriesInstanceUid),
    );
    await part('findAll').waitFor({ timeout: LONG_MS });
    expect(newestToken()).toMatch(/^Bearer /u);
    expect(await problemOf(newestToken())).toBeUndefined();
  });

  test('findings are carried over and saved while the first token ends: it is renewed, and nothing is said', async () => {
    const [first = ''] = tokens;
    await viewer.seriesReady();
    await page.mouse.move(400, 500);
    await press('f');
    await part('review-progress').waitFor({ timeout: LONG_MS });
    await page.locator('[data-samepoint="lesion-row"][aria-expanded="true"]').waitFor({ timeout: LONG_MS });
    await press('Shift+Y');
    await untilEnded(first);
    await press('Shift+Y');
    await save();
    expect(await problemOf(newestToken())).toBeUndefined();
    expect(await decided()).toBe('2 of 8');
    expect(await reports()).toBe(1);
    expect(await viewer.notices.allInnerTexts()).toEqual([]);
  });

  test('a renewal that fails is said in words when something is to be saved; nothing is lost', async () => {
    const { access_token: long } = await held();
    site.provider.tokenLifeS = SHORT_LIFE_S;
    await press('Shift+Y');
    expect(await decided()).toBe('3 of 8');
    const before = await rows();
    while ((await held()).access_token === long) await page.waitForTimeout(KEY_MS);
    site.provider.disabled.add('saver');
    await untilEnded(`Bearer ${(await held()).access_token}`);
    await press('Shift+P');
    await notice(/Your login has expired, or is not accepted.*Reload the page to log in again/su).waitFor({
      timeout: LONG_MS,
    });
    expect(await rows()).toEqual(before);
    expect(await reports()).toBe(1);
    await screenshot(page, `login-${version}-expired`);
  });

  test('the reader logs in again: the decisions are back, and are saved once', async () => {
    const before = await rows();
    site.provider.disabled.delete('saver');
    site.provider.tokenLifeS = TOKEN_LIFE_S;
    await page.reload({ waitUntil: 'commit' });
    await openPanel();
    await notice(/restored/u).waitFor({ timeout: LONG_MS });
    await untilRows(before);
    await save();
    expect(await reports()).toBe(2);
  });

  test('logging out ends the session: the viewer leads to the login, and nothing is renewed', async () => {
    const { refresh_token: renewal } = await held();
    // The gear has no name: it is the last button of the header.
    await page.mouse.click(WINDOW.width - 19, 24);
    await page.getByRole('menuitem', { name: 'Logout' }).click();
    await page.locator('button[name="logout"]').click({ timeout: LONG_MS });
    await page.locator('input[name="login"]').waitFor({ timeout: LONG_MS });
    const answer = await fetch(`${site.provider.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: CLIENT_ID,
        refresh_token: renewal,
      }),
    });
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'invalid_grant' }]);
  });

  test('another reader, who may not save, reads the same studies, and the panel says why a save is refused', async () => {
    await viewer.begin(studies, { compare: true });
    await logIn('reader');
    await openPanel();
    await part('findAll').or(part('review-progress')).first().waitFor({ timeout: LONG_MS });
    // What another reader has not decided on is not this one's.
    expect(await viewer.notices.filter({ hasText: 'restored' }).count()).toBe(0);
    await viewer.seriesReady();
    await page.mouse.move(400, 500);
    await press('f');
    // Three were decided on and saved by the first reader.
    await untilDecided('3 of 8');
    const opened = page.locator('[data-samepoint="lesion-row"][aria-expanded="true"]');
    await opened.filter({ hasText: 'proposed' }).waitFor({ timeout: LONG_MS });
    await press('Shift+Y');
    await untilDecided('4 of 8');
    const before = await rows();
    await press('Shift+P');
    await notice(/Your login does not allow you to do this.*Request the right/su).waitFor({
      timeout: LONG_MS,
    });
    expect(await rows()).toEqual(before);
    expect(await reports()).toBe(2);
    await screenshot(page, `login-${version}-reader`);
  });

  test('the audit trail says who has read and who has saved', async () => {
    const events = (await readFile(site.server.auditFile, 'utf8')).split('\n');
    const usersOf = (purpose: string): readonly string[] => [
      ...new Set(
        events
          .filter((event) => event.includes(purpose))
          .map((event) => /UserID="([^"]*)"[^>]*UserIsRequestor="true"/u.exec(event)?.[1] ?? ''),
      ),
    ];
    expect(usersOf('Store a report')).toEqual(['saver']);
    expect(usersOf('Match points')).toEqual(['saver', 'reader']);
  });
});
