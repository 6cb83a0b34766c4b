/** What happens when a study is opened: what the PACS holds of it. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { observationOf } from '../lesions/review.ts';
import { contextOf } from '../testing/context.ts';
import { findingIn, marked, pointIn, refOf, uidOf } from '../testing/examples.ts';
import { axialSeries, FakeHost } from '../testing/fakeHost.ts';
import type { Routes } from '../testing/fakeServer.ts';
import { FakeServer, json } from '../testing/fakeServer.ts';
import type { Finding } from '../wire.ts';
import type { Context } from './context.ts';
import { StoredFindings } from './stored.ts';

let server: FakeServer;
let context: Context;
let stored: StoredFindings;

beforeEach(() => {
  server = new FakeServer();
  context = contextOf(
    new FakeHost({ left: axialSeries('current', '20240301'), right: axialSeries('prior', '20230211') }),
    server,
  );
  stored = new StoredFindings(context);
});

const page =
  (findings: readonly Finding[], more: object = {}) =>
  () =>
    json(200, { findings, total: findings.length, warnings: [], reports: [], ...more });
const none = (): Response => json(200, { reports: [] });
const NOTHING: Routes = {
  'GET /findings?studyInstanceUid=1.2.current': page([]),
  'GET /findings?studyInstanceUid=1.2.prior': page([]),
  'GET /reports?studyInstanceUid=1.2.current': none,
  'GET /reports?studyInstanceUid=1.2.prior': none,
};
const prior = (id: string) => observationOf(context.lesions.lesion(uidOf(id)), '1.2.prior');

describe('findings', () => {
  test('are listed as they were saved, from all pages; each study is requested once', async () => {
    server.routes = {
      ...NOTHING,
      'GET /findings?studyInstanceUid=1.2.prior': page([findingIn('prior', 'a')], { next: 500 }),
      'GET /findings?studyInstanceUid=1.2.prior&offset=500': page([findingIn('prior', 'b')], { next: 500 }),
    };
    await stored.loadNew();
    await stored.loadNew();
    expect(context.lesions.lesions.map(({ label }) => label)).toEqual(['Lesion a', 'Lesion b']);
    expect(prior('a')).toMatchObject({ isSaved: true, review: 'accepted', place: { lps: [4, -3, 40] } });
    expect(server.seen).toHaveLength(5);
    expect(context.lesions.canUndo).toBe(false);
    expect(context.lesions.unsavedStudies()).toEqual([]);
  });

  test('what cannot be read is said once', async () => {
    const warnings = [{ code: 'findings/unread', message: '2 of 12 findings could not be read' }];
    server.routes = { ...NOTHING, 'GET /findings?studyInstanceUid=1.2.prior': page([], { warnings }) };
    await stored.loadNew();
    await stored.load('1.2.prior');
    expect(context.activity.notices).toMatchObject([
      { subject: 'Findings of the CT of 2023-02-11', code: 'findings/unread', message: warnings[0]?.message },
    ]);
  });

  test('pairs of an earlier report are lesions of both studies, and not listed a second time as findings', async () => {
    const pairs = [
      {
        label: 'Point 1',
        lesionUid: uidOf('p'),
        state: 'accepted',
        current: pointIn('current', [0, 0, 20]),
        prior: pointIn('prior', [4, -3, 40]),
        similarity: 0.9,
        cycleErrorMm: 1,
      },
    ];
    const report = { ...refOf('current'), sopInstanceUid: '1.2.current.81', createdAt: '2024', pairs };
    server.routes = {
      ...NOTHING,
      'GET /reports?studyInstanceUid=1.2.current': () => json(200, { reports: [report] }),
      'GET /findings?studyInstanceUid=1.2.current': page([findingIn('current', 'a')]),
    };
    await stored.loadNew();
    expect(context.lesions.lesions.map(({ label, observations }) => [label, observations.length])).toEqual([
      ['Point 1', 2],
    ]);
  });

  test('a lesion of pairs that no finding names since a report of the study is withdrawn, and not listed', async () => {
    const pair = (id: string) => ({
      ...{ label: `Point ${id}`, lesionUid: uidOf(id), state: 'accepted', similarity: 0.9, cycleErrorMm: 1 },
      ...{ current: pointIn('current', [0, 0, 20]), prior: pointIn('prior', [4, -3, 40]) },
    });
    const report = { sopInstanceUid: '7.1', createdAt: '2024', pairs: [pair('a'), pair('b')] };
    server.routes = {
      ...NOTHING,
      'GET /reports?studyInstanceUid=1.2.current': () => json(200, { reports: [report] }),
      'GET /findings?studyInstanceUid=1.2.current': page([findingIn('current', 'a')], {
        reports: [{ sopInstanceUid: '1.2.current.81' }],
      }),
    };
    await stored.loadNew();
    expect(context.lesions.lesions.map(({ trackingUid }) => trackingUid)).toEqual([uidOf('a')]);
    // The place in the prior is known from the pair only.
    expect(prior('a')?.place?.lps).toEqual([4, -3, 40]);
  });

  test('reports of time points are remembered, and what they hold is withdrawn when it is removed from the list', async () => {
    server.routes = {
      ...NOTHING,
      'GET /findings?studyInstanceUid=1.2.prior': page(
        [
          findingIn('prior', 'a'),
          {
            ...findingIn('prior', 'b'),
            document: { ...findingIn('prior', 'b').document, sopInstanceUid: '9' },
          },
        ],
        { reports: [{ sopInstanceUid: '1.2.prior.81' }] },
      ),
    };
    await stored.loadNew();
    expect(stored.seenIn('1.2.prior')).toEqual(['1.2.prior.81']);
    context.lesions.remove(uidOf('b'));
    expect(context.lesions.unsavedIn('1.2.prior')).toBe(0);
    context.lesions.remove(uidOf('a'));
    expect(context.lesions.unsavedIn('1.2.prior')).toBe(1);
  });

  test('one study that fails does not keep the others back, and is requested again', async () => {
    server.routes = {
      ...NOTHING,
      'GET /findings?studyInstanceUid=1.2.current': () => new Response(null, { status: 502 }),
      'GET /findings?studyInstanceUid=1.2.prior': page([findingIn('prior', 'a')]),
    };
    await stored.loadNew();
    expect(context.lesions.lesions).toHaveLength(1);
    const [notice] = context.activity.notices;
    expect(notice).toMatchObject({ subject: 'Earlier reports', code: 'viewer/unreachable' });
    server.routes = NOTHING;
    server.seen.length = 0;
    notice?.mend?.run();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(server.seen.map(({ path }) => path)).toEqual([
      '/findings?studyInstanceUid=1.2.current',
      '/reports?studyInstanceUid=1.2.current',
    ]);
    expect(context.activity.notices).toEqual([]);
  });

  test('read again, they do not change what the reader has decided', async () => {
    server.routes = {
      ...NOTHING,
      'GET /findings?studyInstanceUid=1.2.prior': page([findingIn('prior', 'a')]),
    };
    await stored.loadNew();
    const own = marked('prior', [1, 1, 1]);
    context.lesions.decide(uidOf('a'), own);
    await stored.load('1.2.prior');
    expect(prior('a')).toBe(own);
  });
});
