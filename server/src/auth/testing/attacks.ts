/** Tokens that must not be accepted. Nothing of the product imports this file. */
import { createHmac } from 'node:crypto';
import { exportSPKI, importJWK } from 'jose';
import { claimsOf, forged, ISSUER, newKey, NOW_S, sign } from './provider.ts';
import type { ProviderKey } from './provider.ts';

/** The key that the provider publishes, and one that it does not. */
interface AttackKeys {
  readonly key: ProviderKey;
  readonly otherKey: ProviderKey;
}

/** Both keys. */
export async function attackKeys(): Promise<AttackKeys> {
  const [key, otherKey] = await Promise.all([newKey('key-1'), newKey('key-2')]);
  return { key, otherKey };
}

type Attack = readonly [string, (keys: AttackKeys) => Promise<string> | string, number, string];

const hmacOfPublicKey = async ({ key }: AttackKeys): Promise<string> => {
  const publicKey = (await importJWK(key.jwk, 'RS256')) as ProviderKey['privateKey'];
  const pem = await exportSPKI(publicKey);
  const unsigned = forged({ alg: 'HS256', typ: 'JWT', kid: key.kid }, claimsOf())
    .split('.')
    .slice(0, 2)
    .join('.');
  return `${unsigned}.${createHmac('sha256', pem).update(unsigned).digest('base64url')}`;
};

/** Signed by the right key, with a payload that is written as text. */
const signedText = async ({ key }: AttackKeys, payload: string): Promise<string> => {
  const unsigned = forged({ alg: 'RS256', typ: 'JWT', kid: key.kid }, payload)
    .split('.')
    .slice(0, 2)
    .join('.');
  const data = new TextEncoder().encode(unsigned);
  const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', key.privateKey, data);
  return `${unsigned}.${Buffer.from(signature).toString('base64url')}`;
};

const text = JSON.stringify(claimsOf());
const header = { alg: 'RS256', typ: 'JWT', kid: 'key-1' };

/** What is sent, and how it is answered: status and problem. */
export const ATTACKS: readonly Attack[] = [
  ['alg none', () => forged({ alg: 'none' }, claimsOf(), 'x'), 401, 'algorithm'],
  ['alg none without a signature', () => forged({ alg: 'none' }, claimsOf(), ''), 401, 'form'],
  ['alg nOnE', () => forged({ alg: 'nOnE', kid: 'key-1' }, claimsOf()), 401, 'algorithm'],
  ['HS256 with the public key as the secret', hmacOfPublicKey, 401, 'algorithm'],
  ['an algorithm that is not configured', async () => sign(await newKey('key-1', 'PS256')), 401, 'algorithm'],
  ['an elliptic curve in the place of RSA', async () => sign(await newKey('key-1', 'ES256')), 401, 'key'],
  ['no algorithm', () => forged({ typ: 'JWT' }, claimsOf()), 401, 'algorithm'],
  ['a made-up signature', () => forged(header, claimsOf()), 401, 'signature'],
  ['the signature of another key', ({ otherKey }) => sign({ ...otherKey, kid: 'key-1' }), 401, 'signature'],
  [
    'claims of somebody else under a signature',
    async ({ key }) => {
      const [head, , signature] = (await sign(key)).split('.');
      return [
        head,
        Buffer.from(JSON.stringify(claimsOf({ sub: 'bob' }))).toString('base64url'),
        signature,
      ].join('.');
    },
    401,
    'signature',
  ],
  [
    'another issuer',
    ({ key }) => sign(key, claimsOf({ iss: 'https://idp.attacker.example' })),
    401,
    'issuer',
  ],
  ['another tenant of the provider', ({ key }) => sign(key, claimsOf({ iss: `${ISSUER}-2` })), 401, 'issuer'],
  ['the issuer with a slash more', ({ key }) => sign(key, claimsOf({ iss: `${ISSUER}/` })), 401, 'issuer'],
  ['no issuer', ({ key }) => sign(key, claimsOf({ iss: undefined })), 401, 'issuer'],
  ['another audience', ({ key }) => sign(key, claimsOf({ aud: 'ohif' })), 401, 'audience'],
  ['no audience', ({ key }) => sign(key, claimsOf({ aud: undefined })), 401, 'audience'],
  [
    'an audience that is an object',
    ({ key }) => sign(key, claimsOf({ aud: { samepoint: true } })),
    401,
    'audience',
  ],
  ['an expired token', ({ key }) => sign(key, claimsOf({ exp: NOW_S - 31 })), 401, 'expired'],
  ['no expiry', ({ key }) => sign(key, claimsOf({ exp: undefined })), 401, 'claims'],
  ['an expiry in words', ({ key }) => sign(key, claimsOf({ exp: 'never' })), 401, 'claims'],
  ['a token of tomorrow', ({ key }) => sign(key, claimsOf({ nbf: NOW_S + 31 })), 401, 'not-yet-valid'],
  [
    'a token that is issued in the future',
    ({ key }) => sign(key, claimsOf({ iat: NOW_S + 31 })),
    401,
    'not-yet-valid',
  ],
  ['no time of issue', ({ key }) => sign(key, claimsOf({ iat: undefined })), 401, 'claims'],
  ['no subject', ({ key }) => sign(key, claimsOf({ sub: undefined })), 401, 'claims'],
  ['an unknown key', ({ key }) => sign(key, claimsOf(), { kid: 'key-9' }), 401, 'key'],
  ['a key id that climbs', ({ key }) => sign(key, claimsOf(), { kid: '../../../../dev/null' }), 401, 'key'],
  [
    'a key id that queries a database',
    ({ key }) => sign(key, claimsOf(), { kid: "x' UNION SELECT 'a" }),
    401,
    'key',
  ],
  ['a huge key id', () => forged({ ...header, kid: 'k'.repeat(1_000) }, claimsOf()), 401, 'key'],
  ['a key id that is no text', () => forged({ ...header, kid: { $ne: '' } }, claimsOf()), 401, 'key'],
  ['jku', ({ key }) => sign(key, claimsOf(), { jku: 'https://attacker.example/keys' }), 401, 'form'],
  ['x5u', ({ key }) => sign(key, claimsOf(), { x5u: 'https://attacker.example/cert' }), 401, 'form'],
  ['x5c', () => forged({ ...header, x5c: ['MIIB'] }, claimsOf()), 401, 'form'],
  [
    'a key of its own (jwk)',
    ({ otherKey }) => sign(otherKey, claimsOf(), { kid: 'key-1', jwk: otherKey.jwk }),
    401,
    'form',
  ],
  ['crit', () => forged({ ...header, crit: ['exp'] }, claimsOf()), 401, 'form'],
  ['b64', () => forged({ ...header, b64: false, crit: ['b64'] }, claimsOf()), 401, 'form'],
  ['a claim twice', (keys) => signedText(keys, text.replace('{', '{"sub":"bob",')), 401, 'form'],
  [
    'a claim twice, once escaped',
    (keys) => signedText(keys, text.replace('{', String.raw`{"su\u0062":"bob",`)),
    401,
    'form',
  ],
  [
    'a parameter of the header twice',
    () => forged('{"alg":"none","alg":"RS256","kid":"key-1"}', claimsOf()),
    401,
    'form',
  ],
  ['a huge token', ({ key }) => sign(key, claimsOf({ remark: 'x'.repeat(10_000) })), 401, 'form'],
  ['a token in a token', () => forged({ ...header, cty: 'JWT' }, 'eyJhbGciOiJub25lIn0.e30.'), 401, 'form'],
  ['an encrypted token', () => 'eyJhbGciOiJSU0EtT0FFUCJ9.a.b.c.d', 401, 'form'],
  ['a payload that is a list', (keys) => signedText(keys, '[]'), 401, 'form'],
  ['a payload that is no JSON', (keys) => signedText(keys, '{"sub":'), 401, 'form'],
  ['an empty token', () => '..', 401, 'form'],
  ['a token for logging out', ({ key }) => sign(key, claimsOf(), { typ: 'logout+jwt' }), 401, 'type'],
  ['a proof of possession', ({ key }) => sign(key, claimsOf(), { typ: 'dpop+jwt' }), 401, 'type'],
  ['a type that is no text', () => forged({ ...header, typ: ['JWT'] }, claimsOf()), 401, 'type'],
  ['no roles', ({ key }) => sign(key, claimsOf({ roles: undefined })), 403, 'reader'],
  ['other roles', ({ key }) => sign(key, claimsOf({ roles: ['radiologist'] })), 403, 'reader'],
  [
    'roles as an object',
    ({ key }) => sign(key, claimsOf({ roles: { 'samepoint-reader': true } })),
    403,
    'reader',
  ],
  ['roles in a list', ({ key }) => sign(key, claimsOf({ roles: [['samepoint-reader']] })), 403, 'reader'],
  ['roles as true', ({ key }) => sign(key, claimsOf({ roles: true })), 403, 'reader'],
  [
    'a role with another letter',
    ({ key }) => sign(key, claimsOf({ roles: ['Samepoint-Reader'] })),
    403,
    'reader',
  ],
  [
    'the role in another claim',
    ({ key }) => sign(key, claimsOf({ roles: [], groups: ['samepoint-reader'] })),
    403,
    'reader',
  ],
  [
    'an administrator who reads',
    ({ key }) => sign(key, claimsOf({ roles: ['samepoint-admin'] })),
    403,
    'reader',
  ],
];
