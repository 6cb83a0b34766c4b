/**
 * A follow-up that has arrived in a real PACS before a reader opens it: its series are embedded and the findings of the prior looked for. The
 * reader opens it in stock OHIF, and the panel shows the proposals without an embedding or a search.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Locator } from 'playwright-core';
import type { Lps, Match, MatchOutcome, SeriesRef } from '../support/api.ts';
import { screenshot, startBrowser } from '../support/browser.ts';
import type { Browser } from '../support/browser.ts';
import { startOrthanc } from '../support/orthanc.ts';
import type { Orthanc } from '../support/orthanc.ts';
import { temporaryFolder } from '../support/paths.ts';
import { describeInViewers } from '../support/requirements.ts';
import { startSamepoint, withViewer } from '../support/samepointServer.ts';
import type { SamepointServer } from '../support/samepointServer.ts';
import { SmallPatient } from '../support/smallPatient.ts';
import { ViewerPage } from '../support/viewerPage.ts';
import { sumOf } from '../support/workers.ts';

const SCREEN_TIMEOUT_MS = 120_000;
/** Many times a match of a small pair, ms. */
const STEADY_MS = 1_000;
/** From the lesion of the phantom, mm. */
const FINDINGS_AT: readonly Lps[] = [
  [0, 0, 0],
  [15, 0, 0],
  [0, -20, 0],
];

describeInViewers(['chromium', 'orthanc'], 'a follow-up that has arrived', (version) => {
  let orthanc: Orthanc;
  let server: SamepointServer;
  let browser: Browser;
  let viewer: ViewerPage;
  let folder: string;
  let current: SeriesRef;

  const start = (): Promise<SamepointServer> =>
    startSamepoint({
      ...withViewer(version),
      dicomweb: {
        root: orthanc.dicomweb.root,
        arrival: 'orthanc',
        orthancRoot: new URL(orthanc.dicomweb.root).origin,
      },
      arrival: {
        ...{ pollMs: 1_000, settleMs: 0, directory: join(folder, 'arrival') },
        rules: [{ minimumSlices: 10, priors: 1 }],
      },
      embedding: { cacheDirectory: join(folder, 'embeddings') },
    });
  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    while (!(await holds())) await pause(50);
  };
  const metric = async (name: string, label: string): Promise<number> =>
    sumOf(await (await fetch(`${server.url}/samepoint/metrics`)).text(), name, `"${label}"`);
  const ready = (): Promise<number> => metric('samepoint_arrivals_total', 'ready');
  const pending = (): Promise<number> => metric('samepoint_arrivals_pending', 'default');
  const stage = (name: string): Promise<number> => metric('samepoint_stage_duration_seconds_count', name);
  /** Matches of this server, when none has ended for a while. */
  const steadyMatches = async (): Promise<number> => {
    for (let before = -1; ;) {
      const now = await stage('match');
      if (now === before) return now;
      before = now;
      await pause(STEADY_MS);
    }
  };
  const part = (name: string): Locator => viewer.page.locator(`[data-samepoint="${name}"]`);

  /** The places of the findings in the prior, as the match has them. */
  const matchesOf = async (query: SeriesRef, target: SeriesRef, at: Lps): Promise<readonly Match[]> => {
    const points = FINDINGS_AT.map((offset, index) => {
      const [x, y, z] = at.map((value, axis) => value + (offset[axis] ?? 0)) as [number, number, number];
      return { id: `f${index}`, lps: [x, y, z] as const };
    });
    const outcomes = await server.api.match({ query, targets: [target], points });
    if (!Array.isArray(outcomes)) throw new Error(outcomes.message);
    return outcomes.flatMap((outcome: MatchOutcome) => (outcome.ok ? [outcome.match] : []));
  };
  /** Stores a report of the prior. */
  const report = async ({ studyInstanceUid }: SeriesRef, matches: readonly Match[]): Promise<void> => {
    const observations = matches.map(({ target }, index) => ({
      ...{ trackingUid: `2.25.71${index}`, label: `Lesion ${index + 1}`, role: 'target', status: 'present' },
      place: target,
    }));
    const body = { studyInstanceUid, timePoint: { name: 'baseline' }, observations, basedOn: [] };
    const { status } = await server.api.request('POST', '/time-point-reports', body);
    expect(status).toBe(201);
  };

  beforeAll(async () => {
    folder = temporaryFolder('arrived-follow-up');
    orthanc = await startOrthanc(1);
    server = await start();
    await until(async () => (await server.api.request('GET', '/health/ready')).status === 200);
    const patient = new SmallPatient(orthanc.dicomweb);
    const prior = await patient.storePrior();
    const first = await patient.storeCurrent();
    await until(async () => (await ready()) === 2);
    await report(prior, await matchesOf(first, prior, patient.point));
    await orthanc.deleteStudy(first.studyInstanceUid);
    current = await patient.storeCurrent();
    // The prior has changed with its report, and comes once more.
    await until(async () => (await ready()) >= 4);
    await until(async () => (await pending()) === 0);
    // A new process has nothing of it in memory, and has embedded nothing.
    await server.stop();
    server = await start();
    await until(async () => (await server.api.request('GET', '/health/ready')).status === 200);
    browser = await startBrowser();
    const { page } = await browser.newPage();
    await page.setViewportSize({ width: 1920, height: 1080 });
    viewer = new ViewerPage(page, server.url);
    await viewer.open([current.studyInstanceUid], { compare: false });
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
    await orthanc.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('the findings of the prior are proposed as soon as the panel is opened: nothing is embedded, and nothing searched', async () => {
    const startMs = performance.now();
    await viewer.page.locator('[data-cy$="samepoint-btn"]').first().click();
    await part('findAll').waitFor({ timeout: SCREEN_TIMEOUT_MS });
    const offeredMs = performance.now();
    // What a pair computes once is computed when its study is opened.
    const matched = await steadyMatches();
    const clickMs = performance.now();
    await part('findAll').click();
    const progress = part('review-progress').filter({ hasText: `0 of ${FINDINGS_AT.length}` });
    await progress.waitFor({ timeout: SCREEN_TIMEOUT_MS });
    const toProposals = Math.round(performance.now() - clickMs + offeredMs - startMs);
    const toOffer = Math.round(offeredMs - startMs);
    process.stdout.write(
      `from the panel to ${FINDINGS_AT.length} proposals: ${toProposals} ms, ${toOffer} ms of them until they were offered\n`,
    );
    expect(await viewer.notices.allInnerTexts()).toEqual([]);
    expect(await viewer.lesions.count()).toBe(FINDINGS_AT.length);
    expect(await part('time-point').count()).toBe(2);
    expect([await stage('embed'), await stage('match')]).toEqual([0, matched]);
    await screenshot(viewer.page, `arrived-${version}-proposals`);
  });
});
