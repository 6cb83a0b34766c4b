import { describe, expect, test } from '@jest/globals';
import { matchBetween, pairOf, pointIn } from '../testing/examples.ts';
import { certaintyOf } from './certainty.ts';
import { PairStore } from './store.ts';
import type { Pair } from './types.ts';

function storeWith(...pairs: readonly Pair[]): PairStore {
  const store = new PairStore();
  for (const pair of pairs) store.addPair(pair);
  return store;
}

describe('PairStore', () => {
  test('counts only confirmed pairs that the PACS does not hold as unsaved', () => {
    const store = storeWith(
      pairOf('a'),
      pairOf('b', { state: 'accepted' }),
      pairOf('c', { state: 'moved' }),
      pairOf('d', { state: 'rejected' }),
      pairOf('e', { state: 'accepted', saved: true }),
    );
    expect(store.unsaved.map(({ id }) => id)).toEqual(['b', 'c']);
  });

  test('a number that a lesion had is not given to another one', () => {
    const store = storeWith(pairOf('a', { label: 'Point 1' }), pairOf('b', { label: 'Point 2' }));
    store.removePair('b');
    expect(store.nextLabel()).toBe('Point 3');
    store.setLabel('a', 'Segment 8');
    expect(store.nextLabel()).toBe('Point 3');
    store.addStored([pairOf('c', { label: 'Point 7', saved: true, state: 'accepted' })]);
    expect(store.nextLabel()).toBe('Point 8');
  });

  test('proposals are undecided, except where there is no place to accept', () => {
    const certainty = certaintyOf(matchBetween('current', 'prior'));
    const store = storeWith(
      pairOf('a'),
      pairOf('b', { state: 'rejected' }),
      pairOf('c', { certainty: { ...certainty, verdict: 'absent' } }),
    );
    expect(store.undecided.map(({ id }) => id)).toEqual(['a']);
  });

  test('moving a pair replaces the found side only and confirms it', () => {
    const store = storeWith(pairOf('a', { found: 'current' }));
    const place = pointIn('current', [9, 9, 9]);
    store.setMoving('a');
    store.movePair('a', place);
    expect(store.pair('a')).toMatchObject({ state: 'moved', current: place, prior: pairOf('a').prior });
    expect(store.moving).toBeUndefined();
  });

  test('a label belongs to the lesion: the pairs of one click share it', () => {
    const lesionUid = '2.25.7';
    const store = storeWith(pairOf('a', { lesionUid }), pairOf('b', { lesionUid }), pairOf('c'));
    store.setLabel('a', 'Segment 8');
    expect(store.pairs.map(({ label }) => label)).toEqual(['Segment 8', 'Segment 8', 'Lesion c']);
  });

  test('a pair that is saved or being saved is not changed', () => {
    const store = storeWith(
      pairOf('a', { state: 'accepted', saved: true }),
      pairOf('b', { state: 'accepted' }),
    );
    store.setSaving(['b']);
    for (const id of ['a', 'b']) {
      store.setState(id, 'rejected');
      store.setLabel(id, 'changed');
      store.movePair(id, pointIn('prior', [9, 9, 9]));
    }
    store.removePair('b');
    expect(store.pairs.map(({ id, state, label }) => [id, state, label])).toEqual([
      ['a', 'accepted', 'Lesion a'],
      ['b', 'accepted', 'Lesion b'],
    ]);
    store.setSaving([]);
    store.setState('b', 'rejected');
    expect(store.pair('b')?.state).toBe('rejected');
  });

  test('stored pairs are added once, and never replace what the reader has', () => {
    const own = pairOf('a', { state: 'accepted', saved: true });
    const store = storeWith(own);
    const again = { ...own, id: 'x' };
    const other = pairOf('b', { saved: true, state: 'accepted' });
    store.addStored([again, other]);
    store.addStored([{ ...other, id: 'y' }]);
    expect(store.pairs.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('the same message about the same thing is shown once', () => {
    const store = new PairStore();
    const notice = { subject: 'Point 1', code: 'x', message: 'in air', remedy: '' };
    store.addNotice({ id: '1', ...notice });
    store.addNotice({ id: '2', ...notice });
    store.addNotice({ id: '3', ...notice, subject: 'Point 2' });
    expect(store.notices.map(({ id }) => id)).toEqual(['2', '3']);
  });

  test('a listener receives each change until it unsubscribes', () => {
    const store = new PairStore();
    let received = 0;
    const unsubscribe = store.subscribe(() => {
      received += 1;
    });
    store.addPair(pairOf('a'));
    store.setState('a', 'accepted');
    unsubscribe();
    store.removePair('a');
    expect(received).toBe(2);
  });
});

test('warnings on a series replace older ones and do not come back once they are dismissed', () => {
  const store = new PairStore();
  const warningsOn = (id: string, message: string) => ({
    id,
    studyInstanceUid: '1',
    title: 'CT',
    messages: [message],
  });
  for (const [id, message] of [
    ['a', 'thin'],
    ['b', 'metal'],
    ['a', 'tilted'],
  ] as const)
    store.addSeriesWarnings(warningsOn(id, message));
  expect(store.seriesWarnings).toEqual([warningsOn('a', 'tilted'), warningsOn('b', 'metal')]);
  store.dismissSeriesWarnings('a');
  store.addSeriesWarnings(warningsOn('a', 'tilted'));
  expect(store.seriesWarnings).toEqual([warningsOn('b', 'metal')]);
});
