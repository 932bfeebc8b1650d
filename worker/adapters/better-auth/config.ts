/** The settings of identity. Only compose makes one. */
export interface IdentityConfig {
  /** At least 32 characters; signs cookies and encrypts tokens. */
  readonly secret: string;
  /** Origin of the product, such as `https://lime.example.com`. Cookies are `Secure` when it is https. */
  readonly publicUrl: string;
  /** `https://github.com`, or the local forge. */
  readonly githubWebUrl: string;
  /** `https://api.github.com`, or the local forge. */
  readonly githubApiUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Logins that may sign in; empty: everybody. */
  readonly allowedLogins: readonly string[];
  /** Requests to `/api/auth` are limited by address and path. Off in tests. */
  readonly rateLimit: boolean;
  /** One structured line for the operator. */
  readonly log: (level: "info" | "warn" | "error", message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** A session ends this long after signing in, whatever happens in between. */
export const sessionSeconds = 7 * 24 * 60 * 60;

const cookiePrefix = "assembly-lime";

/** Prefix of every identity cookie, and the full name of the session's. Browsers enforce `Secure` for `__Secure-` names. */
export function cookieNames(config: Pick<IdentityConfig, "publicUrl">): {
  readonly prefix: string;
  readonly session: string;
  readonly secure: boolean;
} {
  const secure = config.publicUrl.startsWith("https://");
  return { prefix: cookiePrefix, session: `${secure ? "__Secure-" : ""}${cookiePrefix}.session_token`, secure };
}
