/** What happens after "save". */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { decideOn, observationOf } from '../lesions/review.ts';
import { lesionOf, marked, pointIn, proposed, SERVER_ERROR, uidOf } from '../testing/examples.ts';
import { contextOf } from '../testing/context.ts';
import { axialSeries, FakeHost } from '../testing/fakeHost.ts';
import { FakeServer, json } from '../testing/fakeServer.ts';
import type { TimePointReportRequest } from '../wire.ts';
import type { Context } from './context.ts';
import { Saver } from './save.ts';
import { StoredFindings } from './stored.ts';

const CURRENT = '1.2.current';
const PRIOR = '1.2.prior';
const SAVE = 'POST /time-point-reports';

let fake: FakeHost;
let server: FakeServer;
let context: Context;
let saver: Saver;
/** SOP Instance UIDs of the reports that the PACS lists. */
let listed: string[];

const findings = () =>
  json(200, {
    findings: [],
    total: 0,
    warnings: [],
    reports: listed.map((sopInstanceUid) => ({ sopInstanceUid })),
  });
const NOTHING = {
  'GET /findings?studyInstanceUid=1.2.current': findings,
  'GET /findings?studyInstanceUid=1.2.prior': findings,
  'GET /reports?studyInstanceUid=1.2.current': () => json(200, { reports: [] }),
  'GET /reports?studyInstanceUid=1.2.prior': () => json(200, { reports: [] }),
};
const storedAs = (sopInstanceUid: string) =>
  json(201, { studyInstanceUid: CURRENT, seriesInstanceUid: '9', sopInstanceUid });
const sent = () => server.seen.filter(({ method }) => method === 'POST');
const bodies = () => sent().map(({ body }) => body as TimePointReportRequest);
const keys = () => sent().map(({ headers }) => headers['idempotency-key']);
const save = (): Promise<void> => saver.save(context.lesions.unsavedStudies());
/** Routes of a server that answers a save like this, one after the other; then well. */
const serve = (...answers: (() => Response | Promise<Response>)[]): void => {
  let number = 0;
  server.routes = { ...NOTHING, [SAVE]: () => answers.shift()?.() ?? storedAs(`10.${(number += 1)}`) };
};

beforeEach(() => {
  listed = [];
  fake = new FakeHost({ left: axialSeries('current', '20240301'), right: axialSeries('prior', '20230211') });
  server = new FakeServer();
  context = contextOf(fake, server);
  saver = new Saver(context, new StoredFindings(context));
  serve();
});

describe('saving', () => {
  test('sends what counts of a study as its whole report, on the reports that were seen', async () => {
    listed = ['8.1'];
    context.lesions.add(lesionOf('a', [proposed({ review: 'accepted' })]));
    context.lesions.add(lesionOf('b', [proposed()]));
    context.lesions.add(lesionOf('c', [marked('current', [1, 2, 3], { isSaved: true })]));
    await save();
    expect(bodies()).toMatchObject([
      {
        studyInstanceUid: CURRENT,
        timePoint: { name: '2024-03-01' },
        observations: [{ label: 'Lesion a' }, { label: 'Lesion c' }],
        basedOn: ['8.1'],
      },
    ]);
    expect(context.lesions.unsavedStudies()).toEqual([]);
    expect(context.lesions.isSaving).toBe(false);
    expect(context.lesions.undecided).toBe(1);
  });

  test('the next report is based on the one before', async () => {
    context.lesions.add(lesionOf('a', [marked('current', [1, 2, 3])]));
    await save();
    context.lesions.add(lesionOf('b', [marked('current', [1, 2, 3])]));
    await save();
    expect(bodies().map(({ basedOn }) => basedOn)).toEqual([[], ['10.1']]);
    expect(keys()[1]).not.toBe(keys()[0]);
  });

  test('one report per study; what the PACS refuses stays unsaved and is said, and saved by the button of the message', async () => {
    serve(() => json(507, { error: { ...SERVER_ERROR, status: 507 } }));
    context.lesions.add(lesionOf('a', [marked('current', [1, 2, 3]), marked('prior', [1, 2, 3])]));
    await save();
    expect(bodies().map(({ studyInstanceUid }) => studyInstanceUid)).toEqual([CURRENT, PRIOR]);
    expect(context.lesions.unsavedStudies()).toEqual([CURRENT]);
    const [notice, ...others] = context.activity.notices;
    expect(others).toEqual([]);
    expect(notice).toMatchObject({ subject: 'Saving the CT of 2024-03-01', mend: { label: 'Try again' } });
    notice?.mend?.run();
    for (let turn = 0; turn < 50 && context.lesions.unsavedStudies().length > 0; turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 0));
    expect(context.lesions.unsavedStudies()).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(context.activity.notices).toEqual([]);
  });

  test('what was withdrawn makes a report, too', async () => {
    context.lesions.add(lesionOf('a', [marked('current', [1, 2, 3])]));
    await save();
    context.lesions.remove(uidOf('a'));
    await save();
    expect(bodies()[1]).toMatchObject({ observations: [], basedOn: ['10.1'] });
    expect(context.lesions.unsavedStudies()).toEqual([]);
  });

  test('the report says what the table makes of the targets, where each has a size', async () => {
    const ends = [
      [0, 0, 0],
      [0, 20, 0],
    ] as const;
    const sized = (study: string, mm: number, isSaved: boolean) =>
      marked(study, [1, 2, 3], { isSaved, longAxis: { mm, ends } });
    context.lesions.addStored([lesionOf('a', [sized('prior', 20, true), sized('current', 15, false)])]);
    await save();
    expect(bodies()[0]?.assessment).toMatchObject({ sumMm: 15, baselineSumMm: 20, response: 'SD' });
    context.lesions.addStored([lesionOf('b', [sized('prior', 20, true), marked('current', [1, 2, 3])])]);
    await save();
    expect(bodies()[1]).not.toHaveProperty('assessment');
  });

  test('a pixel that a document did not name is read from the images', async () => {
    const place = marked('current', [0, 0, 20]).place!;
    const unknown = { ...place, pixel: { ...place.pixel, column: Number.NaN, row: Number.NaN } };
    context.lesions.add(lesionOf('a', [marked('current', [0, 0, 20], { place: unknown })]));
    await save();
    expect(bodies()[0]?.observations[0]?.place?.pixel).toMatchObject({
      sopInstanceUid: '1.2.current.4',
      column: 125,
      row: 125,
    });
  });

  test('a viewer that cannot show the report does not make the save a failure', async () => {
    fake.dataSource = {
      ...fake.dataSource,
      retrieve: { series: { metadata: () => Promise.reject(new Error('gone')) } },
    };
    context.lesions.add(lesionOf('a', [marked('current', [1, 2, 3])]));
    await save();
    expect(context.lesions.unsavedStudies()).toEqual([]);
    expect(context.activity.notices).toMatchObject([{ subject: 'Showing the saved report' }]);
  });

  test('two clicks on save send one report', async () => {
    context.lesions.add(lesionOf('a', [marked('current', [1, 2, 3])]));
    await Promise.all([save(), save()]);
    expect(sent()).toHaveLength(1);
  });

  test('what the PACS holds is read before the first report: without it nothing is sent', async () => {
    server.routes = {
      ...server.routes,
      'GET /findings?studyInstanceUid=1.2.current': () => new Response(null, { status: 503 }),
    };
    context.lesions.add(lesionOf('a', [marked('current', [1, 2, 3])]));
    await save();
    expect(sent()).toEqual([]);
    expect(context.lesions.unsavedStudies()).toEqual([CURRENT]);
    expect(context.activity.notices).toMatchObject([{ code: 'viewer/unreachable' }]);
  });
});

describe('a lesion that only reports of pairs hold', () => {
  const pair = {
    label: 'Point 1',
    lesionUid: uidOf('p'),
    state: 'accepted',
    current: pointIn('current', [0, 0, 20]),
    prior: pointIn('prior', [4, -3, 40]),
    similarity: 0.9,
    cycleErrorMm: 1,
  };
  const report = { sopInstanceUid: '7.1', createdAt: '2024', pairs: [pair] };
  const serveWithPair = (...answers: (() => Response)[]): void => {
    serve(...answers);
    server.routes = {
      ...server.routes,
      'GET /reports?studyInstanceUid=1.2.current': () => json(200, { reports: [report] }),
    };
  };

  beforeEach(async () => {
    serveWithPair();
    await new StoredFindings(context).load(CURRENT);
  });

  test('is nothing to be saved as long as it is on the list', () => {
    expect(context.lesions.lesions.map(({ label }) => label)).toEqual(['Point 1']);
    expect(context.lesions.unsavedStudies()).toEqual([]);
  });

  test('is named by one report, and withdrawn by the next', async () => {
    context.lesions.remove(uidOf('p'));
    expect(context.lesions.unsavedStudies()).toEqual([CURRENT]);
    await save();
    expect(
      bodies().map(({ observations, basedOn }) => [observations.map(({ label }) => label), basedOn]),
    ).toEqual([
      [['Point 1'], []],
      [[], ['10.1']],
    ]);
    expect(context.lesions.unsavedStudies()).toEqual([]);
    expect(context.activity.notices).toEqual([]);
  });

  test('is withdrawn, too, when it is rejected', async () => {
    const { lesions } = context;
    const lesion = lesions.lesion(uidOf('p'));
    const decided = decideOn(observationOf(lesion, CURRENT)!, 'reject');
    if ('observation' in decided) lesions.decide(uidOf('p'), decided.observation);
    await save();
    expect(bodies().map(({ observations }) => observations.length)).toEqual([1, 0]);
    expect(lesions.unsavedStudies()).toEqual([]);
  });

  test('stays to be withdrawn where the second report is refused', async () => {
    serveWithPair(
      () => storedAs('10.1'),
      () => json(507, { error: { ...SERVER_ERROR, status: 507 } }),
    );
    context.lesions.remove(uidOf('p'));
    await save();
    expect(context.lesions.unsavedStudies()).toEqual([CURRENT]);
    await save();
    expect(bodies().at(-1)).toMatchObject({ observations: [], basedOn: ['10.1'] });
    expect(context.lesions.unsavedStudies()).toEqual([]);
  });

  test('needs no naming once a report of the study has named it', async () => {
    context.lesions.rename(uidOf('p'), 'Segment 8', CURRENT);
    await save();
    context.lesions.remove(uidOf('p'));
    await save();
    expect(bodies().map(({ observations }) => observations.length)).toEqual([1, 0]);
  });
});

describe('a report that somebody else has changed', () => {
  test('is read; the decisions stay, and the next save is based on it', async () => {
    const changed = { ...SERVER_ERROR, status: 409, code: 'application/report-changed' };
    serve(() => json(409, { error: changed }));
    const own = marked('current', [1, 2, 3]);
    context.lesions.add(lesionOf('a', [own]));
    await saver.save([CURRENT]);
    expect(context.activity.notices).toMatchObject([
      { code: 'application/report-changed', message: expect.stringContaining('your decisions are kept') },
    ]);
    expect(context.lesions.lesions[0]?.observations[0]).toBe(own);
    listed = ['8.2'];
    serve(() => json(409, { error: changed }));
    await save();
    await save();
    expect(bodies().map(({ basedOn }) => basedOn)).toEqual([[], [], ['8.2']]);
    expect(new Set(keys()).size).toBe(3);
    expect(context.lesions.unsavedStudies()).toEqual([]);
    expect(context.activity.notices).toEqual([]);
  });
});

describe('a report whose answer was lost', () => {
  const lost = (): Promise<Response> => Promise.reject(new TypeError('network error'));

  beforeEach(() => {
    context.lesions.add(lesionOf('a', [marked('current', [1, 2, 3])]));
  });

  test.each([
    ['the network breaks', lost],
    ['a proxy answers', () => new Response('Bad Gateway', { status: 502 })],
    ['the server fails', () => json(502, { error: { ...SERVER_ERROR, status: 502 } })],
    ['it cannot be read', () => json(201, {})],
  ])('is sent again with the same key until it is answered: %s', async (_name, answer) => {
    serve(answer, answer);
    for (let n = 0; n < 3; n += 1) await save();
    expect(keys()).toEqual([keys()[0], keys()[0], keys()[0]]);
    expect(keys()[0]).toMatch(/^"[\da-f-]{36}"$/u);
    expect(bodies()[1]).toEqual(bodies()[0]);
    expect(context.lesions.unsavedStudies()).toEqual([]);
  });

  test('is completed before what the reader has changed since replaces it', async () => {
    serve(lost);
    await save();
    context.lesions.rename(uidOf('a'), 'Segment 8', CURRENT);
    await save();
    expect(bodies().map(({ observations, basedOn }) => [observations[0]?.label, basedOn])).toEqual([
      ['Lesion a', []],
      ['Lesion a', []],
      ['Segment 8', ['10.1']],
    ]);
    expect(keys()[1]).toBe(keys()[0]);
    expect(keys()[2]).not.toBe(keys()[0]);
    expect(context.lesions.unsavedStudies()).toEqual([]);
  });

  test('and is refused when it is sent again does not hold the next one up', async () => {
    serve(lost, () => json(422, { error: { ...SERVER_ERROR, status: 422 } }));
    await save();
    context.lesions.rename(uidOf('a'), 'Segment 8', CURRENT);
    await save();
    expect(bodies().map(({ observations }) => observations[0]?.label)).toEqual([
      'Lesion a',
      'Lesion a',
      'Segment 8',
    ]);
    expect(context.lesions.unsavedStudies()).toEqual([]);
  });

  test('gets a new key when the server says that the key holds something else', async () => {
    const reused = { ...SERVER_ERROR, code: 'application/idempotency-key-reused' };
    serve(() => json(422, { error: reused }));
    await save();
    await save();
    expect(keys()[1]).not.toBe(keys()[0]);
  });
});
