/** What happens after a click. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { ViewerFailure } from '../client/failure.ts';
import { contextOf } from '../testing/context.ts';
import { foundIn, refOf, SERVER_ERROR } from '../testing/examples.ts';
import { axialSeries, FakeHost } from '../testing/fakeHost.ts';
import type { Panes } from '../testing/fakeHost.ts';
import { FakeServer, json } from '../testing/fakeServer.ts';
import type { MatchRequest } from '../wire.ts';
import type { Context } from './context.ts';
import { Finder, progressText } from './find.ts';

const CURRENT = axialSeries('current', '20240301');
const PRIOR = axialSeries('prior', '20230211');
const MATCHES = 'POST /matches';

let fake: FakeHost;
let server: FakeServer;
let context: Context;

function setUp(panes: Panes = { left: CURRENT, right: PRIOR }): void {
  fake = new FakeHost(panes);
  server = new FakeServer();
  context = contextOf(fake, server);
}

beforeEach(() => {
  setUp();
});

async function click(pane = 'left'): Promise<void> {
  await new Finder(context).find(fake.viewports.get(pane)!, [1, 2, 3]);
}

describe('finding', () => {
  test('a click requests a match in every other series of the patient and shows what comes back', async () => {
    server.routes = { [MATCHES]: () => json(200, { matches: [foundIn('current', 'prior')] }) };
    await click();
    expect(server.seen[0]?.body).toMatchObject({
      query: refOf('current'),
      targets: [refOf('prior')],
      points: [{ lps: [1, 2, 3], frameOfReferenceUid: '1.2.left.7' }],
    });
    expect(context.store.pairs).toMatchObject([
      {
        label: 'Point 1',
        state: 'proposed',
        found: 'prior',
        similarity: 0.874,
        cycleErrorMm: 1.26,
        saved: false,
      },
    ]);
    expect(fake.viewports.get('right')?.jumps).toEqual([[4, -3, 40]]);
    expect(fake.viewports.get('left')?.jumps).toEqual([]);
    expect(context.store.searches).toEqual([]);
  });

  test('what the server says about a series is kept, one entry per series', async () => {
    const warning = (series: string, message: string) => ({ series: refOf(series), code: 'x/y', message });
    const warnings = [warning('prior', 'metal'), warning('prior', 'thin'), warning('elsewhere', 'tilted')];
    server.routes = { [MATCHES]: () => json(200, { matches: [foundIn('current', 'prior')], warnings }) };
    await click();
    await click();
    expect(context.store.seriesWarnings).toEqual([
      {
        id: refOf('prior').seriesInstanceUid,
        studyInstanceUid: refOf('prior').studyInstanceUid,
        title: 'CT of 2023-02-11',
        messages: ['metal', 'thin'],
      },
    ]);
    expect(context.store.notices).toEqual([]);
  });

  test('a click in the prior makes the later study the current one all the same', async () => {
    server.routes = { [MATCHES]: () => json(200, { matches: [foundIn('prior', 'current')] }) };
    await click('right');
    const [pair] = context.store.pairs;
    expect(pair?.current.studyInstanceUid).toBe('1.2.current');
    expect(pair?.prior.studyInstanceUid).toBe('1.2.prior');
    expect(pair?.found).toBe('current');
  });

  test.each([
    ['left', 'current', 'prior', { currentMm: 6, priorMm: 12 }],
    ['right', 'prior', 'current', { currentMm: 12, priorMm: 6 }],
  ])(
    'a click in the %s pane: the sizes of a changed lesion belong to their scans',
    async (pane, from, to, sizes) => {
      const change = { kind: 'larger', queryDiameterMm: 6, targetDiameterMm: 12 } as const;
      const outcome = foundIn(from, to);
      const matches = [outcome.ok ? { ...outcome, match: { ...outcome.match, change } } : outcome];
      server.routes = { [MATCHES]: () => json(200, { matches }) };
      await click(pane);
      expect(context.store.pairs[0]?.sizes).toEqual({ isUnchanged: false, ...sizes });
    },
  );

  test('of two studies of one time, nothing is said about what a lesion was', async () => {
    const sameTime = axialSeries('prior', '20240301');
    setUp({ left: axialSeries('current', '20240301'), right: sameTime });
    const change = { kind: 'larger', queryDiameterMm: 6, targetDiameterMm: 12 } as const;
    const outcome = foundIn('current', 'prior');
    const matches = [outcome.ok ? { ...outcome, match: { ...outcome.match, change } } : outcome];
    server.routes = { [MATCHES]: () => json(200, { matches }) };
    await click();
    expect(context.store.pairs).toHaveLength(1);
    expect(context.store.pairs[0]?.sizes).toBeUndefined();
  });

  test('two priors give two pairs of one lesion; one that fails does not keep the other back', async () => {
    const oldest = axialSeries('oldest', '20200101');
    const older = axialSeries('older', '20220101');
    setUp({ a: CURRENT, b: PRIOR, c: older, d: oldest });
    server.routes = {
      [MATCHES]: () =>
        json(200, {
          matches: [
            foundIn('current', 'prior'),
            foundIn('current', 'older'),
            { pointId: 'p', target: refOf('oldest'), ok: false, error: SERVER_ERROR },
          ],
        }),
    };
    await click('a');
    const { pairs, notices } = context.store;
    expect(pairs).toHaveLength(2);
    expect(new Set(pairs.map(({ lesionUid }) => lesionUid)).size).toBe(1);
    expect(notices).toMatchObject([
      { subject: 'Point 1 in CT of 2020-01-01', code: SERVER_ERROR.code, remedy: SERVER_ERROR.remedy },
    ]);
  });

  test('only CT of the same patient is requested', async () => {
    setUp({
      a: CURRENT,
      b: axialSeries('other-patient', '20230101', 'Q'),
      c: { ...PRIOR, Modality: 'MR' },
      d: axialSeries('older', '20220101'),
    });
    server.routes = { [MATCHES]: () => json(200, { matches: [] }) };
    await click('a');
    expect((server.seen[0]?.body as MatchRequest).targets).toEqual([refOf('older')]);
  });

  test('a localizer beside the scans is not requested, and a click in it is refused in words', async () => {
    const scout = axialSeries('scout', '20240301');
    const images = scout.instances!.map((instance) => ({
      ...instance,
      ImageType: 'ORIGINAL\\PRIMARY\\LOCALIZER',
    }));
    const turned = scout.instances!.map((instance, k) => ({
      ...instance,
      ImageOrientationPatient: [
        [1, 0, 0, 0, 1, 0],
        [1, 0, 0, 0, 0, -1],
        [0, 1, 0, 0, 0, -1],
      ][k % 3]!,
    }));
    const kinds = [{ instances: images }, { instances: turned }, { instances: images.slice(0, 2) }];
    for (const kind of kinds) {
      setUp({ left: CURRENT, right: PRIOR, below: { ...scout, ...kind } });
      server.routes = { [MATCHES]: () => json(200, { matches: [foundIn('current', 'prior')] }) };
      await click();
      expect((server.seen[0]?.body as MatchRequest).targets).toEqual([refOf('prior')]);
      expect(context.store.notices).toEqual([]);
      await click('below');
      expect(context.store.notices).toMatchObject([{ code: 'viewer/localizer' }]);
    }
  });

  test('slices with a scout among them are compared', async () => {
    const instances = PRIOR.instances!.map((instance, k) => ({
      ...instance,
      ImageOrientationPatient: k === 0 ? [1, 0, 0, 0, 0, -1] : [1, 0, 0, 0, 1, 0],
      ImageType: ['ORIGINAL', 'PRIMARY', k === 0 ? 'LOCALIZER' : 'AXIAL'],
    }));
    setUp({ left: CURRENT, right: { ...PRIOR, instances } });
    server.routes = { [MATCHES]: () => json(200, { matches: [foundIn('current', 'prior')] }) };
    await click();
    expect(context.store.pairs).toHaveLength(1);
  });

  test.each([
    ['nothing to compare with', { left: CURRENT }, 'viewer/nothing-to-compare'],
    ['an MR image', { left: { ...CURRENT, Modality: 'MR' }, right: PRIOR }, 'viewer/unsupported-modality'],
  ])('%s is reported without a request to the server', async (_name, panes, code) => {
    setUp(panes);
    await click();
    expect(context.store.notices).toMatchObject([{ code }]);
    expect(server.seen).toEqual([]);
  });

  test('series of every modality that the model reads are compared', async () => {
    setUp({ left: CURRENT, right: { ...PRIOR, Modality: 'MR' } });
    context = {
      ...context,
      readableModalities: { known: undefined, load: () => Promise.resolve(['CT', 'MR']) },
    };
    server.routes = { [MATCHES]: () => json(200, { matches: [foundIn('current', 'prior')] }) };
    await click();
    expect((server.seen[0]?.body as MatchRequest).targets).toEqual([refOf('prior')]);
  });

  test('a click while the server does not report what it reads is a notice and starts no search', async () => {
    const failure = new ViewerFailure('viewer/unreachable', 'no answer', 'try again');
    context = { ...context, readableModalities: { known: undefined, load: () => Promise.reject(failure) } };
    await click();
    expect(context.store.notices).toMatchObject([{ code: 'viewer/unreachable' }]);
    expect(context.store.searches).toEqual([]);
  });

  test('while the server works, the click is listed and can be cancelled without a complaint', async () => {
    const finder = new Finder(context);
    server.routes = {
      [MATCHES]: (_request, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => {
            reject(new DOMException('aborted', 'AbortError'));
          });
        }),
    };
    const finding = finder.find(fake.viewports.get('left')!, [1, 2, 3]);
    const [search] = context.store.searches;
    expect(search).toMatchObject({ label: 'Point 1', lps: [1, 2, 3], progress: { fraction: undefined } });
    finder.cancel(search!.id);
    await finding;
    expect(context.store.searches).toEqual([]);
    expect(context.store.notices).toEqual([]);
  });

  test('a failure is reported as a toast when the panel cannot be seen', async () => {
    context = { ...context, panelVisible: () => false };
    server.routes = { [MATCHES]: () => new Response(null, { status: 401 }) };
    await click();
    expect(fake.toasts).toMatchObject([{ title: 'Samepoint: Point 1', position: 'bottom-center' }]);
    expect(context.store.notices).toMatchObject([{ code: 'viewer/unauthorized' }]);
  });

  test('a click that failed is tried again by the button of its message, and the message ends', async () => {
    server.routes = { [MATCHES]: () => new Response(null, { status: 502 }) };
    await click();
    const [notice] = context.store.notices;
    expect(notice?.mend?.label).toBe('Try again');
    server.routes = { [MATCHES]: () => json(200, { matches: [foundIn('current', 'prior')] }) };
    notice?.mend?.run();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(context.store.pairs).toMatchObject([{ label: 'Point 1' }]);
    expect(context.store.notices).toEqual([]);
  });

  test('a click is not tried again in another series than the one that was clicked', async () => {
    server.routes = { [MATCHES]: () => new Response(null, { status: 502 }) };
    await click();
    fake.panes = { left: PRIOR, right: CURRENT };
    context.store.notices[0]?.mend?.run();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(server.seen).toHaveLength(1);
    expect(context.store.notices).toContainEqual(expect.objectContaining({ code: 'viewer/not-shown' }));
  });

  test('a click in the wrong place has no button that repeats it, and ends with the next one that is answered', async () => {
    const answer = { pointId: 'p', target: refOf('prior'), ok: false, error: SERVER_ERROR };
    server.routes = { [MATCHES]: () => json(200, { matches: [answer] }) };
    await click();
    expect(context.store.notices).toMatchObject([{ code: SERVER_ERROR.code, mend: undefined }]);
    server.routes = { [MATCHES]: () => json(200, { matches: [foundIn('current', 'prior')] }) };
    await click();
    expect(context.store.notices).toEqual([]);
  });

  test('without a prior on the screen, the message has a button that shows it, where one is loaded', async () => {
    let shown = 0;
    setUp({ left: CURRENT });
    context = { ...context, compare: () => (shown += 1) };
    await click();
    expect(context.store.notices[0]?.mend).toBeUndefined();
    fake.displaySets = [CURRENT, PRIOR];
    context.store.mendedCodes('viewer/nothing-to-compare');
    await click();
    context.store.notices[0]?.mend?.run();
    expect(shown).toBe(1);
  });

  test('even a broken host causes no unhandled rejection', async () => {
    Object.defineProperty(fake, 'panes', { get: () => undefined });
    await expect(click()).resolves.toBeUndefined();
    expect(context.store.notices).toMatchObject([{ code: 'viewer/unexpected' }]);
  });

  test.each([
    [{ stage: 'fetch' as const, fraction: 0.2, message: '' }, 'Reading the images from the PACS', 0.2],
    [{ stage: 'match' as const, fraction: 7, message: 'Searching the points' }, 'Searching the points', 1],
    [
      { stage: 'embed' as const, fraction: Number.NaN, message: 'Series 1 of 2: Analysing the images' },
      'Series 1 of 2: Analysing the images (once per series, later clicks are quick)',
      undefined,
    ],
  ])('progress %j in words', (progress, text, fraction) => {
    expect(progressText(progress)).toEqual({ text, fraction });
  });
});
