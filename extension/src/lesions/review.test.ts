/** The review of a study, as one table of states. */
import { describe, expect, test } from '@jest/globals';
import { lesionOf, marked, proposed, uidOf } from '../testing/examples.ts';
import type { Match } from '../wire.ts';
import { omit } from './omit.ts';
import { decideOn, neighbourOf, nextUndecided, reviewOrder } from './review.ts';
import type { Decision } from './review.ts';
import type { Observation, ReviewState } from './types.ts';

const CURRENT = '1.2.current';

const withoutPlace = (changes: Partial<Observation>, match: Partial<Match> = {}): Observation => {
  return omit(proposed(changes, match), 'place');
};

/** Where an observation can be, by name. */
const STATES = {
  sure: proposed(),
  uncertain: proposed({}, { verdict: 'uncertain' }),
  gone: proposed({ status: 'resolved' }),
  absent: proposed({ status: 'resolved' }, { verdict: 'absent' }),
  outside: withoutPlace({ status: 'not-covered' }, { verdict: 'out-of-view' }),
  accepted: proposed({ review: 'accepted', isSaved: true }),
  confirmed: proposed({ review: 'accepted', isSaved: true }, { verdict: 'uncertain' }),
  corrected: proposed({ review: 'corrected', isSaved: true }),
  rejected: proposed({ review: 'rejected' }),
  marked: marked('current', [0, 0, 0], { isSaved: true }),
} as const;
type State = keyof typeof STATES;

/** Columns: accept, confirm, resolved, notEvaluable, reject. "status review", or why not; "=" where nothing changes. */
const TABLE: Readonly<Record<State, readonly [string, string, string, string, string]>> = {
  sure: [
    'present accepted',
    'present accepted',
    'resolved corrected',
    'not-evaluable corrected',
    'present rejected',
  ],
  uncertain: [
    'uncertain',
    'present accepted',
    'resolved corrected',
    'not-evaluable corrected',
    'present rejected',
  ],
  gone: [
    'resolved accepted',
    'resolved accepted',
    'resolved accepted',
    'not-evaluable corrected',
    'resolved rejected',
  ],
  absent: [
    'uncertain',
    'resolved accepted',
    'resolved accepted',
    'not-evaluable corrected',
    'resolved rejected',
  ],
  outside: [
    'not-covered accepted',
    'not-covered accepted',
    'no-place',
    'not-evaluable corrected',
    'not-covered rejected',
  ],
  accepted: ['=', '=', 'resolved corrected', 'not-evaluable corrected', 'present rejected'],
  confirmed: ['=', '=', 'resolved corrected', 'not-evaluable corrected', 'present rejected'],
  corrected: ['=', '=', 'resolved corrected', 'not-evaluable corrected', 'present rejected'],
  rejected: [
    'present accepted',
    'present accepted',
    'resolved corrected',
    'not-evaluable corrected',
    'present rejected',
  ],
  marked: ['=', '=', 'resolved corrected', 'not-evaluable corrected', 'present rejected'],
};
const DECISIONS: readonly Decision[] = ['accept', 'confirm', 'resolved', 'notEvaluable', 'reject'];
const CASES = Object.entries(TABLE).flatMap(([state, row]) =>
  row.map((expected, k) => [state as State, DECISIONS[k]!, expected] as const),
);

describe('a decision', () => {
  test.each(CASES)('%s, %s: %s', (state, decision, expected) => {
    const before = STATES[state];
    const decided = decideOn(before, decision);
    if ('refusal' in decided) {
      expect(decided.refusal).toBe(expected);
      return;
    }
    const { observation } = decided;
    if (expected === '=') {
      expect(observation).toBe(before);
      return;
    }
    expect(`${observation.status} ${observation.review}`).toBe(expected);
    expect(observation.isSaved).toBe(false);
    expect(observation.carriedOver).toBe(before.carriedOver);
    expect(observation.place).toBe(before.place);
  });

  const ends = [
    [0, 0, 0],
    [3, 4, 0],
  ] as const;

  test('diameters that were fitted count with an accepted place, those that were only turned do not', () => {
    const axes = { longAxis: ends, shortAxis: [ends[0], [0, 2, 0]], isFitted: true } as const;
    const accept = (match: Partial<Match>) => decideOn(proposed({}, match), 'accept');
    expect(accept({ axes })).toMatchObject({
      observation: { longAxis: { mm: 5, ends }, shortAxis: { mm: 2 } },
    });
    for (const none of [accept({ axes: { ...axes, isFitted: false } }), accept({})])
      expect(none).not.toHaveProperty('observation.longAxis');
  });

  test('what is resolved has no diameter', () => {
    const measured = marked('current', [0, 0, 0], { longAxis: { mm: 5, ends }, shortAxis: { mm: 2 } });
    const decided = decideOn(measured, 'resolved');
    expect(decided).not.toHaveProperty('observation.longAxis');
    expect(decided).not.toHaveProperty('observation.shortAxis');
  });
});

describe('the order of the review', () => {
  const REVIEWED = {
    study: CURRENT,
    timePoints: [{ studyInstanceUid: '1.2.prior' }, { studyInstanceUid: CURRENT }],
  };
  const lesions = [
    lesionOf('a', [proposed()]),
    lesionOf('b', [proposed({ review: 'accepted' }, { verdict: 'uncertain' })]),
    lesionOf('c', [marked('prior', [0, 0, 0])]),
    lesionOf('d', [proposed({ review: 'rejected' })]),
    lesionOf('e', [proposed({}, { verdict: 'absent' })]),
  ];
  const order = ['b', 'e', 'a', 'd'].map(uidOf);

  test('uncertain ones first, then the order of the list; a decision moves none', () => {
    expect(reviewOrder(lesions, REVIEWED)).toEqual({ order, decided: 2, total: 4 });
    expect(reviewOrder(lesions, { ...REVIEWED, study: undefined })).toEqual({
      order: [],
      decided: 0,
      total: 0,
    });
  });

  test.each([
    [undefined, 1, 'b'],
    [undefined, -1, 'd'],
    ['b', 1, 'e'],
    ['d', 1, 'b'],
    ['b', -1, 'd'],
    ['c', 1, 'b'],
  ] as const)('from %s by %d comes %s', (from, step, to) => {
    expect(neighbourOf(order, from === undefined ? undefined : uidOf(from), step)).toBe(uidOf(to));
  });

  test('nothing comes next where there is nothing', () => {
    expect(neighbourOf([], undefined, 1)).toBeUndefined();
  });

  test.each([
    [undefined, 'e'],
    ['e', 'e'],
    ['b', 'e'],
    ['a', 'a'],
    ['d', 'e'],
  ] as const)('from %s on, %s is to be decided on next', (from, to) => {
    expect(nextUndecided(lesions, REVIEWED, from && uidOf(from))).toBe(uidOf(to));
  });

  test('a lesion that the reader marked waits while what was found from it in another study does', () => {
    const found = (review: ReviewState) => {
      const { carriedOver } = proposed();
      return lesionOf('m', [
        marked('current', [0, 0, 0]),
        marked('prior', [0, 0, 0], {
          review,
          carriedOver: { ...carriedOver!, fromStudyInstanceUid: CURRENT },
        }),
      ]);
    };
    expect(reviewOrder([found('proposed')], REVIEWED)).toMatchObject({ decided: 0, total: 1 });
    expect(nextUndecided([found('proposed')], REVIEWED, uidOf('m'))).toBe(uidOf('m'));
    expect(reviewOrder([found('accepted')], REVIEWED)).toMatchObject({ decided: 1, total: 1 });
    expect(nextUndecided([found('accepted')], REVIEWED, uidOf('m'))).toBeUndefined();
  });

  test('after the last decision there is none', () => {
    expect(
      nextUndecided([lesionOf('a', [proposed({ review: 'accepted' })])], REVIEWED, uidOf('a')),
    ).toBeUndefined();
  });
});
