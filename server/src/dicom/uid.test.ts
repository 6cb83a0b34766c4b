import fc from 'fast-check';
import { isUid, isWellFormedUid } from './uid.ts';

describe('UIDs', () => {
  it.each(['1.2.840.10008.1.2', '2.25.329800735698586629295641978511506172918', '0.0'])(
    '%s is well-formed',
    (uid) => {
      expect([isUid(uid), isWellFormedUid(uid)]).toEqual([true, true]);
    },
  );

  it.each(['1.2.03.4', '1.2.840.00', '00.1', '7'])('%s exists in archives, and is never made', (uid) => {
    expect([isUid(uid), isWellFormedUid(uid)]).toEqual([true, false]);
  });

  it.each(['', '.', '1.', '.1', '1..2', '1.2/3', '1.2 ', '1.2\n', 'a.b', '1'.repeat(65), undefined, 12])(
    '%j is none',
    (value) => {
      expect([isUid(value), isWellFormedUid(value)]).toEqual([false, false]);
    },
  );

  it('hold nothing but digits and dots, whatever comes', () => {
    fc.assert(
      fc.property(fc.string(), (text) => !isUid(text) || /^[0-9.]+$/u.test(text)),
      { numRuns: 1000 },
    );
  });
});
