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
  /** The `Set-Cookie` header with the key of a grant to open one run's socket, which counts only with this session's cookie. */
  socketGrantCookie(
    sessionToken: string,
    grant: { readonly runId: number; readonly key: string; readonly maxAgeMs: number },
  ): Promise<string>;
  /** The key of the grant that a request of this session brings for this run, or undefined. Whether it still counts, the run knows. */
  socketGrant(sessionToken: string, runId: number, headers: Headers): Promise<string | undefined>;
  /** The session of a request's cookie, or undefined when there is none, it is forged, expired or signed out. One query. */
  getSession(headers: Headers): Promise<IdentitySession | undefined>;
  /**
   * The installations that the person can see, asked of the forge with the person's own token. PortError (forge):
   * `unauthorized` when the forge does not accept the token any more, `server_error`, `timeout`, `rate_limited`.
   */
  listInstallations(userId: number): Promise<readonly IdentityInstallation[]>;
  /**
   * The forge's ids of the installation's repositories that the person can see now, asked with the person's own token: the forge
   * answers with what both the App and the person reach. PortError as above; permanent `not_found` when the person can't see the installation.
   */
  listRepositoryIds(userId: number, installationId: string): Promise<ReadonlySet<string>>;
  /**
   * The address under which the forge shows a commit as the person's without telling their own one, asked with the person's own token.
   * PortError as above.
   */
  noreplyEmail(userId: number): Promise<string>;
  /** True when the person can see the repository with this id at the forge now. PortError as above. */
  canSeeRepository(userId: number, externalId: string): Promise<boolean>;
}
