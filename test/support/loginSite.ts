/**
 * A place of work where readers log in: stock OHIF with its own `oidc` settings, a real OpenID provider, the companion server that
 * verifies tokens, and the patient of the demo.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyPatient } from './demo.ts';
import type { DemoTruth } from './demo.ts';
import { AUDIENCE, CLIENT_ID, RESOURCE, startIdentityProvider } from './identityProvider.ts';
import type { IdentityProvider } from './identityProvider.ts';
import { freePort } from './orthanc.ts';
import { ROOT, viewerFolder } from './paths.ts';
import { startSamepoint } from './samepointServer.ts';
import type { SamepointServer } from './samepointServer.ts';

/** Voxels four times as large as those of the full phantom: analysed in a second. */
const COARSENESS = 4;

/** A place of work that runs. */
export interface LoginSite {
  readonly url: string;
  readonly provider: IdentityProvider;
  readonly server: SamepointServer;
  readonly truth: DemoTruth;
  stop(): Promise<void>;
}

/** How the site is opened. */
export interface LoginSiteOptions {
  /** Version of OHIF. */
  readonly version: string;
  /** Life of an access token, s. */
  readonly tokenLifeS: number;
  /** Time before its end at which the viewer renews a token, s. */
  readonly renewBeforeS: number;
}

/** The settings of stock OHIF for the code flow; the rest is oidc-client-ts' own. */
function oidcSettings(authority: string, renewBeforeS: number): object {
  return {
    authority,
    client_id: CLIENT_ID,
    redirect_uri: '/callback',
    post_logout_redirect_uri: '/',
    response_type: 'code',
    scope: 'openid read',
    resource: RESOURCE,
    automaticSilentRenew: true,
    // The provider refuses to revoke signed access tokens (unsupported_token_type, RFC 7009 2.2.1), which would stop the logout in OHIF; the end
    // of the session ends the refresh token as well.
    revokeAccessTokenOnSignout: false,
    accessTokenExpiringNotificationTimeInSeconds: renewBeforeS,
  };
}

/** The app-config of the demo, with the login. */
async function appConfig(folder: string, settings: object): Promise<string> {
  const text = await readFile(join(ROOT, 'config/app-config.demo.js'), 'utf8');
  const file = join(folder, 'app-config.js');
  await writeFile(
    file,
    text.replace('window.config = {', `window.config = {\n  oidc: ${JSON.stringify([settings])},`),
  );
  return file;
}

/** Starts provider and server on free ports. */
export async function openLoginSite(options: LoginSiteOptions): Promise<LoginSite> {
  const { version, tokenLifeS, renewBeforeS } = options;
  const { folder, truth } = await copyPatient('login-site', COARSENESS);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const provider = await startIdentityProvider({ viewer: url, tokenLifeS });
  const server = await startSamepoint({
    http: { port, requestsPerMinute: 100_000 },
    archive: { directory: join(folder, `archive-coarseness-${COARSENESS}`) },
    viewer: {
      directory: viewerFolder(version),
      appConfig: await appConfig(folder, oidcSettings(provider.issuer, renewBeforeS)),
    },
    // Provider and server have one clock here.
    auth: { oidc: { issuer: provider.issuer, audience: [AUDIENCE], clockSkewS: 0 } },
    access: { memoMs: 0 },
  });
  return {
    url,
    provider,
    server,
    truth,
    async stop() {
      await server.stop();
      await provider.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
