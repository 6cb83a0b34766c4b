import fc from 'fast-check';
import { createSeal } from './sealing.ts';

const SECRET = 'a secret of thirty-two characters';
const seal = createSeal(SECRET);

describe('sealing', () => {
  it('gives back any value of JSON, in its context and with its secret only', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), fc.string(), (value, context, other) => {
        const sealed = seal.close(value, context);
        expect(seal.open(sealed, context)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(createSeal(`${SECRET}.`).open(sealed, context)).toBeUndefined();
        if (other !== context) expect(seal.open(sealed, other)).toBeUndefined();
      }),
    );
  });

  it('opens nothing that was changed at any byte, or that is something else', () => {
    const bytes = Buffer.from(seal.close({ authorization: 'Bearer x' }, 'job'), 'base64url');
    for (const [index, byte] of bytes.entries()) {
      const changed = Buffer.from(bytes);
      changed[index] = byte ^ 1;
      expect(seal.open(changed.toString('base64url'), 'job')).toBeUndefined();
    }
    for (const sealed of ['', 'AAAA', undefined, 7, {}]) expect(seal.open(sealed, 'job')).toBeUndefined();
  });

  it('never gives the same text twice: equal requests are not known from it', () => {
    const made = Array.from({ length: 100 }, () => seal.close('same', 'job'));
    expect(new Set(made).size).toBe(made.length);
  });
});
