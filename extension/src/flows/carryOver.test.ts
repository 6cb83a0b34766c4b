/** What happens after "find all": the findings of a prior in the current study. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { observationOf } from '../lesions/review.ts';
import { contextOf } from '../testing/context.ts';
import { foundIn, lesionOf, marked, refOf, SERVER_ERROR, uidOf } from '../testing/examples.ts';
import { axialSeries, FakeHost } from '../testing/fakeHost.ts';
import { eventStream, FakeServer, json } from '../testing/fakeServer.ts';
import type { Match, MatchOutcome, MatchRequest } from '../wire.ts';
import { CarryOvers } from './carryOver.ts';
import type { Context } from './context.ts';

const MATCHES = 'POST /matches';
const ENDS = [
  [0, 0, 0],
  [9, 0, 0],
] as const;

let fake: FakeHost;
let server: FakeServer;
let context: Context;
let carryOvers: CarryOvers;

beforeEach(() => {
  fake = new FakeHost({
    left: axialSeries('current', '20240301'),
    middle: axialSeries('prior', '20230211'),
    right: axialSeries('older', '20220101'),
  });
  server = new FakeServer();
  context = contextOf(fake, server);
  carryOvers = new CarryOvers(context);
});

const saved = (study: string, changes = {}) => marked(study, [4, -3, 40], { isSaved: true, ...changes });
const answer = (id: string, changes: Partial<Match> = {}): MatchOutcome => {
  const outcome = foundIn('prior', 'current');
  return outcome.ok ? { ...outcome, pointId: uidOf(id), match: { ...outcome.match, ...changes } } : outcome;
};
const failure = (id: string, code: string): MatchOutcome => ({
  pointId: uidOf(id),
  target: refOf('current'),
  ok: false,
  error: { ...SERVER_ERROR, code },
});
const inCurrent = (id: string) => observationOf(context.lesions.lesion(uidOf(id)), '1.2.current');
const bodies = () => server.seen.map(({ body }) => body as MatchRequest);

describe('what is offered', () => {
  test('the saved findings of the newest prior that the current study lacks', () => {
    expect(carryOvers.offer()).toBeUndefined();
    context.lesions.addStored([lesionOf('a', [saved('older')])]);
    expect(carryOvers.offer()).toMatchObject({ fromStudyInstanceUid: '1.2.older', count: 1 });
    context.lesions.addStored([
      lesionOf('b', [saved('prior')]),
      lesionOf('c', [saved('prior'), saved('current')]),
      lesionOf('d', [saved('prior', { place: undefined, status: 'not-covered' })]),
      lesionOf('e', [marked('prior', [0, 0, 0])]),
    ]);
    expect(carryOvers.offer()).toEqual({
      fromStudyInstanceUid: '1.2.prior',
      fromDate: '2023-02-11',
      count: 1,
      progress: undefined,
    });
  });

  test('a finding that the reader has measured anew and not yet saved is one still, unless he has rejected it', () => {
    const [a, b] = ['a', 'b'].map((id) => lesionOf(id, [saved('prior')]));
    const stored = [a!, b!].map(({ observations: [observation], ...lesion }) => ({
      ...lesion,
      observation: observation!,
    }));
    context.lesions.setStored('1.2.prior', stored, new Set());
    context.lesions.decide(uidOf('a'), { ...marked('prior', [4, -3, 40]), longAxis: { mm: 7 } });
    expect(carryOvers.offer()).toMatchObject({ count: 2 });
    context.lesions.decide(uidOf('b'), { ...marked('prior', [4, -3, 40]), review: 'rejected' });
    expect(carryOvers.offer()).toMatchObject({ count: 1 });
  });

  test('findings of a later study are not: it is no prior', () => {
    const later = new FakeHost({
      left: axialSeries('later', '20250101'),
      right: axialSeries('current', '20240301'),
    });
    context = contextOf(later, server);
    context.lesions.addStored([lesionOf('a', [saved('later')])]);
    expect(context.timePoints.current).toBe('1.2.later');
    expect(new CarryOvers(context).offer()).toBeUndefined();
  });
});

describe('find all', () => {
  test('of five thousand findings is a request for every two hundred, and the panel keeps up', async () => {
    const uids = Array.from({ length: 5_000 }, (_, n) => `2.25.${n + 1}`);
    context.lesions.addStored(
      uids.map((trackingUid) => ({ ...lesionOf('a', [saved('prior')]), trackingUid, label: trackingUid })),
    );
    let drawn = 0;
    context.lesions.subscribe(() => (drawn += 1));
    server.routes = {
      [MATCHES]: ({ body }) =>
        json(200, {
          matches: (body as MatchRequest).points.map(({ id }) => ({ ...answer('a'), pointId: id })),
        }),
    };
    await carryOvers.findAll();
    expect(bodies().map(({ points }) => points.length)).toEqual(Array.from({ length: 25 }, () => 200));
    expect(context.lesions.undecided).toBe(5_000);
    // The panel and the marks are drawn anew after each change.
    expect(drawn).toBeLessThanOrEqual(25);
  });

  test('is one request for all findings, with their diameters; the answers are proposals', async () => {
    context.lesions.addStored([
      lesionOf('a', [saved('prior', { longAxis: { mm: 9, ends: ENDS } })]),
      lesionOf('b', [saved('prior', { longAxis: { mm: 9 } })]),
      lesionOf('c', [saved('prior')]),
    ]);
    const axes = { longAxis: ENDS, isFitted: true };
    server.routes = {
      [MATCHES]: () =>
        json(200, {
          matches: [
            answer('a', { axes }),
            answer('b', { verdict: 'out-of-view' }),
            answer('c', { verdict: 'absent' }),
          ],
        }),
    };
    await carryOvers.findAll();
    const point = { lps: [4, -3, 40], frameOfReferenceUid: '1.2.prior.7' };
    expect(bodies()).toEqual([
      {
        query: refOf('prior'),
        targets: [refOf('current')],
        points: [
          { id: uidOf('a'), ...point, axes: { longAxis: ENDS } },
          { id: uidOf('b'), ...point },
          { id: uidOf('c'), ...point },
        ],
      },
    ]);
    expect(inCurrent('a')).toMatchObject({ status: 'present', review: 'proposed', carriedOver: { axes } });
    expect(inCurrent('b')?.status).toBe('not-covered');
    expect(inCurrent('c')?.status).toBe('resolved');
    expect(context.lesions.lesion(uidOf('a'))).toMatchObject({ label: 'Lesion a', role: 'target' });
    expect(carryOvers.offer()).toBeUndefined();
    expect(context.lesions.canUndo).toBe(false);
  });

  test('more findings than a request may have are looked for in several', async () => {
    const many = Array.from({ length: 450 }, (_, k) => lesionOf((k + 10).toString(36), [saved('prior')]));
    context.lesions.addStored(many);
    server.routes = { [MATCHES]: () => json(200, { matches: [] }) };
    await carryOvers.findAll();
    expect(bodies().map(({ points }) => points.length)).toEqual([200, 200, 50]);
  });

  test('findings in the coordinates of another series are looked for from that series', async () => {
    const place = {
      ...saved('prior').place!,
      seriesInstanceUid: '1.2.prior.5',
      frameOfReferenceUid: '1.2.3',
    };
    context.lesions.addStored([lesionOf('a', [saved('prior')]), lesionOf('b', [saved('prior', { place })])]);
    server.routes = {
      [MATCHES]: ({ body }) => {
        const isOwn = (body as MatchRequest).query.seriesInstanceUid === '1.2.prior.5';
        return json(200, {
          matches: isOwn ? [answer('b')] : [answer('a'), failure('b', 'matching/other-frame-of-reference')],
        });
      },
    };
    await carryOvers.findAll();
    expect(bodies().map(({ query, points }) => [query.seriesInstanceUid, points.length])).toEqual([
      ['1.2.prior.9', 2],
      ['1.2.prior.5', 1],
    ]);
    expect([inCurrent('a')?.review, inCurrent('b')?.review]).toEqual(['proposed', 'proposed']);
    expect(context.activity.notices).toEqual([]);
  });

  test('what could not be looked for is counted in one message, and stays on offer', async () => {
    context.lesions.addStored([lesionOf('a', [saved('prior')]), lesionOf('b', [saved('prior')])]);
    server.routes = {
      [MATCHES]: () => json(200, { matches: [answer('a'), failure('b', 'matching/in-air')] }),
    };
    await carryOvers.findAll();
    expect(context.activity.notices).toMatchObject([{ subject: '1 of 2 findings', code: 'matching/in-air' }]);
    expect(carryOvers.offer()?.count).toBe(1);
  });

  test('a server that does not answer loses nothing, and gets the request again by the button of the message', async () => {
    context.lesions.addStored([lesionOf('a', [saved('prior')])]);
    server.routes = { [MATCHES]: () => new Response(null, { status: 502 }) };
    await carryOvers.findAll();
    expect(carryOvers.offer()).toMatchObject({ count: 1, progress: undefined });
    server.routes = { [MATCHES]: () => json(200, { matches: [answer('a')] }) };
    context.activity.notices[0]?.mend?.run();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(inCurrent('a')?.review).toBe('proposed');
    expect(context.activity.notices).toEqual([]);
  });

  test('progress is shown while the server works, and a second start does nothing', async () => {
    context.lesions.addStored([lesionOf('a', [saved('prior')])]);
    const progress = { stage: 'fetch', fraction: 0.5, message: '' };
    const job = { id: 'j', kind: 'match', state: 'running', progress };
    const seen: unknown[] = [];
    carryOvers.subscribe(() => seen.push(carryOvers.offer()?.progress));
    server.routes = {
      [MATCHES]: () => json(202, job),
      'GET /jobs/j/events': () =>
        eventStream([
          `event: done\ndata: ${JSON.stringify({ ...job, state: 'done', result: { matches: [answer('a')] } })}\n\n`,
        ]),
    };
    await Promise.all([carryOvers.findAll(), carryOvers.findAll()]);
    expect(server.seen.filter(({ path }) => path === '/matches')).toHaveLength(1);
    expect(seen).toContainEqual({ text: 'Reading the images from the PACS', fraction: 0.5 });
    expect(seen.at(-1)).toBeUndefined();
  });
});
