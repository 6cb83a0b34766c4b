/** Which reports are sent again with the same key. */
import { describe, expect, test } from '@jest/globals';
import { SaveAttempts } from './saveAttempts.ts';

const request = (study: string, name = '2024-03-01', basedOn: readonly string[] = []) => ({
  studyInstanceUid: study,
  timePoint: { name },
  observations: [],
  basedOn,
});

describe('SaveAttempts', () => {
  test('an attempt whose answer was lost is known until it is closed', () => {
    const attempts = new SaveAttempts();
    const first = attempts.begin(request('1'));
    expect(attempts.openOf('1')).toBe(first);
    expect(attempts.openOf('2')).toBeUndefined();
    attempts.close(first);
    expect(attempts.openOf('1')).toBeUndefined();
  });

  test('each attempt has a key of its own', () => {
    const attempts = new SaveAttempts();
    expect(attempts.begin(request('1')).key).not.toBe(attempts.begin(request('2')).key);
  });

  test('it says the same as long as its content does, whatever was read since', () => {
    const attempts = new SaveAttempts();
    const attempt = attempts.begin(request('1'));
    expect(attempts.isSame(attempt, request('1', '2024-03-01', ['1.2.3']))).toBe(true);
    expect(attempts.isSame(attempt, request('1', '2024-03-02'))).toBe(false);
  });

  test('an older attempt does not close a newer one', () => {
    const attempts = new SaveAttempts();
    const first = attempts.begin(request('1'));
    const second = attempts.begin(request('1', 'x'));
    attempts.close(first);
    expect(attempts.openOf('1')).toBe(second);
  });
});
