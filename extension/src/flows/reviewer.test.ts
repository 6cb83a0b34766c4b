/** What the keys of the review do. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { observationOf } from '../lesions/review.ts';
import type { ReviewCommand } from '../panel/model.ts';
import { contextOf } from '../testing/context.ts';
import { foundIn, lesionOf, marked, proposed, uidOf } from '../testing/examples.ts';
import { axialSeries, FakeHost } from '../testing/fakeHost.ts';
import { FakeServer, json } from '../testing/fakeServer.ts';
import { CarryOvers } from './carryOver.ts';
import type { Context } from './context.ts';
import { Placer } from './place.ts';
import { Reviewer } from './reviewer.ts';

const CURRENT = '1.2.current';

let fake: FakeHost;
let server: FakeServer;
let context: Context;
let reviewer: Reviewer;
let saves: number;

beforeEach(() => {
  fake = new FakeHost({ left: axialSeries('current', '20240301'), right: axialSeries('prior', '20230211') });
  server = new FakeServer();
  context = contextOf(fake, server);
  saves = 0;
  reviewer = new Reviewer(context, {
    placer: new Placer(context),
    carryOvers: new CarryOvers(context),
    save: () => (saves += 1),
    keys: () => ({ confirm: 'Shift+Y', correct: 'M' }),
  });
});

const run = (...commands: readonly ReviewCommand[]): void => {
  for (const command of commands) reviewer.run(command);
};
const stateOf = (id: string): string => {
  const { status, review } = observationOf(context.lesions.lesion(uidOf(id)), CURRENT) ?? {};
  return `${status ?? 'none'} ${review ?? ''}`;
};
const selected = () => context.lesions.lesion(context.lesions.selected)?.label;

/** Three proposals; the second is uncertain and comes first. */
function fill(): void {
  context.lesions.addStored([
    lesionOf('a'),
    lesionOf('b', [marked('prior', [4, -3, 40], { isSaved: true }), proposed({}, { verdict: 'uncertain' })]),
    lesionOf('c'),
  ]);
}

describe('the review', () => {
  test('goes through the lesions, uncertain ones first, and both panes follow', () => {
    fill();
    const order: (string | undefined)[] = [];
    for (const command of ['next', 'next', 'next', 'next', 'previous'] as const) {
      run(command);
      order.push(selected());
    }
    expect(order).toEqual(['Lesion b', 'Lesion a', 'Lesion c', 'Lesion b', 'Lesion c']);
    expect(fake.viewports.get('left')?.jumps).toHaveLength(5);
    expect(fake.viewports.get('right')?.jumps).toHaveLength(5);
    expect(fake.viewports.get('right')?.worldToCanvas([4, -3, 40])).toEqual([200, 200]);
  });

  test('a key without a selected lesion shows the first one that waits, and decides nothing', () => {
    fill();
    run('accept');
    expect(selected()).toBe('Lesion b');
    expect(['a', 'b', 'c'].map(stateOf)).toEqual(Array.from({ length: 3 }, () => 'present proposed'));
  });

  test('what is found at the second attempt is gone to as well', async () => {
    context.lesions.addStored([lesionOf('a', [marked('prior', [4, -3, 40], { isSaved: true })])]);
    server.routes = { 'POST /matches': () => new Response(null, { status: 502 }) };
    run('findAll');
    await new Promise((resolve) => setTimeout(resolve, 0));
    const [notice] = context.activity.notices;
    expect([selected(), notice?.mend?.label]).toEqual([undefined, 'Try again']);
    const matches = [{ ...foundIn('prior', 'current'), pointId: uidOf('a') }];
    server.routes = { 'POST /matches': () => json(200, { matches }) };
    notice?.mend?.run();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(selected()).toBe('Lesion a');
  });

  test('an uncertain place is not accepted in passing: the message names the key that confirms', () => {
    fill();
    run('next', 'accept');
    expect(stateOf('b')).toBe('present proposed');
    expect(selected()).toBe('Lesion b');
    expect(context.activity.notices).toMatchObject([
      {
        subject: 'Lesion b',
        message: 'This place is uncertain.',
        remedy: expect.stringContaining('confirm (Shift+Y)'),
      },
    ]);
    run('confirm');
    expect(stateOf('b')).toBe('present accepted');
    expect(context.activity.notices).toEqual([]);
  });

  test('each decision goes on to the next lesion that waits', () => {
    fill();
    run('next', 'confirm');
    expect(selected()).toBe('Lesion a');
    run('resolved');
    expect([stateOf('a'), selected()]).toEqual(['resolved corrected', 'Lesion c']);
    run('reject');
    expect([stateOf('c'), selected()]).toEqual(['present rejected', 'Lesion c']);
    run('undo');
    expect(selected()).toBe('Lesion c');
    run('undo');
    expect(selected()).toBe('Lesion a');
    expect([stateOf('a'), stateOf('b'), stateOf('c')]).toEqual([
      'present proposed',
      'present accepted',
      'present proposed',
    ]);
  });

  test('a lesion that was not looked for can only be not evaluable', () => {
    context.lesions.addStored([lesionOf('a', [marked('prior', [0, 0, 0], { isSaved: true })])]);
    reviewer.select(uidOf('a'));
    run('accept');
    expect(context.activity.notices).toMatchObject([{ code: 'viewer/needs-decision' }]);
    expect(stateOf('a')).toBe('none ');
    run('notEvaluable');
    expect(stateOf('a')).toBe('not-evaluable accepted');
    run('resolved');
    expect(context.activity.notices).toMatchObject([{ remedy: 'Mark the place first (M).' }]);
  });

  test('correcting waits for a click in the current study', () => {
    fill();
    run('next', 'correct');
    expect(context.lesions.placing).toEqual({ trackingUid: uidOf('b'), studyInstanceUid: CURRENT });
  });

  test('without a selected lesion nothing is decided', () => {
    fill();
    for (const command of ['accept', 'reject', 'correct', 'save'] as const) {
      context.lesions.select(undefined);
      run(command);
    }
    expect(context.lesions.undecided).toBe(3);
    expect(context.lesions.placing).toBeUndefined();
    expect(saves).toBe(1);
  });

  test('while the report is being stored nothing is decided', () => {
    fill();
    run('next');
    context.lesions.setSaving([CURRENT]);
    run('confirm');
    expect(stateOf('b')).toBe('present proposed');
  });

  test('finding all goes on to what is to be looked at first', async () => {
    context.lesions.addStored([lesionOf('a', [marked('prior', [4, -3, 40], { isSaved: true })])]);
    const outcome = foundIn('prior', 'current');
    server.routes = { 'POST /matches': () => json(200, { matches: [{ ...outcome, pointId: uidOf('a') }] }) };
    run('findAll');
    for (let turn = 0; turn < 50 && selected() === undefined; turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 0));
    expect([stateOf('a'), selected()]).toEqual(['present proposed', 'Lesion a']);
  });
});

describe('Ctrl+Z', () => {
  const review = (): readonly string[] => ['a', 'b', 'c'].map(stateOf);

  test('undoes the decisions one by one, Ctrl+Y does them again, and the key of the review goes with them', () => {
    fill();
    run('next', 'confirm', 'accept');
    const decided = review();
    fake.history.undo();
    expect(selected()).toBe('Lesion a');
    expect(review()).not.toEqual(decided);
    fake.history.redo();
    expect(review()).toEqual(decided);
    run('undo');
    fake.history.undo();
    expect(review()).toEqual(['present proposed', 'present proposed', 'present proposed']);
    expect(context.lesions.canUndo).toBe(false);
  });

  test('does not change what is saved: the decision cannot be undone any more', () => {
    fill();
    run('next', 'confirm');
    const decided = review();
    context.lesions.markSaved(CURRENT, ['a', 'b', 'c'].map(uidOf));
    fake.history.undo();
    expect(review()).toEqual(decided);
  });
});
