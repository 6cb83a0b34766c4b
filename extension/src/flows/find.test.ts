/** What happens after a click. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { ViewerFailure } from '../client/failure.ts';
import { contextOf } from '../testing/context.ts';
import type { TestContext } from '../testing/context.ts';
import { foundIn, refOf, SERVER_ERROR } from '../testing/examples.ts';
import { axialSeries, FakeHost } from '../testing/fakeHost.ts';
import type { Panes } from '../testing/fakeHost.ts';
import { FakeServer, json } from '../testing/fakeServer.ts';
import type { MatchRequest } from '../wire.ts';
import { Finder } from './find.ts';
import { progressText } from './progress.ts';

const CURRENT = axialSeries('current', '20240301');
const PRIOR = axialSeries('prior', '20230211');
const MATCHES = 'POST /matches';

let fake: FakeHost;
let server: FakeServer;
let context: TestContext;

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
    expect(context.lesions.lesions).toMatchObject([
      {
        label: 'Lesion 1',
        observations: [
          { studyInstanceUid: '1.2.current', review: 'accepted', status: 'present', isSaved: false },
          {
            studyInstanceUid: '1.2.prior',
            review: 'proposed',
            carriedOver: { fromStudyInstanceUid: '1.2.current', similarity: 0.874, cycleErrorMm: 1.26 },
          },
        ],
      },
    ]);
    expect(context.lesions.lesions[0]?.observations[0]).not.toHaveProperty('carriedOver');
    expect(context.lesions.selected).toBe(context.lesions.lesions[0]?.trackingUid);
    expect(fake.viewports.get('right')?.jumps).toEqual([[4, -3, 40]]);
    expect(fake.viewports.get('left')?.jumps).toEqual([]);
    expect(context.activity.searches).toEqual([]);
  });

  test('what the server says about a series is kept, one entry per series', async () => {
    const warning = (series: string, message: string) => ({ series: refOf(series), code: 'x/y', message });
    const warnings = [warning('prior', 'metal'), warning('prior', 'thin'), warning('elsewhere', 'tilted')];
    server.routes = { [MATCHES]: () => json(200, { matches: [foundIn('current', 'prior')], warnings }) };
    await click();
    await click();
    expect(context.activity.seriesWarnings).toEqual([
      {
        id: refOf('prior').seriesInstanceUid,
        studyInstanceUid: refOf('prior').studyInstanceUid,
        title: 'CT of 2023-02-11',
        messages: ['metal', 'thin'],
      },
    ]);
    expect(context.activity.notices).toEqual([]);
  });

  test('of another patient than the one that is read, only what is on the screen is searched', async () => {
    const other = axialSeries('other', '20230101', 'Q');
    const otherPrior = axialSeries('other-prior', '20220101', 'Q');
    setUp({ a: CURRENT, b: PRIOR, c: other, d: otherPrior });
    server.routes = { [MATCHES]: () => json(200, { matches: [] }) };
    await click('c');
    expect(server.seen.flatMap(({ body }) => (body as MatchRequest).targets)).toEqual([]);
    expect(context.activity.notices).toMatchObject([{ code: 'viewer/nothing-to-compare' }]);
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
      expect(context.activity.notices).toEqual([]);
      await click('below');
      expect(context.activity.notices).toMatchObject([{ code: 'viewer/localizer' }]);
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
    expect(context.lesions.lesions[0]?.observations).toHaveLength(2);
  });

  test.each([
    ['nothing to compare with', { left: CURRENT }, 'viewer/nothing-to-compare'],
    ['an MR image', { left: { ...CURRENT, Modality: 'MR' }, right: PRIOR }, 'viewer/unsupported-modality'],
  ])('%s is reported without a request to the server', async (_name, panes, code) => {
    setUp(panes);
    await click();
    expect(context.activity.notices).toMatchObject([{ code }]);
    expect(server.seen).toEqual([]);
  });

  test('series of every modality that the model reads are compared', async () => {
    setUp({ left: CURRENT, right: { ...PRIOR, Modality: 'MR' } });
    context = contextOf(fake, server, {
      readableModalities: { known: undefined, load: () => Promise.resolve(['CT', 'MR']) },
    });
    server.routes = { [MATCHES]: () => json(200, { matches: [foundIn('current', 'prior')] }) };
    await click();
    expect((server.seen[0]?.body as MatchRequest).targets).toEqual([refOf('prior')]);
  });

  test('a click while the server does not report what it reads is a notice and starts no search', async () => {
    const failure = new ViewerFailure('viewer/unreachable', 'no answer', 'try again');
    context = { ...context, readableModalities: { known: undefined, load: () => Promise.reject(failure) } };
    await click();
    expect(context.activity.notices).toMatchObject([{ code: 'viewer/unreachable' }]);
    expect(context.activity.searches).toEqual([]);
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
    const [search] = context.activity.searches;
    expect(search).toMatchObject({ label: 'Lesion 1', lps: [1, 2, 3], progress: { fraction: undefined } });
    finder.cancel(search!.id);
    await finding;
    expect(context.activity.searches).toEqual([]);
    expect(context.activity.notices).toEqual([]);
  });

  test('a failure is reported as a toast when the panel cannot be seen', async () => {
    context = { ...context, panelVisible: () => false };
    server.routes = { [MATCHES]: () => new Response(null, { status: 401 }) };
    await click();
    expect(fake.toasts).toMatchObject([{ title: 'Samepoint: Lesion 1', position: 'bottom-center' }]);
    expect(context.activity.notices).toMatchObject([{ code: 'viewer/unauthorized' }]);
  });

  test('a click that failed is tried again by the button of its message, and the message ends', async () => {
    server.routes = { [MATCHES]: () => new Response(null, { status: 502 }) };
    await click();
    const [notice] = context.activity.notices;
    expect(notice?.mend?.label).toBe('Try again');
    server.routes = { [MATCHES]: () => json(200, { matches: [foundIn('current', 'prior')] }) };
    notice?.mend?.run();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(context.lesions.lesions).toMatchObject([{ label: 'Lesion 1' }]);
    expect(context.activity.notices).toEqual([]);
  });

  test('a click is tried again in the series that was clicked, whatever the viewport shows by now', async () => {
    server.routes = { [MATCHES]: () => new Response(null, { status: 502 }) };
    await click();
    fake.panes = { left: PRIOR, right: CURRENT };
    context.activity.notices[0]?.mend?.run();
    await new Promise((resolve) => setTimeout(resolve, 0));
    const [first, second] = server.seen.map(({ body }) => body as MatchRequest);
    expect([second?.query, second?.targets]).toEqual([first?.query, first?.targets]);
  });

  test('a click that could not be sent is not repeated in another series', async () => {
    const failure = new ViewerFailure('viewer/unreachable', 'no answer', 'try again', { mend: 'retry' });
    context = contextOf(fake, server, {
      readableModalities: { known: undefined, load: () => Promise.reject(failure) },
    });
    await click();
    fake.panes = { left: PRIOR, right: CURRENT };
    context.activity.notices[0]?.mend?.run();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(context.activity.notices).toContainEqual(expect.objectContaining({ code: 'viewer/not-shown' }));
  });

  test('a click in the wrong place has no button that repeats it, and ends with the next one that is answered', async () => {
    const answer = { pointId: 'p', target: refOf('prior'), ok: false, error: SERVER_ERROR };
    server.routes = { [MATCHES]: () => json(200, { matches: [answer] }) };
    await click();
    expect(context.activity.notices).toMatchObject([{ code: SERVER_ERROR.code, mend: undefined }]);
    server.routes = { [MATCHES]: () => json(200, { matches: [foundIn('current', 'prior')] }) };
    await click();
    expect(context.activity.notices).toEqual([]);
  });

  test('without another scan the lesion is on the list all the same', async () => {
    setUp({ left: CURRENT });
    await click();
    expect(context.lesions.lesions).toMatchObject([{ observations: [{ place: { lps: [1, 2, 3] } }] }]);
    expect(context.lesions.lesions[0]?.observations[0]?.place?.pixel.sopInstanceUid).toBe('1.2.current.1');
  });

  test('even a broken host causes no unhandled rejection', async () => {
    Object.defineProperty(fake, 'panes', { get: () => undefined });
    await expect(click()).resolves.toBeUndefined();
    expect(context.activity.notices).toMatchObject([{ code: 'viewer/unexpected' }]);
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
