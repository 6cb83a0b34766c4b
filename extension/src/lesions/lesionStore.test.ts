import { describe, expect, test } from '@jest/globals';
import { lesionOf, marked, pointIn, proposed, uidOf } from '../testing/examples.ts';
import { LesionStore } from './lesionStore.ts';
import type { StoredLesion } from './lesionStore.ts';
import { omit } from './omit.ts';
import { observationOf } from './review.ts';
import type { Lesion } from './types.ts';

const CURRENT = '1.2.current';
const PRIOR = '1.2.prior';

function storeWith(...lesions: readonly Lesion[]): LesionStore {
  const store = new LesionStore();
  for (const lesion of lesions) store.add(lesion);
  return store;
}

const stored = (id: string, label = `Lesion ${id}`): StoredLesion => {
  const lesion = omit(lesionOf(id, [], { label }), 'observations');
  return { ...lesion, observation: marked('current', [7, 7, 7], { isSaved: true }) };
};
const labels = (store: LesionStore): string[] => store.lesions.map(({ label }) => label);
const inCurrent = (store: LesionStore, id: string) => observationOf(store.lesion(uidOf(id)), CURRENT);

describe('labels', () => {
  test('a number that a lesion had is not given to another one', () => {
    const store = storeWith(lesionOf('1'), lesionOf('2'));
    store.remove(uidOf('2'));
    expect(store.nextLabel()).toBe('Lesion 3');
    store.rename(uidOf('1'), 'Segment 8', CURRENT);
    expect(store.nextLabel()).toBe('Lesion 3');
    store.setStored(CURRENT, [stored('7')], new Set());
    expect(store.nextLabel()).toBe('Lesion 8');
    expect(store.nextLabel([{ label: 'Lesion 8' }])).toBe('Lesion 9');
  });

  test('two lesions do not have one name, and a name is one line', () => {
    const store = storeWith(lesionOf('1'), lesionOf('2'), lesionOf('3'));
    store.rename(uidOf('1'), ' Segment\n 8 ', CURRENT);
    store.rename(uidOf('2'), 'Segment 8', CURRENT);
    store.rename(uidOf('3'), '   ', CURRENT);
    expect(labels(store)).toEqual(['Segment 8', 'Segment 8 (2)', 'Lesion 3']);
    const long = 'x'.repeat(80);
    store.rename(uidOf('1'), long, CURRENT);
    store.rename(uidOf('2'), long, CURRENT);
    expect(labels(store).map((label) => label.length)).toEqual([64, 64, 8]);
    expect(new Set(labels(store)).size).toBe(3);
  });

  test('a new name or role has to be saved in the study that is read, and in no other', () => {
    const saved = [
      marked('current', [0, 0, 0], { isSaved: true }),
      marked('prior', [0, 0, 0], { isSaved: true }),
    ];
    for (const change of ['rename', 'setRole'] as const) {
      const store = storeWith(lesionOf('1', saved));
      store[change](uidOf('1'), 'new', CURRENT);
      expect(store.unsavedStudies()).toEqual([CURRENT]);
      store.undo();
      expect(store.unsavedStudies()).toEqual([]);
    }
  });
});

describe('what is to be saved', () => {
  test('only observations that count and that the PACS does not hold', () => {
    const store = storeWith(
      lesionOf('a', [proposed()]),
      lesionOf('b', [proposed({ review: 'accepted' })]),
      lesionOf('c', [proposed({ review: 'corrected' })]),
      lesionOf('d', [proposed({ review: 'rejected' })]),
      lesionOf('e', [proposed({ review: 'accepted', isSaved: true })]),
      lesionOf('f', [marked('prior', [0, 0, 0])]),
    );
    expect(store.unsavedIn(CURRENT)).toBe(2);
    expect(store.unsavedStudies()).toEqual([CURRENT, PRIOR]);
    expect(store.undecided).toBe(1);
  });

  test.each(['remove', 'reject'])('what a report holds has to be withdrawn from it: %s', (how) => {
    const store = new LesionStore();
    store.setStored(CURRENT, [stored('a'), stored('b')], new Set([uidOf('a')]));
    expect(store.unsavedStudies()).toEqual([]);
    if (how === 'remove') store.remove(uidOf('a'));
    else store.decide(uidOf('a'), { ...inCurrent(store, 'a')!, review: 'rejected', isSaved: false });
    expect(store.unsavedIn(CURRENT)).toBe(1);
    store.markSaved(CURRENT, []);
    expect(store.unsavedIn(CURRENT)).toBe(0);
  });

  test('a study that is being saved does not change', () => {
    const store = storeWith(lesionOf('a', [proposed({ review: 'accepted' })]));
    store.setSaving([CURRENT]);
    expect(store.decide(uidOf('a'), proposed({ review: 'rejected' }))).toBe(false);
    store.rename(uidOf('a'), 'changed', CURRENT);
    store.setRole(uidOf('a'), 'new', CURRENT);
    store.remove(uidOf('a'));
    store.undo();
    expect(store.lesions).toEqual([lesionOf('a', [proposed({ review: 'accepted' })])]);
    store.setSaving([]);
    expect(store.decide(uidOf('a'), proposed({ review: 'rejected' }))).toBe(true);
  });
});

describe('what the PACS holds', () => {
  test('is brought up to date, except what the reader has decided since', () => {
    const store = new LesionStore();
    store.setStored(CURRENT, [stored('a'), stored('b'), stored('c')], new Set());
    const own = marked('current', [1, 1, 1]);
    store.decide(uidOf('b'), own);
    store.setStored(CURRENT, [stored('b'), stored('c'), stored('d')], new Set());
    // a was withdrawn by somebody else.
    expect(store.lesions.map(({ trackingUid }) => trackingUid)).toEqual(['b', 'c', 'd'].map(uidOf));
    expect(inCurrent(store, 'b')).toBe(own);
    expect(inCurrent(store, 'c')?.isSaved).toBe(true);
  });

  test('of another report than that of the study stays when the study is read again', () => {
    const store = new LesionStore();
    store.addStored([lesionOf('a', [marked('current', [0, 0, 0], { isSaved: true })])]);
    store.setStored(CURRENT, [], new Set());
    expect(store.lesions).toHaveLength(1);
  });

  test('is added once, and never replaces what the reader has', () => {
    const own = lesionOf('a', [marked('current', [0, 0, 0])]);
    const store = storeWith(own);
    const both = [
      marked('current', [5, 5, 5], { isSaved: true }),
      marked('prior', [5, 5, 5], { isSaved: true }),
    ];
    store.addStored([lesionOf('a', both), lesionOf('b', both)]);
    store.addStored([lesionOf('b', both)]);
    expect(store.lesions.map(({ observations }) => observations.length)).toEqual([2, 2]);
    expect(inCurrent(store, 'a')).toBe(own.observations[0]);
  });
});

describe('undo', () => {
  test('undoes decisions one by one, and keeps what the server has found since', () => {
    const store = storeWith(lesionOf('a', [proposed()]));
    store.decide(uidOf('a'), proposed({ review: 'accepted' }));
    store.propose(uidOf('a'), [marked('prior', [1, 1, 1], { review: 'proposed' })]);
    store.rename(uidOf('a'), 'liver', CURRENT);
    store.undo();
    expect(labels(store)).toEqual(['Lesion a']);
    store.undo();
    expect(inCurrent(store, 'a')?.review).toBe('proposed');
    expect(store.lesion(uidOf('a'))?.observations).toHaveLength(2);
    store.undo();
    expect(store.lesions).toEqual([]);
    expect(store.canUndo).toBe(false);
    store.undo();
    expect(store.lesions).toEqual([]);
  });

  test('brings a removed lesion back to its place', () => {
    const store = storeWith(lesionOf('a'), lesionOf('b'), lesionOf('c'));
    store.select(uidOf('b'));
    store.remove(uidOf('b'));
    expect(store.selected).toBeUndefined();
    store.undo();
    expect(labels(store)).toEqual(['Lesion a', 'Lesion b', 'Lesion c']);
  });

  test('ends with a report: a click cannot undo that', () => {
    const store = storeWith(lesionOf('a', [marked('current', [0, 0, 0])]));
    store.markSaved(CURRENT, [uidOf('a')]);
    expect(store.canUndo).toBe(false);
    expect(inCurrent(store, 'a')?.isSaved).toBe(true);
  });
});

describe('proposals, placing and listeners', () => {
  test('a study that shows the lesion gets no second observation', () => {
    const store = storeWith(lesionOf('a', [marked('current', [0, 0, 0])]));
    store.propose(uidOf('a'), [proposed(), marked('prior', [1, 1, 1], { review: 'proposed' })]);
    expect(store.lesion(uidOf('a'))?.observations.map(({ review }) => review)).toEqual([
      'accepted',
      'proposed',
    ]);
  });

  test('a decision ends the placing of its lesion', () => {
    const store = storeWith(lesionOf('a'));
    store.setPlacing({ trackingUid: uidOf('a'), studyInstanceUid: CURRENT });
    store.decide(uidOf('a'), proposed({ place: pointIn('current', [9, 9, 9]), review: 'corrected' }));
    expect(store.placing).toBeUndefined();
    expect(inCurrent(store, 'a')?.place?.lps).toEqual([9, 9, 9]);
  });

  test('a listener receives each change until it unsubscribes; a repeated highlight is none', () => {
    const store = new LesionStore();
    let received = 0;
    const unsubscribe = store.subscribe(() => {
      received += 1;
    });
    store.add(lesionOf('a'));
    store.highlight(uidOf('a'));
    store.highlight(uidOf('a'));
    unsubscribe();
    store.remove(uidOf('a'));
    expect(received).toBe(2);
  });
});

describe('work of an earlier session', () => {
  test('comes back, and loses against what is unsaved here', () => {
    const here = marked('current', [1, 1, 1]);
    const store = storeWith(lesionOf('a', [here]));
    store.setStored(
      PRIOR,
      [{ ...stored('b'), observation: marked('prior', [2, 2, 2], { isSaved: true }) }],
      new Set(),
    );
    const kept = marked('prior', [3, 3, 3]);
    store.restore([
      lesionOf('a', [marked('current', [4, 4, 4]), kept]),
      lesionOf('b', [kept]),
      lesionOf('5', [kept]),
    ]);
    expect(inCurrent(store, 'a')).toBe(here);
    expect(store.lesions.map((lesion) => observationOf(lesion, PRIOR))).toEqual([kept, kept, kept]);
    expect(store.nextLabel()).toBe('Lesion 6');
  });

  test('does not bring back what the PACS has changed since', () => {
    const store = new LesionStore();
    store.setStored(CURRENT, [stored('a')], new Set());
    const now = inCurrent(store, 'a');
    store.restore([
      lesionOf('a', [marked('current', [4, 4, 4], { isSaved: true }), marked('prior', [0, 0, 0])]),
    ]);
    expect(inCurrent(store, 'a')).toBe(now);
  });
});
