import { describe, expect, test } from '@jest/globals';
import { pairOf } from '../testing/examples.ts';
import { PairStore } from './store.ts';
import { warnWhileUnsaved } from './unsavedWarning.ts';

/** True when closing the page would show a warning. */
function warns(page: EventTarget): boolean {
  return !page.dispatchEvent(new Event('beforeunload', { cancelable: true }));
}

describe('warnWhileUnsaved', () => {
  test('warns while a proposal is not decided on or a confirmed pair is not saved', () => {
    const page = new EventTarget();
    const store = new PairStore();
    const stop = warnWhileUnsaved(store, page as Window);
    expect(warns(page)).toBe(false);
    store.addPair(pairOf('a'));
    expect(warns(page)).toBe(true);
    store.setState('a', 'rejected');
    expect(warns(page)).toBe(false);
    store.setState('a', 'accepted');
    expect(warns(page)).toBe(true);
    store.markSaved(['a']);
    expect(warns(page)).toBe(false);
    store.addPair(pairOf('b', { state: 'moved' }));
    expect(warns(page)).toBe(true);
    stop();
    expect(warns(page)).toBe(false);
  });
});
