/** What happens when a study is opened: its earlier reports. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { contextOf } from '../testing/context.ts';
import { matchBetween, pairOf, refOf } from '../testing/examples.ts';
import { axialSeries, FakeHost } from '../testing/fakeHost.ts';
import { FakeServer, json } from '../testing/fakeServer.ts';
import type { ConfirmedPair } from '../wire.ts';
import type { Context } from './context.ts';
import { StoredReports } from './stored.ts';

let server: FakeServer;
let context: Context;

beforeEach(() => {
  server = new FakeServer();
  context = contextOf(
    new FakeHost({ left: axialSeries('current', '20240301'), right: axialSeries('prior', '20230211') }),
    server,
  );
});

describe('earlier reports', () => {
  const confirmed = (label: string): ConfirmedPair => {
    const { lesionUid, current, prior, similarity, cycleErrorMm } = pairOf('a');
    return { label, lesionUid, state: 'accepted', current, prior, similarity, cycleErrorMm };
  };
  const report = (createdAt: string, label: string): object => ({
    ...refOf('current'),
    sopInstanceUid: '1',
    createdAt,
    pairs: [confirmed(label)],
  });

  test('are listed as saved, the newest of a lesion wins, each study is requested once', async () => {
    server.routes = {
      'GET /reports?studyInstanceUid=1.2.current': () =>
        json(200, {
          reports: [report('2024-03-01T10:00:00Z', 'old'), report('2024-03-02T10:00:00Z', 'new')],
        }),
      'GET /reports?studyInstanceUid=1.2.prior': () => json(200, { reports: [] }),
    };
    const reports = new StoredReports(context);
    await reports.loadNew();
    await reports.loadNew();
    expect(server.seen).toHaveLength(2);
    expect(context.store.pairs).toMatchObject([{ label: 'new', saved: true, state: 'accepted' }]);
    expect(context.store.unsaved).toEqual([]);
  });

  test('keep what proposed their pairs', async () => {
    const { model, method, step } = matchBetween('current', 'prior');
    const provenance = { model, method, step, verdict: 'uncertain', errorRadiusMm: 7.5 };
    const pair = { ...confirmed('a'), provenance };
    server.routes = {
      'GET /reports?studyInstanceUid=1.2.current': () =>
        json(200, { reports: [{ ...report('2024-03-01T10:00:00Z', 'a'), pairs: [pair] }] }),
      'GET /reports?studyInstanceUid=1.2.prior': () => json(200, { reports: [] }),
    };
    await new StoredReports(context).loadNew();
    expect(context.store.pairs[0]?.certainty).toEqual({ ...provenance, outOfView: [] });
  });

  test('a study whose reports could not be read is reported once and requested again', async () => {
    const reports = new StoredReports(context);
    await reports.loadNew();
    expect(context.store.notices).toMatchObject([{ subject: 'Earlier reports', code: 'viewer/unreachable' }]);
    await reports.loadNew();
    expect(server.seen).toHaveLength(4);
    expect(context.store.notices).toHaveLength(1);
  });

  test('the complaint about them ends when they have been read, also by its own button', async () => {
    const reports = new StoredReports(context);
    await reports.loadNew();
    const [notice] = context.store.notices;
    expect(notice?.mend?.label).toBe('Try again');
    server.routes = {
      'GET /reports?studyInstanceUid=1.2.current': () => json(200, { reports: [] }),
      'GET /reports?studyInstanceUid=1.2.prior': () => json(200, { reports: [] }),
    };
    notice?.mend?.run();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(server.seen).toHaveLength(4);
    expect(context.store.notices).toEqual([]);
  });
});
