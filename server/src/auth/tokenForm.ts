/**
 * What a token must look like before anything of it is believed: a signed JSON Web Token (RFC 7515, RFC 7519) of moderate size, whose
 * header names no key of its own and no extension, and whose JSON says each thing once.
 * @module
 */

/** Why a token is not accepted; for the reader's administrator, nothing of the token. */
export type TokenProblem =
  | 'form'
  | 'algorithm'
  | 'type'
  | 'key'
  | 'signature'
  | 'issuer'
  | 'audience'
  | 'expired'
  | 'not-yet-valid'
  | 'claims';

/** A token that is not accepted. */
export class TokenRefusal extends Error {
  readonly problem: TokenProblem;

  constructor(problem: TokenProblem) {
    super(`the token is refused: ${problem}`);
    this.problem = problem;
  }
}

/** Characters of a token: Node reads headers of 16 KiB in all. */
const MAX_CHARACTERS = 12_288;
/** RFC 6750 2.1, with the three parts of a signed token; a fourth one would be of an encrypted token. */
const BEARER = /^Bearer +([\w-]+)\.([\w-]+)\.([\w-]+)$/i;
/** Parameters of the header by which a token would choose its own key (RFC 7515 4.1), or what its bytes mean (4.1.11, RFC 7797, RFC 7516). */
const FORBIDDEN_PARAMETERS = ['jku', 'jwk', 'x5u', 'x5c', 'crit', 'b64', 'zip', 'enc', 'cty'] as const;
/** Types of tokens that open an API (RFC 9068 2.1, RFC 7519 5.1), in lower case; others are for logging out, proofs of possession, events. */
const TYPES: readonly string[] = ['jwt', 'at+jwt', 'application/at+jwt', 'application/jwt'];
const MAX_KEY_ID_CHARACTERS = 256;

/** Strings, signs and the rest of JSON, one at a time. */
const JSON_TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;

/**
 * Whether an object of a JSON text, at any depth, has a key twice. Parsers differ in which one counts: the PACS might read another user
 * than this server (RFC 8259 4).
 */
function hasRepeatedKey(json: string): boolean {
  const objects: (Set<string> | undefined)[] = [];
  let last = '';
  for (const [token] of json.matchAll(JSON_TOKEN)) {
    if (token === '{') objects.push(new Set());
    else if (token === '[') objects.push(undefined);
    else if (token === '}' || token === ']') objects.pop();
    else if (token === ':') {
      const keys = objects.at(-1);
      const key: unknown = JSON.parse(last);
      if (keys?.has(String(key)) === true) return true;
      keys?.add(String(key));
    }
    last = token;
  }
  return false;
}

/** A part of a token as a JSON object. @throws TokenRefusal */
function decoded(part: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url'));
    value = JSON.parse(text);
    if (hasRepeatedKey(text)) throw new TokenRefusal('form');
  } catch {
    throw new TokenRefusal('form');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TokenRefusal('form');
  return value as Readonly<Record<string, unknown>>;
}

function checkHeader(header: Readonly<Record<string, unknown>>, algorithms: readonly string[]): void {
  const { alg, typ, kid } = header;
  if (typeof alg !== 'string' || !algorithms.includes(alg)) throw new TokenRefusal('algorithm');
  if (FORBIDDEN_PARAMETERS.some((name) => Object.hasOwn(header, name))) throw new TokenRefusal('form');
  if (typ !== undefined && (typeof typ !== 'string' || !TYPES.includes(typ.toLowerCase())))
    throw new TokenRefusal('type');
  const isKeyId = typeof kid === 'string' && kid.length <= MAX_KEY_ID_CHARACTERS;
  if (kid !== undefined && !isKeyId) throw new TokenRefusal('key');
}

/**
 * The token of an Authorization header, in the form that may be verified.
 * @throws TokenRefusal
 */
export function tokenIn(authorization: string, algorithms: readonly string[]): string {
  if (authorization.length > MAX_CHARACTERS) throw new TokenRefusal('form');
  const [, header, payload, signature] = BEARER.exec(authorization) ?? [];
  if (header === undefined || payload === undefined || signature === undefined)
    throw new TokenRefusal('form');
  checkHeader(decoded(header), algorithms);
  decoded(payload);
  return [header, payload, signature].join('.');
}
