/** The login of OHIF. */
export interface UserAuthenticationService {
  getAuthorizationHeader(): Readonly<Record<string, unknown>> | undefined | null;
  /** Who has logged in by OpenID Connect, as oidc-client-ts has them. */
  getUser?(): { readonly profile?: Readonly<Record<string, unknown>> } | undefined | null;
}
