/** A person as the product knows them. */
export interface IdentityUser {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly avatarUrl: string | null;
}

/** A valid session. `membership` is the active tenant with the person's role in it, as stored; null for one who belongs to none. */
export interface IdentitySession {
  readonly sessionId: number;
  readonly expiresAtMs: number;
  readonly user: IdentityUser;
  readonly membership: { readonly tenantId: number; readonly role: string } | null;
}

/** An installation of the GitHub App, as its account's people see it. */
export interface IdentityInstallation {
  readonly installationId: string;
  readonly accountLogin: string;
}

/** Identifies the person of a request. Sign-in is the forge's OAuth web flow. */
export interface IdentityPort {
  /** Answers `/api/auth/*`: starting a sign-in, its callback, signing out. Anything else there is 404. */
  handler(request: Request): Promise<Response>;
  /** The token of a request's session cookie, or undefined when there is none or its signature is not ours. No query. */
  sessionToken(headers: Headers): Promise<string | undefined>;
  /** The session of a request's cookie, or undefined when there is none, it is forged, expired or signed out. One query. */
  getSession(headers: Headers): Promise<IdentitySession | undefined>;
  /**
   * The installations that the person can see, asked of the forge with the person's own token. PortError (forge):
   * `unauthorized` when the forge does not accept the token any more, `server_error`, `timeout`, `rate_limited`.
   */
  listInstallations(userId: number): Promise<readonly IdentityInstallation[]>;
}
