import { z } from 'zod';

/** Signatures with a public key only: with a shared key, whoever can verify a token can make one (RFC 8725 3.1). */
const ASYMMETRIC = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
] as const;

const LOCAL = ['localhost', '127.0.0.1', '[::1]'];

function isSafe(text: string): boolean {
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || LOCAL.includes(hostname);
}

/** An address of an OpenID provider: secrets go there. */
export const providerUrl = z
  .url({ protocol: /^https?$/, error: 'must be an https:// URL', abort: true })
  .refine(isSafe, { error: 'must be https://, except on this machine' });

const names = (of: string, description: string): z.ZodType<string[]> =>
  z.array(z.string().min(1)).default([of]).meta({ description });

const oidc = z.strictObject({
  issuer: providerUrl.meta({
    description: 'Issuer of the tokens (iss), exactly as they name it. With it, every request needs a login',
  }),
  audience: z.array(z.string().min(1)).min(1).meta({
    description: 'Audiences (aud), one of which a token must name: this server, not only the viewer',
  }),
  jwksUri: providerUrl.optional().meta({
    description: "Address of the provider's keys; found by discovery where absent",
  }),
  algorithms: z
    .array(z.enum(ASYMMETRIC))
    .min(1)
    .default(['RS256', 'PS256', 'ES256'])
    .meta({ description: 'Accepted signatures, with a public key only' }),
  clockSkewS: z.int().min(0).max(300).default(30).meta({
    description: 'Difference between the clocks of the provider and of this machine that is accepted, s',
  }),
  rolesClaim: z.string().min(1).default('roles').meta({
    description: 'Claim with the roles of the user; a path such as realm_access.roles',
  }),
  readerRoles: names('samepoint-reader', 'Roles that may match points and list findings'),
  saverRoles: names('samepoint-saver', 'Roles that may save reports, and read'),
  adminRoles: names('samepoint-admin', 'Roles that may request the metrics on the port of the viewers'),
  keysCooldownS: z.int().min(1).max(3_600).default(30).meta({
    description: 'Pause between two requests for the keys, also after a failure, s',
  }),
  keysMaxAgeS: z.int().min(10).max(86_400).default(600).meta({
    description: 'Time after which the keys are requested again, s',
  }),
});

/** Who may call. */
export const auth = z.strictObject({
  oidc: oidc.optional().meta({
    description: 'OpenID Connect: without it, the token of the viewer is for the PACS only',
  }),
});
