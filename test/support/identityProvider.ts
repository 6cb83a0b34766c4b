/** A real OpenID provider (oidc-provider, certified) on a port of this machine, and a browser's way through its login. */
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';
import type { ClientMetadata, ResourceServer } from 'oidc-provider';

/** The audience of tokens for Samepoint. */
export const AUDIENCE = 'samepoint';
/** How Samepoint is named as a resource (RFC 8707); the provider makes tokens for {@link AUDIENCE} of it. */
export const RESOURCE = 'urn:samepoint';
export const CLIENT_ID = 'ohif';
/** A client that logs itself in (RFC 6749 4.4), as a server does. */
export const SERVER_CLIENT = {
  clientId: 'samepoint-server',
  clientSecret: 'secret & of+the%server',
} as const;
const REDIRECT_URI = 'https://viewer.hospital.example/callback';
/** Redirects of one login: authorization, login, consent. */
const MAX_STEPS = 12;

/** What the token endpoint gives. */
export interface Tokens {
  readonly access_token: string;
  readonly id_token: string;
}

/** What a provider is made for. */
export interface ProviderOptions {
  /** Origin of a viewer whose pages may log in, renew and log out. */
  readonly viewer?: string;
  /** Life of an access token, s. */
  readonly tokenLifeS?: number;
}

/** A provider that runs. */
export interface IdentityProvider {
  readonly issuer: string;
  /** Users whom the directory does not know any more: their tokens are not renewed. */
  readonly disabled: Set<string>;
  /** Life of the access tokens that are given from now on, s. */
  tokenLifeS: number;
  /** Logs a user in by the code flow (RFC 6749 4.1, RFC 7636), as a viewer does. */
  login(user: string, forSamepoint?: boolean): Promise<Tokens>;
  stop(): Promise<void>;
}

/** Cookies of a browser, by name. */
class CookieJar {
  readonly #cookies = new Map<string, string>();

  keep(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const [name = '', value = ''] = pair.split('=', 2);
      this.#cookies.set(name, value);
    }
  }

  get header(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}

/** The roles of users, as a hospital's directory would say. */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  reader: ['samepoint-reader'],
  saver: ['samepoint-saver'],
  visitor: [],
};

/** The viewer: a public client of the code flow. */
function viewerClient(viewer: string | undefined): ClientMetadata {
  return {
    client_id: CLIENT_ID,
    redirect_uris: [REDIRECT_URI, ...(viewer === undefined ? [] : [`${viewer}/callback`])],
    post_logout_redirect_uris: viewer === undefined ? [] : [`${viewer}/`],
    token_endpoint_auth_method: 'none',
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token'],
  };
}

/** A server: a confidential client that logs itself in. */
function serverClient(): ClientMetadata {
  return {
    client_id: SERVER_CLIENT.clientId,
    client_secret: SERVER_CLIENT.clientSecret,
    token_endpoint_auth_method: 'client_secret_basic',
    redirect_uris: [],
    response_types: [],
    grant_types: ['client_credentials'],
  };
}

/** Tokens for Samepoint are signed JSON Web Tokens. */
const SAMEPOINT: ResourceServer = {
  scope: 'read',
  audience: AUDIENCE,
  accessTokenFormat: 'jwt',
  jwt: { sign: { alg: 'RS256' } },
};

async function createProvider(
  issuer: string,
  viewer: string | undefined,
  { disabled, tokenLifeS }: { readonly disabled: ReadonlySet<string>; readonly tokenLifeS: () => number },
): Promise<Provider> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const signingKey = { ...(await exportJWK(privateKey)), kid: 'first', alg: 'RS256', use: 'sig' };
  const provider = new Provider(issuer, {
    clients: [viewerClient(viewer), serverClient()],
    // The pages of the viewer request tokens from another origin.
    clientBasedCORS: () => true,
    issueRefreshToken: () => true,
    jwks: { keys: [signingKey] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    findAccount: (_context, id) =>
      disabled.has(id) ? undefined : { accountId: id, claims: () => ({ sub: id }) },
    extraTokenClaims: (_context, token) => {
      const roles = 'accountId' in token ? (ROLES[token.accountId] ?? []) : [];
      // Keycloak has its roles in the second.
      return { roles, realm_access: { roles } };
    },
    ttl: {
      AccessToken: tokenLifeS,
      AuthorizationCode: 60,
      Grant: 300,
      IdToken: 300,
      Interaction: 300,
      RefreshToken: 300,
      Session: 300,
    },
    features: {
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => SAMEPOINT,
        // oidc-client-ts names the resource when it logs in, and not when it renews.
        useGrantedResource: () => true,
      },
      revocation: { enabled: true },
    },
  });
  // OHIF returns to the page on which the reader has logged out, as Keycloak's "+" allows.
  provider.Client.prototype.postLogoutRedirectUriAllowed = (uri) => new URL(uri).origin === viewer;
  return provider;
}

/** Goes on until the provider sends the browser back to the viewer. */
async function authorize(start: URL, user: string): Promise<string> {
  const jar = new CookieJar();
  let [url, form]: [URL, URLSearchParams | undefined] = [start, undefined];
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const response: Response = await fetch(url, {
      method: form === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { Cookie: jar.header },
      ...(form === undefined ? {} : { body: form }),
    });
    jar.keep(response);
    const location = response.headers.get('location');
    const page = await response.text();
    form = undefined;
    if (location !== null) {
      url = new URL(location, url);
      if (url.href.startsWith(REDIRECT_URI)) return url.searchParams.get('code') ?? '';
    } else {
      const prompt = /name="prompt" value="(\w+)"/u.exec(page)?.[1];
      if (prompt === undefined)
        throw new Error(`the provider answers ${response.status}: ${page.slice(0, 500)}`);
      form = new URLSearchParams({ prompt, login: user, password: 'any' });
    }
  }
  throw new Error('the login does not end');
}

async function login(issuer: string, user: string, forSamepoint: boolean): Promise<Tokens> {
  const verifier = randomBytes(32).toString('base64url');
  const resource = forSamepoint ? { resource: RESOURCE } : {};
  const start = new URL(`${issuer}/auth`);
  start.search = new URLSearchParams({
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: forSamepoint ? 'openid read' : 'openid',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...resource,
  }).toString();
  const code = await authorize(start, user);
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: CLIENT_ID,
      redirect_uri: REDIRECT_URI,
      code,
      code_verifier: verifier,
      ...resource,
    }),
  });
  if (!response.ok)
    throw new Error(`the token endpoint answers ${response.status}: ${await response.text()}`);
  return (await response.json()) as Tokens;
}

/** Starts a provider on a free port. */
export async function startIdentityProvider(options: ProviderOptions = {}): Promise<IdentityProvider> {
  const server: Server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const disabled = new Set<string>();
  const { viewer, tokenLifeS = 300 } = options;
  const started: IdentityProvider = {
    ...{ issuer, disabled, tokenLifeS },
    login: (user, forSamepoint = true) => login(issuer, user, forSamepoint),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const tokenLifeNow = (): number => started.tokenLifeS;
  const provider = await createProvider(issuer, viewer, { disabled, tokenLifeS: tokenLifeNow });
  const answer = provider.callback();
  server.on('request', (request, response) => {
    void answer(request, response);
  });
  return started;
}
