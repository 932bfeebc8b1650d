import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { betterAuth } from "better-auth/minimal";
import { createAccessControl } from "better-auth/plugins/access";
import { genericOAuth } from "better-auth/plugins/generic-oauth";
import { organization } from "better-auth/plugins/organization";
import { and, eq } from "drizzle-orm";
import { roles } from "../../../contracts/common.ts";
import type { Database } from "../../db/client.ts";
import { describeError } from "../../db/describe-error.ts";
import * as schema from "../../db/schema/tenancy.ts";
import { PortError } from "../../ports/errors.ts";
import { cookieNames, sessionSeconds, type IdentityConfig } from "./config.ts";
import { ensureTenant } from "./first-tenant.ts";
import { fetchPerson, type GitHubPerson } from "./github-user.ts";
import { reuseExistingRows } from "./reuse-existing.ts";

const access = createAccessControl({
  organization: ["update", "delete"],
  member: ["create", "update", "delete"],
  invitation: ["create", "cancel"],
});
const plain = access.newRole({});
const admin = access.newRole({
  organization: ["update"],
  member: ["create", "update", "delete"],
  invitation: ["create", "cancel"],
});
const tenantRoles = { ...Object.fromEntries(roles.map((role) => [role, plain])), admin };

/** The identity library, set up: serial ids, encrypted tokens, sessions of seven days, GitHub as the only way in. */
export function createAuth(config: IdentityConfig, db: Database) {
  const cookies = cookieNames(config);
  const allowed = new Set(config.allowedLogins.map((login) => login.toLowerCase()));
  return betterAuth({
    appName: "Assembly Lime",
    baseURL: config.publicUrl,
    basePath: "/api/auth",
    secret: config.secret,
    trustedOrigins: [config.publicUrl],
    telemetry: { enabled: false },
    database: reuseExistingRows(drizzleAdapter(db, { provider: "sqlite", schema })),
    advanced: {
      database: { generateId: "serial" },
      cookiePrefix: cookies.prefix,
      useSecureCookies: cookies.secure,
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax", secure: cookies.secure },
      ipAddress: { ipAddressHeaders: ["cf-connecting-ip"] },
    },
    rateLimit: {
      enabled: config.rateLimit,
      window: 60,
      max: 60,
      // The library's own rule for signing in, three in ten seconds, is too little for an office behind one address.
      customRules: { "/sign-in/social": { window: 60, max: 30 } },
    },
    session: { expiresIn: sessionSeconds, disableSessionRefresh: true },
    account: { encryptOAuthTokens: true, accountLinking: { enabled: true } },
    emailAndPassword: { enabled: false },
    onAPIError: { errorURL: `${config.publicUrl}/sign-in` },
    logger: {
      level: "warn",
      // Mostly sign-ins that were refused as they should be.
      log: (_level, message, ...details) => {
        const error = details.find((detail) => detail instanceof Error);
        config.log("warn", `identity: ${message}`, error === undefined ? {} : { error: describeError(error) });
      },
    },
    user: {
      validateUserInfo: async ({ user, source }) => {
        const login = source.oauth?.profile?.["login"];
        if (allowed.size > 0 && !(typeof login === "string" && allowed.has(login.toLowerCase()))) {
          return { error: "not_allowed", errorDescription: "This deployment does not let this GitHub account in." };
        }
        if (source.action !== "link-account") return;
        // A person whose first sign-in was cut between person and account, or who signs in twice at once, gets the account
        // now; another GitHub account with the same address is somebody else's.
        const [taken] = await db
          .select({ accountId: schema.account.accountId })
          .from(schema.account)
          .where(eq(schema.account.userId, Number(user.id)))
          .limit(1);
        if (taken === undefined || taken.accountId === String(source.oauth?.profile?.["id"])) return;
        return { error: "email_taken", errorDescription: "Another GitHub account signed in with this email address." };
      },
    },
    databaseHooks: {
      session: {
        create: {
          before: async (session, context) => {
            const requestId = context?.request?.headers.get("x-request-id") ?? "sign-in";
            const tenantId = await ensureTenant(db, Number(session.userId), Date.now(), requestId);
            return { data: { ...session, activeOrganizationId: tenantId === undefined ? null : String(tenantId) } };
          },
        },
      },
    },
    plugins: [
      organization({ ac: access, roles: tenantRoles, creatorRole: "admin", allowUserToCreateOrganization: false }),
      genericOAuth({
        config: [
          {
            providerId: "github",
            name: "GitHub",
            clientId: config.clientId,
            clientSecret: config.clientSecret,
            authorizationUrl: `${config.githubWebUrl}/login/oauth/authorize`,
            tokenUrl: `${config.githubWebUrl}/login/oauth/access_token`,
            scopes: ["read:user", "user:email"],
            pkce: true,
            getUserInfo: async (tokens) => {
              const person = await readPerson(config, tokens.accessToken);
              if (person === null) return null;
              const { id, login, name, email } = person;
              return {
                id,
                login,
                name,
                email,
                emailVerified: true,
                ...(person.avatarUrl === null ? {} : { image: person.avatarUrl }),
              };
            },
          },
        ],
      }),
    ],
  });
}

/** The person of a token; null, with the reason in the log, sends the browser back to the sign-in page. */
async function readPerson(config: IdentityConfig, token: string | undefined): Promise<GitHubPerson | null> {
  let reason = "the person has no verified address";
  try {
    // GitHub refuses a code or a verifier with status 200 and no token.
    if (token === undefined) throw new Error("the code was refused");
    const person = await fetchPerson(config.githubApiUrl, token);
    if (person !== null) return person;
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  config.log("warn", "identity: no user info", { reason });
  return null;
}

export type Auth = ReturnType<typeof createAuth>;

function databaseFailed(cause: unknown): never {
  throw new PortError("database", "transient", "database_failed", "The person's account can't be read", { cause });
}

/**
 * The person's GitHub user token, decrypted and refreshed when it has run out. PortError `unauthorized` (forge) when there
 * is none that GitHub would take, `database_failed` (transient) when the account can't be read.
 */
export async function getGitHubToken(auth: Auth, db: Database, userId: number): Promise<string> {
  const [account] = await db
    .select({ id: schema.account.id })
    .from(schema.account)
    .where(and(eq(schema.account.userId, userId), eq(schema.account.providerId, "github")))
    .limit(1)
    .catch(databaseFailed);
  if (account === undefined)
    throw new PortError("forge", "permanent", "unauthorized", "The person has no GitHub account");
  try {
    const body = { accountId: String(account.id), userId: String(userId) };
    const { accessToken } = await auth.api.getAccessToken({ body });
    return accessToken;
  } catch (cause) {
    // The library's own refusals have this name; all else is the database's.
    if (!(cause instanceof Error) || cause.name !== "APIError") databaseFailed(cause);
    throw new PortError("forge", "permanent", "unauthorized", "The person has no usable GitHub token", { cause });
  }
}
