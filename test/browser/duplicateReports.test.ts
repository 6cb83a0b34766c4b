/**
 * One save is one report in the PACS: a server that dies between storing and answering, two requests at once, a PACS
 * that stores and says otherwise. A real server process, a real PACS, and at the end the panel in a real browser.
 */
import { randomUUID } from 'node:crypto';
import { textLike } from '../../server/src/errors/testing/like.ts';
import type { Answer } from '../support/api.ts';
import { startBrowser } from '../support/browser.ts';
import type { Browser } from '../support/browser.ts';
import type { Fault } from '../support/faultProxy.ts';
import { errorOf, Hospital, outcomesOf } from '../support/hospital.ts';
import { viewerVersions } from '../support/paths.ts';
import { describeWith } from '../support/requirements.ts';
import { withViewer } from '../support/samepointServer.ts';
import { ViewerPage } from '../support/viewerPage.ts';

const STOW = { method: 'POST', path: /studies/u } as const;

describeWith(['orthanc'], 'duplicate reports', () => {
  let hospital: Hospital;
  let before: number;
  beforeAll(async () => {
    hospital = await Hospital.open();
    await hospital.recovers();
  });
  afterAll(() => hospital.close());
  beforeEach(async () => {
    before = await reportsInPacs();
  });
  afterEach(() => hospital.recovers());

  const reportsInPacs = async (): Promise<number> =>
    (await hospital.orthanc.dicomweb.instancesOf(hospital.request.query.studyInstanceUid, 'SR')).length;
  const newReports = async (): Promise<number> => (await reportsInPacs()) - before;

  /** A pair that no other test saves. */
  const newReport = async (): Promise<object> => {
    const [outcome] = outcomesOf(await hospital.server.api.match(hospital.request));
    if (!outcome?.ok) throw new Error('no match to report');
    const { query, target, similarity, cycleErrorMm } = outcome.match;
    const lesionUid = `2.25.${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;
    const ends = { current: query, prior: target, similarity, cycleErrorMm };
    return { pairs: [{ label: 'Lesion', lesionUid, state: 'accepted', ...ends }] };
  };
  const save = (body: unknown, key: string | undefined): Promise<Answer> =>
    hospital.server.api.request(
      'POST',
      '/reports',
      body,
      key === undefined ? {} : { 'Idempotency-Key': `"${key}"` },
    );

  test.each([
    ['with a key', randomUUID()],
    ['without', undefined],
  ])('the server is killed between storing and answering, and the request repeated, %s', async (_, key) => {
    const body = await newReport();
    const stored = new Promise<void>((done) => {
      hospital.proxy.strike({ ...STOW, times: 1 }, { kind: 'withhold', done });
    });
    const lost = save(body, key).catch(() => 'no answer');
    await stored;
    expect(await newReports()).toBe(1);
    await hospital.serverDies();
    expect(await lost).toBe('no answer');
    const { status } = await save(body, key);
    expect(status).toBe(201);
    expect(await newReports()).toBe(1);
  });

  test.each([
    ['with a key', randomUUID()],
    ['without', undefined],
  ])('two equal requests at once, %s', async (_, key) => {
    const body = await newReport();
    hospital.proxy.strike({ ...STOW, times: 1 }, { kind: 'delay', ms: 300 });
    const answers = await Promise.all([save(body, key), save(body, key)]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers[0].body).toEqual(answers[1].body);
    expect(await newReports()).toBe(1);
  });

  test.each<[string, Fault]>([
    ['answers 500', { kind: 'misreport', status: 500 }],
    ['breaks the connection', { kind: 'misreport' }],
    ['is silent', { kind: 'withhold', done: () => undefined }],
    ['answers 202 without a list', { kind: 'misreport', status: 202 }],
    ['answers 409 without a list', { kind: 'misreport', status: 409 }],
    ['answers with a web page', { kind: 'misreport', status: 200, body: '<html>Log in</html>' }],
  ])('the PACS stores and %s', async (_, fault) => {
    hospital.proxy.strike(STOW, fault);
    const { status, body } = await save(await newReport(), randomUUID());
    expect([status, body]).toEqual([201, expect.objectContaining({ sopInstanceUid: textLike('') })]);
    expect(await newReports()).toBe(1);
  });

  test('a key with other content is refused, and stores nothing', async () => {
    const key = randomUUID();
    expect((await save(await newReport(), key)).status).toBe(201);
    for (let server = 0; server < 2; server += 1) {
      const { status, body } = await save(await newReport(), key);
      expect([status, errorOf(body).code]).toEqual([422, 'application/idempotency-key-reused']);
      expect(await newReports()).toBe(1);
      await hospital.serverDies();
    }
  });
});

describeWith(['chromium', 'orthanc'], 'duplicate reports, as the reader sees it', () => {
  let hospital: Hospital;
  let browser: Browser;
  beforeAll(async () => {
    hospital = await Hospital.open();
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await hospital.close();
  });

  test('the answer is lost on the way: the next save says saved, and the PACS has one report', async () => {
    const { query, targets } = hospital.request;
    const settings = {
      dicomweb: { root: hospital.proxy.root },
      ...withViewer(viewerVersions()[0] ?? ''),
    };
    await hospital.withServer(settings, async (server) => {
      const { page } = await browser.newPage();
      const viewer = new ViewerPage(page, server.url);
      await viewer.open([query.studyInstanceUid, targets[0]!.studyInstanceUid], { compare: true });
      await viewer.chooseTool();
      await viewer.clickPoint(query.seriesInstanceUid, hospital.patient.point);
      await viewer.lesionFound('Lesion 1');
      let lost = 0;
      await page.route('**/samepoint/api/time-point-reports', async (route) => {
        if (route.request().method() !== 'POST' || lost > 0) {
          await route.continue();
          return;
        }
        // The server has stored and answered; the network breaks.
        lost += 1;
        await route.fetch();
        await route.abort('connectionreset');
      });
      await viewer.saveButton.click();
      await viewer.notices.first().waitFor();
      expect(await viewer.saveButton.isEnabled()).toBe(true);
      await viewer.saveButton.click();
      await viewer.notices.first().waitFor({ state: 'detached' });
      await page.locator('[data-samepoint="save"]:disabled').waitFor();
      expect(lost).toBe(1);
      expect(await hospital.orthanc.dicomweb.instancesOf(query.studyInstanceUid, 'SR')).toHaveLength(1);
      await page.close();
    });
  });
});
