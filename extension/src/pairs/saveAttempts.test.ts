/** Which reports are sent, and sent again with the same key. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchBetween, pairOf, pointIn } from '../testing/examples.ts';
import { certaintyOf, provenanceOf } from './certainty.ts';
import { SaveAttempts } from './saveAttempts.ts';
import type { SaveAttempt } from './saveAttempts.ts';
import type { Pair } from './types.ts';

const accepted = (id: string, changes: Partial<Pair> = {}): Pair =>
  pairOf(id, { state: 'accepted', ...changes });
const inStudy = (id: string, study: string): Pair => accepted(id, { current: pointIn(study, [0, 0, 20]) });

function ids(attempts: readonly SaveAttempt[]): (readonly string[])[] {
  return attempts.map(({ pairIds }) => pairIds);
}

describe('SaveAttempts', () => {
  test('makes one report of the pairs of a current study, with a key of its own', () => {
    const planned = new SaveAttempts().plan([inStudy('a', 'x'), inStudy('b', 'y'), inStudy('c', 'x')]);
    expect(ids(planned)).toEqual([['a', 'c'], ['b']]);
    expect(new Set(planned.map(({ key }) => key)).size).toBe(2);
  });

  test('sends what the server wants to know of a pair, and nothing else', () => {
    const certainty = { ...certaintyOf(matchBetween('current', 'prior')), errorRadiusMm: 3 };
    const [attempt] = new SaveAttempts().plan([
      accepted('a', { certainty }),
      pairOf('b', { state: 'moved' }),
    ]);
    const { label, lesionUid, current, prior, similarity, cycleErrorMm } = pairOf('a');
    expect(attempt?.pairs[0]).toEqual({
      label,
      lesionUid,
      state: 'accepted',
      current,
      prior,
      similarity,
      cycleErrorMm,
      provenance: provenanceOf(certainty),
    });
    expect(attempt?.pairs[1]?.state).toBe('moved');
  });

  test('an answer that was lost: the same report is sent again, with the same key', () => {
    const attempts = new SaveAttempts();
    const pairs = [accepted('a'), accepted('b')];
    const [first] = attempts.plan(pairs);
    expect(attempts.plan(pairs)).toEqual([first]);
    expect(attempts.plan([...pairs].reverse())).toEqual([first]);
  });

  test('what the reader has added since is a report of its own', () => {
    const attempts = new SaveAttempts();
    const [first] = attempts.plan([accepted('a')]);
    const again = attempts.plan([accepted('a'), accepted('b')]);
    expect(again[0]).toBe(first);
    expect(ids(again)).toEqual([['a'], ['b']]);
    expect(again[1]?.key).not.toBe(first?.key);
  });

  test.each<[string, Partial<Pair>]>([
    ['label', { label: 'Segment 8' }],
    ['state', { state: 'moved' }],
    ['place', { prior: pointIn('prior', [9, 9, 9]) }],
  ])('a report whose pair has another %s now is not sent again: it is another one', (_name, changes) => {
    const attempts = new SaveAttempts();
    const [first] = attempts.plan([accepted('a'), accepted('b')]);
    const changed = attempts.plan([accepted('a', changes), accepted('b')]);
    expect(ids(changed)).toEqual([['a', 'b']]);
    expect(changed[0]?.key).not.toBe(first?.key);
    expect(changed[0]?.pairs[0]).toMatchObject(changes);
  });

  test('a report one of whose pairs was removed is not sent again', () => {
    const attempts = new SaveAttempts();
    const [first] = attempts.plan([accepted('a'), accepted('b')]);
    const remaining = attempts.plan([accepted('b')]);
    expect(ids(remaining)).toEqual([['b']]);
    expect(remaining[0]?.key).not.toBe(first?.key);
  });

  test('a report that the PACS has, or whose key is of no use, is forgotten', () => {
    const attempts = new SaveAttempts();
    const [first] = attempts.plan([accepted('a')]);
    attempts.close(first!);
    const [second] = attempts.plan([accepted('a')]);
    expect(second?.key).not.toBe(first?.key);
  });

  test('nothing to save makes no report', () => {
    expect(new SaveAttempts().plan([])).toEqual([]);
  });

  test('whatever was tried before, each pair is in exactly one report, in its current state, and in its own study', () => {
    const pair = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      study: fc.constantFrom('x', 'y'),
      label: fc.constantFrom('one', 'two'),
    });
    const lists = fc.uniqueArray(pair, { selector: ({ id }) => id, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(lists, fc.boolean()), { maxLength: 6 }), lists, (before, now) => {
        const attempts = new SaveAttempts();
        const made = (list: typeof now): Pair[] =>
          list.map(({ id, study, label }) => ({ ...inStudy(id, study), label }));
        for (const [list, isAnswered] of before) {
          const planned = attempts.plan(made(list));
          if (isAnswered)
            planned.forEach((attempt) => {
              attempts.close(attempt);
            });
        }
        const pairs = made(now);
        const planned = attempts.plan(pairs);
        expect(ids(planned).flat().sort()).toEqual(pairs.map(({ id }) => id).sort());
        expect(new Set(planned.map(({ key }) => key)).size).toBe(planned.length);
        for (const { pairIds, pairs: sent } of planned) {
          expect(new Set(sent.map(({ current }) => current.studyInstanceUid)).size).toBe(1);
          pairIds.forEach((id, n) => {
            const own = pairs.find((candidate) => candidate.id === id);
            expect([sent[n]?.label, sent[n]?.current]).toEqual([own?.label, own?.current]);
          });
        }
      }),
    );
  });
});
