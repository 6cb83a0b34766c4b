/** The studies of the patient: which is current, what the server knows of the others, and how far their analysis is. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { ActivityStore } from '../lesions/activityStore.ts';
import { refOf } from '../testing/examples.ts';
import { axialSeries, FakeHost } from '../testing/fakeHost.ts';
import type { Panes } from '../testing/fakeHost.ts';
import { FakeServer, json } from '../testing/fakeServer.ts';
import { Host } from '../viewer/host.ts';
import type { PriorsAnswer, SeriesRef } from '../wire.ts';
import { TimePoints } from './timePoints.ts';

const CURRENT = axialSeries('current', '20240301');
const PRIOR = axialSeries('prior', '20230211');
const PRIORS = 'GET /priors?studyInstanceUid=1.2.current';

let fake: FakeHost;
let server: FakeServer;
let activity: ActivityStore;
let urlStudies: readonly string[];

function timePointsOf(panes: Panes): TimePoints {
  fake = new FakeHost(panes);
  activity = new ActivityStore();
  return new TimePoints({
    host: new Host(fake.parameters),
    activity,
    panelVisible: () => true,
    compare: () => undefined,
    client: server.client,
    readableModalities: { known: ['CT'], load: () => Promise.resolve(['CT']) },
    model: undefined,
    urlStudies: () => urlStudies,
  });
}

const studyOf = (name: string, date: string, changes: object = {}): PriorsAnswer['current'] => ({
  studyInstanceUid: `1.2.${name}`,
  date,
  time: '10:15:00',
  description: 'Thorax',
  modalities: ['SR', 'CT'],
  series: [
    {
      ...{ seriesInstanceUid: `1.2.${name}.9`, description: '', modality: 'CT', images: 40 },
      isComparable: true,
      reasons: [],
    },
  ],
  hasReports: false,
  ...changes,
});
const priors = (...studies: PriorsAnswer['priors']): PriorsAnswer => ({
  current: studyOf('current', '2024-03-01'),
  priors: studies,
  warnings: [],
});
const embedded = () =>
  server.seen.filter(({ path }) => path === '/series-embeddings').map(({ body }) => body as SeriesRef);
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
}

beforeEach(() => {
  urlStudies = [];
  server = new FakeServer({
    [PRIORS]: () => json(200, priors(studyOf('prior', '2023-02-11'), studyOf('older', '2022-01-01'))),
    'POST /series-embeddings': () => json(200, { state: 'ready' }),
  });
});

describe('the current study', () => {
  test.each([
    ['the newest that is open', ['prior', 'current'], [], 'current'],
    ['of the URL, not one that was opened since', ['prior', 'current'], ['prior'], 'prior'],
    ['the newest of the URL', ['current', 'prior'], ['prior', 'current'], 'current'],
    ['whatever the URL says, while that is not loaded', ['prior'], ['elsewhere'], 'prior'],
  ])('is %s', (_name, loaded, url, expected) => {
    urlStudies = url.map((name) => `1.2.${name}`);
    const sets = { current: CURRENT, prior: PRIOR };
    const points = timePointsOf(Object.fromEntries(loaded.map((name) => [name, sets[name as 'prior']])));
    void points.refresh();
    expect(points.current).toBe(`1.2.${expected}`);
  });

  test('is one of the patient of the first study', () => {
    const points = timePointsOf({ a: PRIOR, b: axialSeries('other', '20250101', 'Q') });
    void points.refresh();
    expect(points.current).toBe('1.2.prior');
    expect(points.list().map(({ studyInstanceUid }) => studyInstanceUid)).toEqual(['1.2.prior']);
  });

  test('is none before a study is open', async () => {
    const points = timePointsOf({});
    await points.refresh();
    expect([points.current, points.list(), server.seen]).toEqual([undefined, [], []]);
  });
});

describe('the priors', () => {
  test('are requested once, and are time points though they are not loaded', async () => {
    const points = timePointsOf({ a: CURRENT });
    await Promise.all([points.refresh(), points.refresh()]);
    await points.refresh();
    expect(server.seen.filter(({ path }) => path.startsWith('/priors'))).toHaveLength(1);
    expect(
      points
        .list()
        .map(({ date, modality, isCurrent, isLoaded, isShown, chosen }) => [
          date,
          modality,
          isCurrent,
          isLoaded,
          isShown,
          chosen,
        ]),
    ).toEqual([
      ['2022-01-01', 'CT', false, false, false, '1.2.older.9'],
      ['2023-02-11', 'CT', false, false, false, '1.2.prior.9'],
      ['2024-03-01', 'CT', true, true, true, '1.2.current.9'],
    ]);
    expect(points.others().map(({ studyInstanceUid }) => studyInstanceUid)).toEqual([
      '1.2.prior',
      '1.2.older',
    ]);
    expect(points.titleOf('1.2.older')).toBe('CT of 2022-01-01');
    expect([points.mayHaveFindings('1.2.older'), points.mayHaveFindings('1.2.unknown')]).toEqual([
      false,
      true,
    ]);
  });

  test('without the server, what the viewer has loaded is compared; the button of the message sends the request again', async () => {
    const { routes } = server;
    server.routes = {};
    const points = timePointsOf({ a: CURRENT, b: PRIOR });
    await points.refresh();
    expect(points.list().map(({ chosen, date }) => [chosen, date])).toEqual([
      ['1.2.prior.9', '2023-02-11'],
      ['1.2.current.9', '2024-03-01'],
    ]);
    expect(activity.notices).toMatchObject([{ subject: 'Earlier scans', code: 'viewer/unreachable' }]);
    server.routes = routes;
    activity.notices[0]?.mend?.run();
    await settled();
    expect(points.list()).toHaveLength(3);
    expect(activity.notices).toEqual([]);
  });

  test('what may be missing is said', async () => {
    const warnings = [{ code: 'priors/no-issuer', message: 'Studies of other hospitals may be missing.' }];
    server.routes = { ...server.routes, [PRIORS]: () => json(200, { ...priors(), warnings }) };
    await timePointsOf({ a: CURRENT }).refresh();
    expect(activity.notices).toMatchObject(warnings);
  });

  test('an answer about a study that is not read any more is not used', async () => {
    let release: (answer: Response) => void = () => undefined;
    const late = new Promise<Response>((resolve) => (release = resolve));
    server.routes = { ...server.routes, [PRIORS]: () => late };
    const points = timePointsOf({ a: CURRENT });
    const first = points.refresh();
    fake.displaySets = [axialSeries('next', '20250101', 'Q')];
    server.routes = {
      'GET /priors?studyInstanceUid=1.2.next': () =>
        json(200, { ...priors(), current: studyOf('next', '2025-01-01') }),
    };
    await points.refresh();
    release(json(200, priors(studyOf('prior', '2023-02-11'))));
    await first;
    expect(points.list().map(({ studyInstanceUid }) => studyInstanceUid)).toEqual(['1.2.next']);
  });
});

describe('the analysis', () => {
  test('begins at once: the current series, then the newest prior first, one after the other', async () => {
    const points = timePointsOf({ a: CURRENT });
    await points.refresh();
    await settled();
    expect(embedded()).toEqual([refOf('current'), refOf('prior'), refOf('older')]);
    expect(points.list().map(({ readiness }) => readiness.state)).toEqual(['ready', 'ready', 'ready']);
  });

  test('of many priors is made of the newest five', async () => {
    const many = Array.from({ length: 9 }, (_, k) => studyOf(`p${k}`, `201${9 - k}-01-01`));
    server.routes = { ...server.routes, [PRIORS]: () => json(200, priors(...many)) };
    await timePointsOf({ a: CURRENT }).refresh();
    await settled();
    expect(embedded()).toEqual(['current', 'p0', 'p1', 'p2', 'p3', 'p4'].map(refOf));
  });

  test('is not made where there is nothing to compare', async () => {
    server.routes = { ...server.routes, [PRIORS]: () => json(200, priors()) };
    await timePointsOf({ a: CURRENT }).refresh();
    await settled();
    expect(embedded()).toEqual([]);
  });

  test('that fails is no message, does not hold the others up, and is tried again when the server is back', async () => {
    let isDown = true;
    server.routes = {
      ...server.routes,
      'POST /series-embeddings': ({ body }) =>
        isDown && (body as SeriesRef).studyInstanceUid === '1.2.prior'
          ? new Response(null, { status: 502 })
          : json(200, { state: 'ready' }),
    };
    const points = timePointsOf({ a: CURRENT });
    await points.refresh();
    await settled();
    expect(points.list().map(({ readiness }) => readiness.state)).toEqual(['ready', 'failed', 'ready']);
    expect(activity.notices).toEqual([]);
    isDown = false;
    await points.retry();
    await settled();
    expect(points.list().map(({ readiness }) => readiness.state)).toEqual(['ready', 'ready', 'ready']);
  });

  test('ends when the studies are left', async () => {
    let aborted = 0;
    server.routes = {
      ...server.routes,
      'POST /series-embeddings': (_request, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => {
            aborted += 1;
            reject(new DOMException('aborted', 'AbortError'));
          });
        }),
    };
    const points = timePointsOf({ a: CURRENT });
    await points.refresh();
    await settled();
    expect(points.point('1.2.current')?.readiness.state).toBe('working');
    points.stop();
    await settled();
    expect(aborted).toBe(1);
    expect(points.point('1.2.current')?.readiness.state).toBe('idle');
    expect(embedded()).toHaveLength(1);
  });

  test('is made of a series that the reader chooses', async () => {
    const series = studyOf('prior', '2023-02-11').series;
    const thick = { ...series[0]!, seriesInstanceUid: '1.2.prior.5' };
    server.routes = {
      ...server.routes,
      [PRIORS]: () => json(200, priors(studyOf('prior', '2023-02-11', { series: [...series, thick] }))),
    };
    const points = timePointsOf({ a: CURRENT });
    await points.refresh();
    await settled();
    points.choose('1.2.prior', '1.2.prior.5');
    await settled();
    expect(points.chosen('1.2.prior')?.seriesInstanceUid).toBe('1.2.prior.5');
    expect(embedded().at(-1)?.seriesInstanceUid).toBe('1.2.prior.5');
  });
});
