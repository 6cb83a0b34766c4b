import { hashCredentials, ownerOf, shareOf, shareOwners } from './credentials.ts';
import { subjectOf } from './subject.ts';
import { tokenOf } from '../ports/testing/index.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('subjectOf', () => {
  it('reads subject and issuer of a token, and the user of Basic authentication', () => {
    expect(subjectOf({ authorization: tokenOf({ sub: 'dr.müller', iss: 'https://idp' }) })).toEqual({
      id: 'dr.müller',
      issuer: 'https://idp',
    });
    expect(subjectOf({ authorization: tokenOf({ sub: '7' }) })).toEqual({ id: '7' });
    expect(subjectOf({ authorization: `Basic ${base64('meyer:pass:word')}` })).toEqual({ id: 'meyer' });
  });

  it.each([
    ['no credentials', undefined],
    ['an opaque token', 'Bearer 1234'],
    ['a token without subject', tokenOf({ iss: 'https://idp' })],
    ['a subject that is no text', tokenOf({ sub: { toString: 'x' } })],
    ['an empty subject', tokenOf({ sub: '' })],
    ['an endless subject', tokenOf({ sub: 'x'.repeat(1000) })],
    ['a payload that is no object', `Bearer a.${base64('null')}.c`],
    ['a payload that is no JSON', 'Bearer a.b.c'],
    ['a token without signature', tokenOf({ sub: '7' }).split('.').slice(0, 2).join('.')],
    ['Basic without a user', `Basic ${base64(':secret')}`],
  ])('finds none in %s', (_name, authorization) => {
    expect(subjectOf({ authorization })).toBeUndefined();
  });
});

describe('the hash of credentials', () => {
  it('distinguishes callers and discloses nothing', () => {
    const alice = hashCredentials({ authorization: 'Bearer alice' });
    expect(alice).toBe(hashCredentials({ authorization: 'Bearer alice' }));
    expect(alice).not.toBe(hashCredentials({ authorization: 'Bearer bob' }));
    expect(alice).not.toContain('alice');
  });
});

describe('the owner of a job', () => {
  it('is the same in servers that share a secret, and in no other one', () => {
    const authorization = tokenOf({ iss: 'https://idp', sub: 'alice' });
    const owners = ['one secret', 'one secret', 'another secret'].map((secret) => {
      shareOwners(secret);
      return ownerOf({ authorization });
    });
    expect(owners[1]).toEqual(owners[0]);
    const different = (['credentials', 'subject', 'share'] as const).filter(
      (part) => owners[2]?.[part] !== owners[0]?.[part],
    );
    expect(different).toEqual(['credentials', 'subject', 'share']);
  });
});

describe('the share of a caller', () => {
  it('is that of the user, whatever the token, and of the address where there are no credentials', () => {
    const [old, renewed] = [tokenOf({ sub: '7', exp: 1 }), tokenOf({ sub: '7', exp: 2 })];
    expect(shareOf({ authorization: old, address: '10.0.0.1' })).toBe(
      shareOf({ authorization: renewed, address: '10.0.0.2' }),
    );
    expect(shareOf({ authorization: 'Bearer opaque' })).toBe(shareOf({ authorization: 'Bearer opaque' }));
    expect(shareOf({ address: '10.0.0.1' })).not.toBe(shareOf({ address: '10.0.0.2' }));
    expect(shareOf({ authorization: tokenOf({ sub: '7', iss: 'a' }) })).not.toBe(
      shareOf({ authorization: tokenOf({ sub: '7', iss: 'b' }) }),
    );
  });
});
