import { describe, expect, test } from '@jest/globals';
import { pairOf } from '../testing/examples.ts';
import { PairStore } from './store.ts';
import { warnWhileUnsaved } from './unsavedWarning.ts';

/** True when leaving the page would ask the reader. */
function asks(page: EventTarget): boolean {
  return !page.dispatchEvent(new Event('beforeunload', { cancelable: true }));
}

describe('warnWhileUnsaved', () => {
  test('asks only while a confirmed pair is not saved', () => {
    const page = new EventTarget();
    const store = new PairStore();
    const stop = warnWhileUnsaved(store, page as Window);
    expect(asks(page)).toBe(false);
    store.addPair(pairOf('a'));
    expect(asks(page)).toBe(false);
    store.setState('a', 'accepted');
    expect(asks(page)).toBe(true);
    store.markSaved(['a']);
    expect(asks(page)).toBe(false);
    store.addPair(pairOf('b', { state: 'moved' }));
    expect(asks(page)).toBe(true);
    stop();
    expect(asks(page)).toBe(false);
  });
});
