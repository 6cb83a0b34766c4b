/**
 * Findings of the prior that others have stored, carried over to the follow-up: drawn with each tool of stock OHIF and saved with its own
 * button, and written by highdicom. Where they are in the follow-up is known by the map of the phantom.
 */
import { lpsPoint } from '../../server/src/geometry/index.ts';
import type { FindingsAnswer } from '../../server/src/index.ts';
import { createPhantom } from '../../server/src/phantom/index.ts';
import { distanceMm, SamepointApi } from '../support/api.ts';
import type { Lps, Match, MatchRequest } from '../support/api.ts';
import { screenshot, startBrowser } from '../support/browser.ts';
import type { Browser } from '../support/browser.ts';
import { startDemo } from '../support/demo.ts';
import type { Demo, DemoTruth } from '../support/demo.ts';
import { Dicomweb } from '../support/dicomweb.ts';
import { writeByHighdicom } from '../support/highdicom.ts';
import type { WrittenGroup } from '../support/highdicom.ts';
import { describeInViewers } from '../support/requirements.ts';
import { StockTools } from '../support/stockTools.ts';
import type { RoundLesion, StockTool } from '../support/stockTools.ts';
import { ViewerPage } from '../support/viewerPage.ts';

/** Lesions that both scans show as they were. */
const NODULE = 'Nodule, right upper lobe';
const METASTASIS = 'Metastasis, liver segment 7';
const CYST = 'Cyst, left kidney';
const BONE = 'Sclerotic lesion, left iliac bone';

const SLICE_MM = 3;
/** Each tool on a lesion, in the middle slice or in the next one: no tool moves what another one has drawn. */
const DRAWN: readonly (readonly [StockTool, string, slices: number])[] = [
  ['Length', NODULE, 0],
  ['Bidirectional', METASTASIS, 0],
  ['CircleROI', CYST, 0],
  ['EllipticalROI', BONE, 0],
  ['ArrowAnnotate', NODULE, 1],
  ['RectangleROI', METASTASIS, 1],
  ['PlanarFreehandROI', CYST, 1],
  ['Probe', BONE, 1],
];
const WRITTEN: readonly (readonly [WrittenGroup['kind'], string])[] = [
  ['point', NODULE],
  ['bidirectional', CYST],
  ['planar', METASTASIS],
  ['volume', BONE],
];

/** Of a place from the true one: the median. */
const CENTRE_MM = 3;
/** Of a diameter from the deformed one. */
const SHARE = 0.2;
/** Of a place that is read from where it was drawn: half a pixel on the screen, and a mouse that moves by whole ones. */
const READ_MM = 1;
const TIMEOUT_MS = 60_000;

/** What was stored, where, and what it is in the follow-up. */
interface Stored {
  readonly name: string;
  readonly centre: Lps;
  readonly radiusMm: number;
}

describeInViewers(['chromium', 'highdicom'], 'findings that others have stored', (version) => {
  let demo: Demo;
  let browser: Browser;
  let pacs: Dicomweb;
  let api: SamepointApi;
  let current: DemoTruth['studies'][number];
  let prior: DemoTruth['studies'][number];
  let toCurrent: (place: Lps) => Lps;
  let request: MatchRequest;
  const stored: Stored[] = [];

  /** A lesion in a slice of the prior: its middle there and its radius. */
  const inSlice = (label: string, slices: number): RoundLesion => {
    const { priorLps, radiusMm } = demo.truth.lesions.find((lesion) => lesion.label === label)!;
    const [x, y, z] = priorLps;
    const up = slices * SLICE_MM;
    return { centre: [x, y, z + up], radiusMm: Math.sqrt(radiusMm.prior! ** 2 - up ** 2) };
  };

  const findings = async (): Promise<FindingsAnswer['findings']> => {
    const { body } = await api.request('GET', `/findings?studyInstanceUid=${prior.studyInstanceUid}`);
    return (body as FindingsAnswer).findings;
  };

  const findingOf = async (name: string): Promise<FindingsAnswer['findings'][number] | undefined> =>
    (await findings()).find(
      ({ trackingIdentifier = '', role }) => role === undefined && trackingIdentifier.endsWith(name),
    );

  const reports = async (): Promise<number> => (await pacs.instancesOf(prior.studyInstanceUid, 'SR')).length;

  beforeAll(async () => {
    demo = await startDemo('others', { viewer: version });
    const [first, second] = demo.truth.studies;
    [current, prior] = [first!, second!];
    const phantom = createPhantom({ seed: demo.truth.seed, coarseness: 16 });
    toCurrent = (place) => phantom.toCurrent(lpsPoint(...place));
    pacs = new Dicomweb(`${demo.url}/dicom-web`);
    api = new SamepointApi(`${demo.url}/samepoint/api`);
    browser = await startBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await demo.stop();
  });

  test('each tool of stock OHIF draws on the prior, and its own button saves', async () => {
    const { page, errors } = await browser.newPage();
    const viewer = new ViewerPage(page, demo.url);
    await page.setViewportSize({ width: 1920, height: 1080 });
    await viewer.open([prior.studyInstanceUid], { compare: false });
    const tools = new StockTools(viewer, prior.seriesInstanceUid);
    const before = await reports();
    for (const [tool, label, slices] of DRAWN) {
      const lesion = inSlice(label, slices);
      const centre = await tools.draw(tool, lesion);
      stored.push({ name: tool, centre, radiusMm: lesion.radiusMm });
      await screenshot(page, `others-${version}-${tool}`);
    }
    await viewer.saveMeasurements();
    for (let tries = 0; (await reports()) === before && tries < 60; tries++) await page.waitForTimeout(500);
    await screenshot(page, `others-${version}-saved`);
    expect(await reports()).toBe(before + 1);
    expect(errors).toEqual([]);
    await page.close();
  });

  test('highdicom writes a report of the prior', async () => {
    const groups = WRITTEN.map(([kind, label]) => {
      const { centre, radiusMm } = inSlice(label, 0);
      stored.push({ name: `highdicom ${kind}`, centre, radiusMm });
      return { name: `highdicom ${kind}`, kind, contours: contoursOf(kind, centre, radiusMm) };
    });
    const images = await pacs.instancesOf(prior.studyInstanceUid, 'CT');
    await pacs.store([await writeByHighdicom(images, groups)]);
  });

  test('they are read where they were marked', async () => {
    for (const { name, centre } of stored) {
      const finding = await findingOf(name);
      expect([name, finding?.lps && distanceMm(finding.lps, centre)]).toEqual([name, expect.any(Number)]);
      const inPlane: Lps = [finding!.lps![0], finding!.lps![1], centre[2]];
      expect(distanceMm(inPlane, centre)).toBeLessThan(READ_MM);
      expect(Math.abs(finding!.lps![2] - centre[2])).toBeLessThanOrEqual(SLICE_MM / 2);
    }
  });

  test('the panel offers them, and one key looks for all of them', async () => {
    const { page, errors } = await browser.newPage();
    const viewer = new ViewerPage(page, demo.url);
    await page.setViewportSize({ width: 1920, height: 1080 });
    await viewer.open([current.studyInstanceUid, prior.studyInstanceUid], { compare: true });
    await viewer.openPanel();
    await viewer.seriesReady();
    await page.mouse.move(600, 500);
    const sent = page.waitForRequest((each) => each.method() === 'POST' && each.url().endsWith('/matches'));
    await page.keyboard.press('f');
    request = (await sent).postDataJSON() as MatchRequest;
    const waiting = viewer.lesions.filter({ hasText: 'not looked for' });
    await waiting.first().waitFor({ state: 'detached', timeout: TIMEOUT_MS });
    await screenshot(page, `others-${version}-found`);
    const ids = new Set(request.points.map(({ id }) => id));
    for (const { name } of stored)
      expect([name, ids.has((await findingOf(name))?.trackingUid ?? '')]).toEqual([name, true]);
    // What was measured on lesions of the prior is not saved, and restored.
    const failures = viewer.notices.filter({ hasNotText: 'restored' });
    expect(await failures.allInnerTexts()).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });

  test(`they are found within ${CENTRE_MM} mm (median), with diameters within ${100 * SHARE} %`, async () => {
    const outcomes = await api.match(request);
    if (!Array.isArray(outcomes)) throw new Error(JSON.stringify(outcomes));
    const rows = [];
    for (const one of stored) {
      const uid = (await findingOf(one.name))?.trackingUid;
      const outcome = outcomes.find(({ pointId }) => pointId === uid);
      if (outcome?.ok !== true) throw new Error(`${one.name}: ${JSON.stringify(outcome)}`);
      rows.push(rowOf(one, outcome.match, toCurrent));
    }
    process.stdout.write(tableOf(rows));
    const centres = rows.map(({ centreMm }) => centreMm).sort((a, b) => a - b);
    expect(centres[Math.floor(centres.length / 2)]).toBeLessThanOrEqual(CENTRE_MM);
    const axes = rows.flatMap(({ longShare = 0, shortShare = 0 }) => [longShare, shortShare]);
    expect(axes.filter((share) => Math.abs(share) > SHARE)).toEqual([]);
    // All but points, and the rectangle.
    expect(rows.filter(({ longShare }) => longShare === undefined).map(({ name }) => name)).toEqual([
      ...['ArrowAnnotate', 'RectangleROI', 'Probe', 'highdicom point'],
    ]);
  });
});

/** What highdicom is given for a round lesion, LPS mm. */
function contoursOf(kind: WrittenGroup['kind'], [x, y, z]: Lps, r: number): WrittenGroup['contours'] {
  const around = (height: number): readonly Lps[] => {
    const radius = Math.sqrt(r ** 2 - height ** 2);
    return Array.from({ length: 25 }, (_, n): Lps => {
      const angle = (2 * Math.PI * n) / 24;
      return [x + radius * Math.cos(angle), y + radius * Math.sin(angle), z + height];
    });
  };
  switch (kind) {
    case 'point':
      return [[[x, y, z]]];
    case 'bidirectional':
      return [
        [
          [x - r, y, z],
          [x + r, y, z],
        ],
        [
          [x, y - r, z],
          [x, y + r, z],
        ],
      ];
    case 'planar':
      return [around(0)];
    case 'volume':
      return [-SLICE_MM, 0, SLICE_MM].map(around);
  }
}

/** How far what was found is from the truth; diameters as shares of the true ones. */
interface Row {
  readonly name: string;
  readonly centreMm: number;
  readonly longShare?: number;
  readonly shortShare?: number;
  readonly isFitted: boolean | undefined;
}

function rowOf(
  { name, centre, radiusMm }: Stored,
  { target, axes }: Match,
  toCurrent: (place: Lps) => Lps,
): Row {
  const [x, y, z] = centre;
  const along = (dx: number, dy: number): number =>
    distanceMm(toCurrent([x - dx, y - dy, z]), toCurrent([x + dx, y + dy, z]));
  const lengths = [along(radiusMm, 0), along(0, radiusMm)];
  const shareOf = (ends: readonly [Lps, Lps] | undefined, mm: number): number | undefined =>
    ends && distanceMm(...ends) / mm - 1;
  const [longShare, shortShare] = [
    shareOf(axes?.longAxis, Math.max(...lengths)),
    shareOf(axes?.shortAxis, Math.min(...lengths)),
  ];
  return {
    name,
    centreMm: distanceMm(target.lps, toCurrent(centre)),
    ...(longShare === undefined ? {} : { longShare }),
    ...(shortShare === undefined ? {} : { shortShare }),
    isFitted: axes?.isFitted,
  };
}

function tableOf(rows: readonly Row[]): string {
  const percent = (share: number | undefined): string =>
    share === undefined ? '–' : (100 * share).toFixed(0);
  const lines = rows.map(({ name, centreMm, longShare, shortShare, isFitted }) => {
    const fitted = isFitted === undefined ? '–' : String(isFitted);
    return `${name.padEnd(24)}${centreMm.toFixed(1).padStart(10)}${percent(longShare).padStart(8)}${percent(shortShare).padStart(8)}  ${fitted}`;
  });
  return ['finding                 centre, mm  long, % short, %  fitted', ...lines, ''].join('\n');
}
