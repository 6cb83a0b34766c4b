import { isWellFormedUid } from '../dicom/index.ts';
import { derivedUids, newUid } from './uid.ts';

/** The UUID of a UID (PS3.5 B.2) as hexadecimal digits. */
function uuidOf(uid: string): string {
  return BigInt(uid.slice('2.25.'.length)).toString(16).padStart(32, '0');
}

describe('newUid', () => {
  it('is a UUID as a decimal number of at most 2^128 - 1', () => {
    for (let n = 0; n < 1000; n++) {
      const uid = newUid();
      expect(isWellFormedUid(uid)).toBe(true);
      expect(BigInt(uid.slice('2.25.'.length)) < 2n ** 128n).toBe(true);
    }
  });
});

describe('derivedUids', () => {
  const request = { key: 'a key', studyInstanceUid: '1.2.3', content: '[1]' };
  const all = (changes: Partial<typeof request> = {}): readonly string[] => {
    const { seriesInstanceUid, sopInstanceUid, next } = derivedUids({ ...request, ...changes });
    return [seriesInstanceUid, sopInstanceUid, next(), next()];
  };

  it('gives the same request the same UIDs, each of them once', () => {
    expect(all()).toEqual(all());
    expect(new Set(all()).size).toBe(4);
  });

  it('never changes them: a retry may meet a newer server', () => {
    expect(all()).toMatchInlineSnapshot(`
     [
       "2.25.247828133217652936693852157690361193030",
       "2.25.260153133145798000290551204113631633469",
       "2.25.269399462653429795303329819997736128491",
       "2.25.215931900315300431812290851057007180030",
     ]
    `);
  });

  it('gives another study or another key other UIDs', () => {
    for (const changes of [{ studyInstanceUid: '1.2.4' }, { key: 'another key' }])
      for (const [index, uid] of all(changes).entries()) expect(uid).not.toBe(all()[index]);
  });

  it('gives other content the series of the key, in which it finds the first report, and another instance', () => {
    const [series, instance] = all({ content: '[2]' });
    expect(series).toBe(all()[0]);
    expect(instance).not.toBe(all()[1]);
  });

  it('lets the content stand for itself without a key', () => {
    const keyless = (content: string): readonly string[] => {
      const { seriesInstanceUid, sopInstanceUid } = derivedUids({ studyInstanceUid: '1.2.3', content });
      return [seriesInstanceUid, sopInstanceUid];
    };
    expect(keyless('[1]')).toEqual(keyless('[1]'));
    for (const [index, uid] of keyless('[2]').entries()) expect(uid).not.toBe(keyless('[1]')[index]);
  });

  it('makes UUIDs of version 8 (RFC 9562 5.8), so that they meet no random one', () => {
    for (let n = 0; n < 200; n += 1) {
      const { sopInstanceUid } = derivedUids({ ...request, key: String(n) });
      expect(isWellFormedUid(sopInstanceUid)).toBe(true);
      expect(uuidOf(sopInstanceUid)).toMatch(/^.{12}8.{3}[89ab].{15}$/u);
    }
  });
});
