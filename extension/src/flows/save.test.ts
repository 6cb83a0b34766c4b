/** What happens after "save". */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { contextOf } from '../testing/context.ts';
import { certaintyOf } from '../pairs/certainty.ts';
import { matchBetween, pairOf, pointIn, SERVER_ERROR } from '../testing/examples.ts';
import { axialSeries, FakeHost } from '../testing/fakeHost.ts';
import { FakeServer, json } from '../testing/fakeServer.ts';
import type { ConfirmedPair } from '../wire.ts';
import type { Context } from './context.ts';
import { savePairs } from './save.ts';

let fake: FakeHost;
let server: FakeServer;
let context: Context;

beforeEach(() => {
  fake = new FakeHost({ left: axialSeries('current', '20240301'), right: axialSeries('prior', '20230211') });
  server = new FakeServer();
  context = contextOf(fake, server);
});

describe('saving', () => {
  const stored = { studyInstanceUid: '1.2.current', seriesInstanceUid: '9', sopInstanceUid: '10' };
  const sentIds = (): string[][] =>
    server.seen
      .filter(({ method }) => method === 'POST')
      .map(({ body }) => (body as { pairs: ConfirmedPair[] }).pairs.map(({ label }) => label));

  test('sends confirmed pairs only, exactly as the API has them, and marks them as saved', async () => {
    server.routes = { 'POST /reports': () => json(201, stored) };
    for (const pair of [pairOf('a', { state: 'accepted' }), pairOf('b'), pairOf('c', { state: 'moved' })])
      context.store.addPair(pair);
    await savePairs(context, context.store.unsaved);
    expect(sentIds()).toEqual([['Lesion a', 'Lesion c']]);
    const [sent] = (server.seen[0]?.body as { pairs: ConfirmedPair[] }).pairs;
    expect(Object.keys(sent!).sort()).toEqual(
      ['current', 'cycleErrorMm', 'label', 'lesionUid', 'prior', 'similarity', 'state'].sort(),
    );
    expect(context.store.pairs.map(({ saved }) => saved)).toEqual([true, false, true]);
    expect(context.store.saving).toBe(false);
  });

  test('sends what proposed the pair', async () => {
    server.routes = { 'POST /reports': () => json(201, stored) };
    const certainty = certaintyOf(matchBetween('current', 'prior'));
    context.store.addPair(pairOf('a', { state: 'accepted', certainty }));
    await savePairs(context, context.store.unsaved);
    const [sent] = (server.seen[0]?.body as { pairs: ConfirmedPair[] }).pairs;
    expect(sent?.provenance).toEqual({
      model: { id: 'samepoint-ct', version: '1.0.0' },
      method: 'nearest',
      step: 'nearest',
      verdict: 'matched',
      errorRadiusMm: 4,
    });
  });

  test('what the PACS refused is saved by the button of the message, which ends then', async () => {
    context.store.addPair(pairOf('a', { state: 'accepted' }));
    server.routes = { 'POST /reports': () => new Response(null, { status: 503 }) };
    await savePairs(context, context.store.unsaved);
    const [notice] = context.store.notices;
    expect(notice).toMatchObject({ subject: 'Saving to the PACS', mend: { label: 'Try again' } });
    server.routes = { 'POST /reports': () => json(201, stored) };
    notice?.mend?.run();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(context.store.unsaved).toEqual([]);
    expect(context.store.notices).toEqual([]);
  });

  test('one report per current study; what the PACS refuses stays unsaved and is said', async () => {
    let requests = 0;
    server.routes = {
      'POST /reports': () => {
        requests += 1;
        return requests === 1 ? json(507, { error: SERVER_ERROR }) : json(201, stored);
      },
    };
    context.store.addPair(pairOf('a', { state: 'accepted' }));
    context.store.addPair(pairOf('b', { state: 'accepted', current: pointIn('other', [0, 0, 0]) }));
    await savePairs(context, context.store.unsaved);
    expect(sentIds()).toEqual([['Lesion a'], ['Lesion b']]);
    expect(context.store.pairs.map(({ saved }) => saved)).toEqual([false, true]);
    expect(context.store.notices).toMatchObject([
      { subject: 'Saving to the PACS', message: SERVER_ERROR.message },
    ]);
    expect(context.store.saving).toBe(false);
  });

  test('a viewer that cannot show the report does not make the save a failure', async () => {
    server.routes = { 'POST /reports': () => json(201, stored) };
    fake.dataSource = { retrieve: { series: { metadata: () => Promise.reject(new Error('gone')) } } };
    context.store.addPair(pairOf('a', { state: 'accepted' }));
    await savePairs(context, context.store.unsaved);
    expect(context.store.pair('a')?.saved).toBe(true);
    expect(context.store.notices).toMatchObject([{ subject: 'Showing the saved report' }]);
  });

  describe('a report whose answer was lost', () => {
    let answers: (() => Response | Promise<Response>)[];
    const keys = (): (string | undefined)[] => server.seen.map(({ headers }) => headers['idempotency-key']);
    const lost = (): Promise<Response> => Promise.reject(new TypeError('network error'));
    const save = (): Promise<void> => savePairs(context, context.store.unsaved);

    beforeEach(() => {
      answers = [];
      server.routes = { 'POST /reports': () => answers.shift()?.() ?? json(201, stored) };
      context.store.addPair(pairOf('a', { state: 'accepted' }));
    });

    test.each([
      ['the network breaks', lost],
      ['a proxy answers', () => new Response('Bad Gateway', { status: 502 })],
      ['the server fails', () => json(502, { error: SERVER_ERROR })],
      ['it cannot be read', () => json(201, {})],
    ])('is sent again with the same key until it is answered: %s', async (_name, answer) => {
      answers = [answer, answer];
      for (let n = 0; n < 3; n += 1) await save();
      expect(keys()).toEqual([keys()[0], keys()[0], keys()[0]]);
      expect(keys()[0]).toMatch(/^"[\da-f-]{36}"$/u);
      expect(server.seen[1]?.body).toEqual(server.seen[0]?.body);
      expect(context.store.pair('a')?.saved).toBe(true);
    });

    test('is sent unchanged, beside one for what was confirmed since', async () => {
      answers = [lost];
      await save();
      context.store.addPair(pairOf('b', { state: 'accepted' }));
      await save();
      expect(sentIds()).toEqual([['Lesion a'], ['Lesion a'], ['Lesion b']]);
      expect(keys()[1]).toBe(keys()[0]);
      expect(keys()[2]).not.toBe(keys()[0]);
      expect(context.store.unsaved).toEqual([]);
    });

    test('is another report when the reader has changed it, and the first again when changed back', async () => {
      answers = [lost, lost];
      await save();
      context.store.setLabel('a', 'Renamed');
      await save();
      context.store.setLabel('a', 'Lesion a');
      await save();
      expect(keys()[1]).not.toBe(keys()[0]);
      expect(keys()[2]).toBe(keys()[0]);
    });

    test('gets a new key when the server says that the key holds something else', async () => {
      const reused = { ...SERVER_ERROR, code: 'application/idempotency-key-reused' };
      answers = [() => json(422, { error: reused })];
      await save();
      await save();
      expect(keys()[1]).not.toBe(keys()[0]);
    });
  });

  test('two clicks on save send one report', async () => {
    server.routes = { 'POST /reports': () => json(201, stored) };
    context.store.addPair(pairOf('a', { state: 'accepted' }));
    const pairs = context.store.unsaved;
    await Promise.all([savePairs(context, pairs), savePairs(context, pairs)]);
    expect(sentIds()).toHaveLength(1);
  });
});
