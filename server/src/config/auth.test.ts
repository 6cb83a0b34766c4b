import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configLeaves, loadConfig } from './index.ts';
import type { Config, ConfigSources } from './index.ts';

const PACS = { dicomweb: { root: 'https://pacs.hospital.example/dicom-web' } };
const OIDC = { issuer: 'https://idp.hospital.example/realms/r', audience: ['samepoint'] };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samepoint-auth-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(oidc: object | undefined, more: ConfigSources = {}): Promise<Config> {
  const file = join(folder, 'server.json');
  await writeFile(file, JSON.stringify({ ...PACS, ...(oidc && { auth: { oidc } }) }));
  return await loadConfig({ file, ...more });
}

describe('auth.oidc', () => {
  it('is off by default', async () => {
    expect((await load(undefined)).auth.oidc).toBeUndefined();
  });

  it('has defaults: public keys only, little skew, roles of its own', async () => {
    const { oidc } = (await load(OIDC)).auth;
    expect(oidc).toMatchObject({
      ...OIDC,
      algorithms: ['RS256', 'PS256', 'ES256'],
      clockSkewS: 30,
      readerRoles: ['samepoint-reader'],
    });
  });

  it('has its keys from variables, beside those of the file', async () => {
    const env = { SAMEPOINT_AUTH_OIDC_AUDIENCE: 'one,two', SAMEPOINT_AUTH_OIDC_CLOCK_SKEW_S: '5' };
    const { oidc } = (await load(OIDC, { env })).auth;
    expect(oidc).toMatchObject({ issuer: OIDC.issuer, audience: ['one', 'two'], clockSkewS: 5 });
    const named = configLeaves.find(({ key }) => key === 'auth.oidc.clockSkewS');
    expect(named?.variable).toBe('SAMEPOINT_AUTH_OIDC_CLOCK_SKEW_S');
  });

  it.each([
    ['no audience', { audience: [] }],
    ['a shared secret', { algorithms: ['HS256'] }],
    ['none', { algorithms: ['none'] }],
    ['an issuer without TLS', { issuer: 'http://idp.hospital.example' }],
    ['keys without TLS', { jwksUri: 'http://idp.hospital.example/keys' }],
    ['a clock that may be hours off', { clockSkewS: 3_600 }],
    ['a misspelt key', { audiences: ['samepoint'] }],
  ])('refuses %s', async (_what, changes) => {
    await expect(load({ ...OIDC, ...changes })).rejects.toMatchObject({ code: 'config/invalid' });
  });
});
