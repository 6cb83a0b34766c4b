/** What a caller may do: read (match, list), save reports, administrate (metrics). */
export type Role = 'reader' | 'saver' | 'admin';

/** The names that the identity provider uses for roles. */
export interface RoleNames {
  /** Path of the claim, such as `realm_access.roles`. */
  readonly rolesClaim: string;
  readonly readerRoles: readonly string[];
  readonly saverRoles: readonly string[];
  readonly adminRoles: readonly string[];
}

/** The value at a path of own properties; a claim cannot reach what every object inherits. */
function claimAt(claims: unknown, path: readonly string[]): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return claims;
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return undefined;
  return Object.hasOwn(claims, first) ? claimAt((claims as Record<string, unknown>)[first], rest) : undefined;
}

/** A list of texts, or a text of words as `scope` is (RFC 6749 3.3); whatever else it is, it names no role. */
function namesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.split(' ');
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) return [];
  return value;
}

/** The roles that the claims of a verified token name. Who may save may read; who administrates may do neither by that. */
export function rolesOf(claims: object, names: RoleNames): ReadonlySet<Role> {
  const { rolesClaim, readerRoles, saverRoles, adminRoles } = names;
  // A claim whose name holds dots is looked for by its whole name, too: some providers use URLs.
  const direct = claimAt(claims, [rolesClaim]);
  const named = new Set(namesIn(direct ?? claimAt(claims, rolesClaim.split('.'))));
  const has = (wanted: readonly string[]): boolean => wanted.some((name) => named.has(name));
  const roles = new Set<Role>();
  if (has(saverRoles)) roles.add('saver').add('reader');
  if (has(readerRoles)) roles.add('reader');
  if (has(adminRoles)) roles.add('admin');
  return roles;
}
