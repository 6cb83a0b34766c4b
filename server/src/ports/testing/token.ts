/** Stand-ins for tests of the application and of what calls it; nothing of the product imports them. @module */

/** An Authorization header with a JSON Web Token without a real signature. */
export function tokenOf(claims: Readonly<Record<string, unknown>>): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `Bearer ${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}.c2lnbmF0dXJl`;
}
