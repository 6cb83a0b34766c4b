/**
 * A follow-up by keyboard in stock OHIF: the findings of the prior are carried over, decided on key by key and saved; a fresh browser shows
 * the same table. The phantom has ten lesions: four as before, one grown, one shrunken, one gone, one out of view, two new.
 */
import type { FindingsAnswer } from '../../server/src/index.ts';
import { distanceMm, SamepointApi } from '../support/api.ts';
import type { Lps } from '../support/api.ts';
import { screenshot, startBrowser } from '../support/browser.ts';
import type { Browser } from '../support/browser.ts';
import { startDemo } from '../support/demo.ts';
import type { Demo, DemoTruth } from '../support/demo.ts';
import { validationErrors } from '../support/dicomTools.ts';
import { Dicomweb } from '../support/dicomweb.ts';
import { readByHighdicom } from '../support/highdicom.ts';
import { describeInViewers } from '../support/requirements.ts';
import { ViewerPage } from '../support/viewerPage.ts';

const MONITORS = [
  { width: 1366, height: 768 },
  { width: 1920, height: 1080 },
] as const;
/** What a reader is given for ten lesions, at one key a second once the series are analysed. */
const MAX_KEYS = 14;
const MAX_SECONDS = 30;
const KEY_MS = 1_000;
/** The reports of three studies, read on two busy cores. */
const READ_MS = 30_000;
/** A carried-over place and the phantom's own. */
const NEAR_MM = 3;

/** What the reader sees of each lesion of the prior, by its name in the prior's report. */
const OUTCOMES: Readonly<Record<string, string>> = {
  'Nodule, right upper lobe': 'accepted',
  'Nodule, left lower lobe': 'accepted',
  'Nodule, right lower lobe': 'resolved',
  'Metastasis, liver segment 7': 'accepted',
  'Lymph node, right paratracheal': 'accepted',
  'Cyst, left kidney': 'accepted',
  'Sclerotic lesion, left iliac bone': 'accepted',
  'Lymph node, left supraclavicular': 'not covered',
};

describeInViewers(['chromium', 'dicom3tools', 'highdicom'], 'a follow-up by keyboard', (version) => {
  let demo: Demo;
  let browser: Browser;
  let viewer: ViewerPage;
  let errors: readonly string[];
  let truth: DemoTruth;
  let table: readonly (readonly string[])[];

  /** A reader's browser: the current study and the prior, with the panel open. */
  const open = async (): Promise<void> => {
    const opened = await browser.newPage();
    errors = opened.errors;
    viewer = new ViewerPage(opened.page, demo.url);
    await viewer.page.setViewportSize(MONITORS[1]);
    const [current, prior] = truth.studies.map(({ studyInstanceUid }) => studyInstanceUid);
    await viewer.open([current ?? '', prior ?? ''], { compare: true });
    await viewer.openPanel();
    await viewer.seriesReady();
  };

  /** The table of the panel, row by row. */
  const readTable = async (): Promise<readonly (readonly string[])[]> => {
    await viewer.page.locator('[data-samepoint="view-table"]').click();
    const rows = viewer.page.locator('table tbody tr');
    await rows.first().waitFor();
    return await Promise.all(
      (await rows.all()).map(async (row) => await row.locator('th, td').allInnerTexts()),
    );
  };

  /** The table, in order, as soon as it is the expected one: the findings of each study come when they are read. */
  const untilTable = async (
    expected: readonly (readonly string[])[],
  ): Promise<readonly (readonly string[])[]> => {
    for (const end = Date.now() + READ_MS; ;) {
      const rows = [...(await readTable())].sort();
      if (JSON.stringify(rows) === JSON.stringify(expected) || Date.now() > end) return rows;
      await viewer.page.waitForTimeout(KEY_MS);
    }
  };

  const spoken = async (label: string): Promise<string> =>
    await viewer.lesion(label).locator('[data-samepoint="spoken"]').innerText();

  const seriesOf = (name: string): string =>
    truth.studies.find((study) => study.name === name)?.seriesInstanceUid ?? '';

  beforeAll(async () => {
    demo = await startDemo('reading', { viewer: version });
    ({ truth } = demo);
    browser = await startBrowser();
    await open();
  });

  afterAll(async () => {
    await browser.close();
    await demo.stop();
  });

  test('the strip shows three time points, and what the prior has to be followed', async () => {
    const points = viewer.page.locator('[data-samepoint="time-point"]');
    expect(await points.count()).toBe(3);
    expect(await viewer.page.locator('[data-samepoint="findAll"]').innerText()).toContain('F');
    for (const label of Object.keys(OUTCOMES)) expect(await viewer.lesion(label).count()).toBe(1);
  });

  test(`eight findings are carried over and decided on with ${MAX_KEYS} keys in ${MAX_SECONDS} s at most`, async () => {
    const { page } = viewer;
    let keys = 0;
    const since = performance.now();
    const press = async (key: string): Promise<void> => {
      await page.keyboard.press(key);
      keys += 1;
      await page.waitForTimeout(KEY_MS);
    };
    await press('f');
    for (const label of Object.keys(OUTCOMES))
      await viewer.lesion(label).filter({ hasNotText: 'not looked for' }).waitFor();
    const opened = page.locator('[data-samepoint="lesion-row"][aria-expanded="true"]');
    for (let decided = 0; decided < Object.keys(OUTCOMES).length; decided++) {
      const words = await opened.locator('[data-samepoint="spoken"]').innerText();
      // What is uncertain has a key of its own; the reader has looked at it.
      await press(words.includes('check') ? 'Shift+Y' : 'y');
    }
    await screenshot(page, `reading-${version}-reviewed`);
    await press('Shift+P');
    await viewer.saved();
    const seconds = (performance.now() - since) / 1_000;
    process.stdout.write(
      `follow-up of ${Object.keys(OUTCOMES).length} findings: ${keys} keys, ${seconds.toFixed(1)} s (22 clicks and 150 s before)\n`,
    );
    expect(keys).toBeLessThanOrEqual(MAX_KEYS);
    expect(seconds).toBeLessThanOrEqual(MAX_SECONDS);
    for (const [label, outcome] of Object.entries(OUTCOMES)) expect(await spoken(label)).toContain(outcome);
  });

  test('each accepted place is where the lesion is', async () => {
    const { page } = viewer;
    for (const [label, outcome] of Object.entries(OUTCOMES)) {
      if (outcome !== 'accepted') continue;
      await viewer.lesion(label).click();
      await page.waitForTimeout(KEY_MS);
      const drawn = (await viewer.markers(seriesOf('current'))).filter(({ text }) => text.includes(label));
      const { currentLps } = truth.lesions.find((lesion) => lesion.label.startsWith(label))!;
      expect(Math.min(...drawn.map(({ lps }) => distanceMm(lps, currentLps)))).toBeLessThan(NEAR_MM);
    }
  });

  test('accepted diameters are a measurement of OHIF: its list has them, and a dragged end changes the size that is saved', async () => {
    const { page } = viewer;
    const label = 'Nodule, left lower lobe';
    const series = seriesOf('current');
    await viewer.lesion(label).click();
    await page.waitForTimeout(KEY_MS);
    await page.locator('[data-cy="trackedMeasurements-btn"]').click();
    for (const diameter of ['L', 'W'])
      await page
        .locator('span')
        .filter({ hasText: new RegExp(`^${diameter}: 1[56]\\.\\d mm$`, 'u') })
        .waitFor();
    await viewer.openPanel();
    const own = (await viewer.measurements()).filter((measurement) => measurement.label === label);
    expect(own.map(({ referenceSeriesUID }) => referenceSeriesUID)).toEqual([series]);
    const [from, end] = (own[0]?.points ?? []).map(([x = NaN, y = NaN, z = NaN]): Lps => [x, y, z]);
    const longer = end!.map((value, axis) => value + ((value - from![axis]!) * 6) / distanceMm(from!, end!));
    const [grabbed, dropped] = await viewer.onPage(series, [end!, [longer[0]!, longer[1]!, longer[2]!]]);
    await viewer.drag(grabbed!, dropped!);
    await page.waitForTimeout(KEY_MS);
    expect(await viewer.lesion(label).locator('[data-samepoint="size"]').innerText()).toBe('22');
    await screenshot(page, 'reading-dragged');
    await viewer.save();
    const current = truth.studies[0]!.studyInstanceUid;
    const answer = await fetch(`${demo.url}/samepoint/api/findings?studyInstanceUid=${current}`);
    const { findings } = (await answer.json()) as FindingsAnswer;
    const saved = findings.filter((finding) => finding.label === label);
    expect(saved).toHaveLength(1);
    expect(saved[0]?.longAxis?.mm).toBeGreaterThan(21);
    expect(saved[0]?.longAxis?.mm).toBeLessThan(23);
    expect(findings).toHaveLength(Object.keys(OUTCOMES).length);
  });

  test('the measurement goes when its lesion is rejected, and comes back when that is undone', async () => {
    const { page } = viewer;
    const label = 'Nodule, left lower lobe';
    const listed = async (): Promise<number> =>
      (await viewer.measurements()).filter((measurement) => measurement.label === label).length;
    await viewer.lesion(label).click();
    await page.keyboard.press('x');
    await page.waitForTimeout(KEY_MS);
    expect(await listed()).toBe(0);
    await page.keyboard.press('u');
    await page.waitForTimeout(KEY_MS);
    expect(await listed()).toBe(1);
    expect(await viewer.saveButton.isDisabled()).toBe(true);
  });

  test('a measurement by OHIF itself becomes the size of the lesion that it lies on', async () => {
    const { page } = viewer;
    const label = 'Metastasis, liver segment 7';
    const { currentLps } = truth.lesions.find((lesion) => lesion.label === label)!;
    await viewer.lesion(label).click();
    await page.waitForTimeout(KEY_MS);
    await page.locator('[data-cy="MeasurementTools-split-button-secondary"]').click();
    await page.locator('[data-cy="Bidirectional"]').click();
    // Along the diameter of 20 mm, from edge to edge.
    const ends = [-10, 10].map((mm): Lps => [currentLps[0] + mm, currentLps[1], currentLps[2]]);
    const [from, to] = await viewer.onPage(seriesOf('current'), ends);
    await page.mouse.move(from!.x, from!.y);
    await page.mouse.down();
    await page.mouse.move(to!.x - 5, to!.y, { steps: 5 });
    await page.mouse.move(to!.x, to!.y);
    await page.mouse.up();
    await page
      .locator('button:has-text("No")')
      .first()
      .click({ timeout: 5_000 })
      .catch(() => undefined);
    await page.waitForTimeout(KEY_MS);
    await screenshot(page, `reading-${version}-measured`);
    expect(await viewer.lesion(label).locator('[data-samepoint="size"]').innerText()).toMatch(
      /^(19|20|21)$/u,
    );
  });

  test('two new lesions are marked by a click each, named, and saved', async () => {
    const { page } = viewer;
    const fresh = truth.lesions.filter(({ label }) => label.endsWith('(new)'));
    expect(fresh).toHaveLength(2);
    for (const [index, { currentLps }] of fresh.entries()) {
      await viewer.chooseTool();
      await viewer.clickPoint(seriesOf('current'), currentLps);
      await viewer.lesionFound(`Lesion ${index + 1}`);
      // The reader has looked: neither of the older scans shows it.
      for (let older = 1; older < truth.studies.length; older++) {
        await page.keyboard.press('Shift+Y');
        await page.waitForTimeout(KEY_MS);
      }
    }
    const field = page.locator('[data-samepoint="label"]');
    await field.fill('Node left of the aorta');
    await field.press('Enter');
    expect(await viewer.lesion('Node left of the aorta').count()).toBe(1);
    await viewer.save();
    table = await readTable();
    await screenshot(page, `reading-${version}-table`);
    expect(table).toHaveLength(10);
    expect(errors).toEqual([]);
  });

  test('the reports are valid, and highdicom reads the lesions of the table with their sizes', async () => {
    const pacs = new Dicomweb(`${demo.url}/dicom-web`);
    const api = new SamepointApi(`${demo.url}/samepoint/api`);
    const oldestFirst = truth.studies.toReversed();
    for (const [column, { studyInstanceUid }] of oldestFirst.entries()) {
      const all = await pacs.instancesOf(studyInstanceUid, 'SR');
      expect(all.flatMap(validationErrors)).toEqual([]);
      const { body } = await api.request('GET', `/findings?studyInstanceUid=${studyInstanceUid}`);
      const { findings } = body as FindingsAnswer;
      const { seriesInstanceUid, sopInstanceUid } = findings[0]!.document;
      const report = await pacs.instance(studyInstanceUid, seriesInstanceUid, sopInstanceUid);
      const [groups = []] = await readByHighdicom([report]);
      for (const [name = '', ...cells] of table) {
        const finding = findings.find(({ label }) => name.endsWith(label));
        const group = groups.find(({ trackingUid }) => trackingUid === finding?.trackingUid);
        const sizes = (group?.measurements ?? []).map(({ value }) => Number(value.toFixed(1)));
        const size = Number(cells[column]);
        // What is not covered ("n/c") is beside the measurements; "gone" and "?" are places without a size.
        expect([name, group === undefined]).toEqual([name, cells[column] === 'n/c']);
        if (!Number.isNaN(size)) expect([name, sizes]).toEqual([name, expect.arrayContaining([size])]);
      }
    }
  });

  test('a fresh browser shows the same table', async () => {
    await browser.close();
    browser = await startBrowser();
    await open();
    const expected = [...table].sort();
    const again = await untilTable(expected);
    await screenshot(viewer.page, `reading-${version}-again`);
    expect(again).toEqual(expected);
    expect(await viewer.notices.allInnerTexts()).toEqual([]);
    expect(errors).toEqual([]);
  });

  test.each(MONITORS)('at $width x $height Save and the disclaimer are in view', async (monitor) => {
    await viewer.page.setViewportSize(monitor);
    await viewer.page.waitForTimeout(500);
    await screenshot(viewer.page, `reading-${version}-${monitor.width}`);
    expect(await viewer.isInView(viewer.saveButton)).toBe(true);
    expect(await viewer.isInView(viewer.page.locator('[data-samepoint="disclaimer"]'))).toBe(true);
  });
});
