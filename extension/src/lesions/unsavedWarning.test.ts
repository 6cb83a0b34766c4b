import { describe, expect, test } from '@jest/globals';
import { lesionOf, marked, proposed, uidOf } from '../testing/examples.ts';
import { LesionStore } from './lesionStore.ts';
import { warnWhileUnsaved } from './unsavedWarning.ts';

/** True when closing the page would show a warning. */
function warns(page: EventTarget): boolean {
  return !page.dispatchEvent(new Event('beforeunload', { cancelable: true }));
}

describe('warnWhileUnsaved', () => {
  test('warns while a proposal is not decided on or an observation is not saved', () => {
    const page = new EventTarget();
    const store = new LesionStore();
    const stop = warnWhileUnsaved(store, page as Window);
    expect(warns(page)).toBe(false);
    store.add(lesionOf('a'));
    expect(warns(page)).toBe(true);
    store.decide(uidOf('a'), proposed({ review: 'rejected' }));
    expect(warns(page)).toBe(false);
    store.decide(uidOf('a'), proposed({ review: 'accepted' }));
    expect(warns(page)).toBe(true);
    store.markSaved('1.2.current', [uidOf('a')]);
    expect(warns(page)).toBe(false);
    store.add(lesionOf('b', [marked('current', [1, 2, 3])]));
    expect(warns(page)).toBe(true);
    stop();
    expect(warns(page)).toBe(false);
  });
});
