/** What a click makes of the answers: a lesion with proposals. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { observationOf } from '../lesions/review.ts';
import type { Observation } from '../lesions/types.ts';
import { contextOf } from '../testing/context.ts';
import type { TestContext } from '../testing/context.ts';
import { foundIn, refOf, SERVER_ERROR } from '../testing/examples.ts';
import { axialSeries, FakeHost } from '../testing/fakeHost.ts';
import type { Panes } from '../testing/fakeHost.ts';
import { FakeServer, json } from '../testing/fakeServer.ts';
import type { MatchRequest } from '../wire.ts';
import { Finder } from './find.ts';

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

describe('what is found', () => {
  const changed = (from: string, to: string) => {
    const change = { kind: 'larger', queryDiameterMm: 6, targetDiameterMm: 12 } as const;
    const outcome = foundIn(from, to);
    return () =>
      json(200, { matches: outcome.ok ? [{ ...outcome, match: { ...outcome.match, change } }] : [] });
  };
  const proposalIn = (study: string): Observation | undefined =>
    observationOf(context.lesions.lesions[0], study);

  test.each([
    ['left', 'current', 'prior', { laterMm: 6, earlierMm: 12 }],
    ['right', 'prior', 'current', { laterMm: 12, earlierMm: 6 }],
  ])(
    'a click in the %s pane: the sizes of a changed lesion belong to their scans',
    async (pane, from, to, sizes) => {
      server.routes = { [MATCHES]: changed(from, to) };
      await click(pane);
      expect(proposalIn(`1.2.${from}`)?.review).toBe('accepted');
      expect(proposalIn(`1.2.${to}`)?.carriedOver?.sizes).toEqual({ isUnchanged: false, ...sizes });
    },
  );

  test('of two studies of one time, nothing is said about what a lesion was', async () => {
    setUp({ left: axialSeries('current', '20240301'), right: axialSeries('prior', '20240301') });
    server.routes = { [MATCHES]: changed('current', 'prior') };
    await click();
    expect(proposalIn('1.2.prior')?.review).toBe('proposed');
    expect(proposalIn('1.2.prior')?.carriedOver?.sizes).toBeUndefined();
  });

  test('two priors are two proposals of one lesion; one that fails does not keep the other back', async () => {
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
    expect(context.lesions.lesions.map(({ observations }) => observations.length)).toEqual([3]);
    expect(context.activity.notices).toMatchObject([
      { subject: 'Lesion 1 in CT of 2020-01-01', code: SERVER_ERROR.code, remedy: SERVER_ERROR.remedy },
    ]);
  });

  test('a series of the clicked study jumps along, and gets no observation of its own', async () => {
    const thick = { ...axialSeries('thick', '20240301'), StudyInstanceUID: '1.2.current' };
    setUp({ left: CURRENT, right: thick });
    const target = { studyInstanceUid: '1.2.current', seriesInstanceUid: '1.2.thick.9' };
    const outcome = foundIn('current', 'thick');
    const match = outcome.ok
      ? { ...outcome.match, target: { ...outcome.match.target, ...target } }
      : undefined;
    server.routes = { [MATCHES]: () => json(200, { matches: [{ ...outcome, target, match }] }) };
    await click();
    expect((server.seen[0]?.body as MatchRequest).targets).toEqual([target]);
    expect(fake.viewports.get('right')?.jumps).toEqual([[4, -3, 40]]);
    expect(context.lesions.lesions.map(({ observations }) => observations.length)).toEqual([1]);
  });

  test('a prior that is loaded and not on the screen is searched in a request of its own, and offered to be shown', async () => {
    const older = axialSeries('older', '20220101');
    fake.displaySets = [CURRENT, PRIOR, older];
    server.routes = {
      [MATCHES]: ({ body }) => {
        const [target] = (body as MatchRequest).targets;
        const name = target?.studyInstanceUid.replace('1.2.', '') ?? '';
        return json(200, { matches: [foundIn('current', name)] });
      },
    };
    await click();
    expect(server.seen.map(({ body }) => (body as MatchRequest).targets)).toEqual([
      [refOf('prior')],
      [refOf('older')],
    ]);
    expect(context.lesions.lesions.map(({ observations }) => observations.length)).toEqual([3]);
    const [notice] = context.activity.notices;
    expect(notice?.message).toBe('Found also in the CT of 2022-01-01, which the screen does not show.');
    notice?.mend?.run();
    expect(context.shown).toEqual(['1.2.older']);
  });

  test.each([
    [{ verdict: 'out-of-view' }, 'not-covered', false],
    [{ verdict: 'absent' }, 'resolved', true],
    [{ change: { kind: 'gone', queryDiameterMm: 8 } }, 'resolved', true],
    [{ verdict: 'uncertain', change: { kind: 'gone', queryDiameterMm: 8 } }, 'present', true],
  ] as const)('the answer %j is proposed as %s', async (changes, status, hasPlace) => {
    const outcome = foundIn('current', 'prior');
    const matches = outcome.ok ? [{ ...outcome, match: { ...outcome.match, ...changes } }] : [];
    server.routes = { [MATCHES]: () => json(200, { matches }) };
    await click();
    expect(proposalIn('1.2.prior')).toMatchObject({ status, review: 'proposed' });
    expect(proposalIn('1.2.prior')?.place !== undefined).toBe(hasPlace);
  });

  test.each([
    ['absent', 'absent', 'new'],
    ['absent', 'out-of-view', 'new'],
    ['absent', 'matched', 'not-followed'],
    ['out-of-view', 'out-of-view', 'not-followed'],
    ['uncertain', 'absent', 'not-followed'],
  ] as const)('with the answers %s and %s in earlier scans the lesion is %s', async (prior, older, role) => {
    setUp({ a: CURRENT, b: PRIOR, c: axialSeries('older', '20220101') });
    const answer = (name: string, verdict: 'absent' | 'matched' | 'out-of-view' | 'uncertain') => {
      const outcome = foundIn('current', name);
      return outcome.ok ? { ...outcome, match: { ...outcome.match, verdict } } : outcome;
    };
    const matches = [answer('prior', prior), answer('older', older)];
    server.routes = { [MATCHES]: () => json(200, { matches }) };
    await click('a');
    expect(context.lesions.lesions.map((lesion) => lesion.role)).toEqual([role]);
  });

  test('a role that the reader has chosen meanwhile stays', async () => {
    const outcome = foundIn('current', 'prior');
    const match = outcome.ok ? { ...outcome.match, verdict: 'absent' as const } : undefined;
    server.routes = { [MATCHES]: () => json(200, { matches: [{ ...outcome, match }] }) };
    const { lesions } = context;
    lesions.subscribe(() => {
      const [lesion] = lesions.lesions;
      if (lesion?.role === 'not-followed') lesions.setRole(lesion.trackingUid, 'target', undefined);
    });
    await click();
    expect(lesions.lesions.map(({ role }) => role)).toEqual(['target']);
  });

  test('a place that cannot be looked for is no lesion; a scan that cannot be read does not undo the click', async () => {
    const failed = (code: string) => () =>
      json(200, {
        matches: [{ pointId: 'p', target: refOf('prior'), ok: false, error: { ...SERVER_ERROR, code } }],
      });
    server.routes = { [MATCHES]: failed('matching/outside-body') };
    await click();
    expect(context.lesions.lesions).toEqual([]);
    server.routes = { [MATCHES]: failed('volume/too-few-slices') };
    await click();
    expect(context.lesions.lesions.map(({ observations }) => observations.length)).toEqual([1]);
  });

  test('a lesion that was undone does not come back with a late answer', async () => {
    const older = axialSeries('older', '20220101');
    fake.displaySets = [CURRENT, PRIOR, older];
    let release: (answer: Response) => void = () => undefined;
    const late = new Promise<Response>((resolve) => (release = resolve));
    server.routes = {
      [MATCHES]: ({ body }) =>
        (body as MatchRequest).targets[0]?.studyInstanceUid === '1.2.prior'
          ? json(200, { matches: [foundIn('current', 'prior')] })
          : late,
    };
    const clicking = click();
    for (let turn = 0; turn < 100 && context.lesions.lesions.length === 0; turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 0));
    context.lesions.undo();
    release(json(200, { matches: [foundIn('current', 'older')] }));
    await clicking;
    expect(context.lesions.lesions).toEqual([]);
  });
});
