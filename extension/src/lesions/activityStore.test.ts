import { describe, expect, test } from '@jest/globals';
import { ActivityStore } from './activityStore.ts';

describe('ActivityStore', () => {
  test('the same message about the same thing is shown once', () => {
    const store = new ActivityStore();
    const notice = { subject: 'Lesion 1', code: 'x', message: 'in air', remedy: '' };
    store.addNotice({ id: '1', ...notice });
    store.addNotice({ id: '2', ...notice });
    store.addNotice({ id: '3', ...notice, subject: 'Lesion 2' });
    expect(store.notices.map(({ id }) => id)).toEqual(['2', '3']);
  });

  test('success ends what was said about its topic, and a code what is over', () => {
    const store = new ActivityStore();
    const notice = { subject: 's', message: 'm', remedy: 'r' };
    store.addNotice({ id: '1', ...notice, code: 'a', topic: 'one' });
    store.addNotice({ id: '2', ...notice, code: 'b', topic: 'two' });
    store.addNotice({ id: '3', ...notice, code: 'c', topic: 'three' });
    store.mended('one');
    expect(store.mendedCodes('b')).toBe(true);
    expect(store.mendedCodes('b')).toBe(false);
    expect(store.notices.map(({ id }) => id)).toEqual(['3']);
  });

  test('a listener receives each change until it unsubscribes', () => {
    const store = new ActivityStore();
    let received = 0;
    const unsubscribe = store.subscribe(() => {
      received += 1;
    });
    store.addNotice({ id: '1', subject: 's', code: 'c', message: 'm', remedy: 'r' });
    store.removeNotice('1');
    unsubscribe();
    store.removeSearch('1');
    expect(received).toBe(2);
  });

  test('warnings on a series replace older ones and do not come back once they are dismissed', () => {
    const store = new ActivityStore();
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
});
