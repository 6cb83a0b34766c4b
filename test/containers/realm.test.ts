/**
 * Logins of the containers without Keycloak, which Debian does not have: a certified provider with the client, the audience, the roles and the life
 * of tokens of keycloak-realm.json, before a server with the settings for logins of its server.json.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AUDIENCE, CLIENT_ID, startIdentityProvider } from '../support/identityProvider.ts';
import type { IdentityProvider } from '../support/identityProvider.ts';
import { ROOT } from '../support/paths.ts';
import { startSamepoint } from '../support/samepointServer.ts';
import type { SamepointServer } from '../support/samepointServer.ts';

const REALM = z.object({
  accessTokenLifespan: z.number(),
  clients: z.tuple([
    z.object({
      clientId: z.string(),
      publicClient: z.literal(true),
      attributes: z.object({ 'pkce.code.challenge.method': z.literal('S256') }),
      protocolMappers: z.tuple([z.object({ config: z.object({ 'included.custom.audience': z.string() }) })]),
    }),
  ]),
});
const SERVER = z.object({ auth: z.object({ oidc: z.looseObject({ rolesClaim: z.string() }) }) });

async function read(name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(ROOT, 'config/container', name), 'utf8'));
}

describe('logins of the containers', () => {
  let provider: IdentityProvider;
  let server: SamepointServer;
  beforeAll(async () => {
    const realm = REALM.parse(await read('keycloak-realm.json'));
    const [client] = realm.clients;
    expect([client.clientId, client.protocolMappers[0].config['included.custom.audience']]).toEqual([
      CLIENT_ID,
      AUDIENCE,
    ]);
    provider = await startIdentityProvider({ tokenLifeS: realm.accessTokenLifespan });
    const { oidc } = SERVER.parse(await read('server.json')).auth;
    server = await startSamepoint({
      dicomweb: { root: 'http://127.0.0.1:9/dicom-web' },
      auth: { oidc: { ...oidc, issuer: provider.issuer } },
    });
  });
  afterAll(async () => {
    await server.stop();
    await provider.stop();
  });

  async function statusOf(method: string, path: string, token?: string): Promise<number> {
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const { status } = await server.api.request(method, path, method === 'POST' ? {} : undefined, headers);
    return status;
  }

  it('open the server to the roles of the realm, and to no other', async () => {
    const { access_token: reader } = await provider.login('reader');
    const { access_token: saver } = await provider.login('saver');
    const { access_token: visitor } = await provider.login('visitor');
    expect(await statusOf('GET', '/models', reader)).toBe(200);
    expect(await statusOf('POST', '/reports', reader)).toBe(403);
    expect(await statusOf('POST', '/reports', saver)).toBe(400);
    expect(await statusOf('GET', '/models', visitor)).toBe(403);
    expect(await statusOf('GET', '/models')).toBe(401);
  });
});
