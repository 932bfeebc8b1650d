import { parseSigned, serializeSigned } from "hono/utils/cookie";
import { cookieNames, type IdentityConfig } from "./config.ts";

type Config = Pick<IdentityConfig, "secret" | "publicUrl">;

const nameOf = (config: Config): string => cookieNames(config).session.replace("session_token", "run_socket");

/** The key that the grant of one session's one run is signed with: no other session's request and no other run's address verifies it. */
const keyOf = ({ secret }: Config, token: string, runId: number): string => `${secret}\0${runId}\0${token}`;

/**
 * The `Set-Cookie` header that gives a browser the grant to open one run's socket. It goes to that socket's address alone.
 *
 * @param token the session's token; the grant counts only together with the session's own cookie
 * @param maxAgeMs how long the browser keeps it
 */
export function writeSocketGrant(
  config: Config,
  token: string,
  { key, maxAgeMs, runId }: { readonly runId: number; readonly key: string; readonly maxAgeMs: number },
): Promise<string> {
  return serializeSigned(nameOf(config), key, keyOf(config, token, runId), {
    path: `/api/runs/${runId}/socket`,
    maxAge: Math.ceil(maxAgeMs / 1000),
    httpOnly: true,
    sameSite: "Strict",
    secure: cookieNames(config).secure,
  });
}

/** The grant's key that a request of this session brings for this run; undefined without one, or with one of another session or run. */
export async function readSocketGrant(
  config: Config,
  token: string,
  runId: number,
  headers: Headers,
): Promise<string | undefined> {
  const cookie = headers.get("cookie");
  const name = nameOf(config);
  if (cookie?.includes(`${name}=`) !== true) return undefined;
  const key = (await parseSigned(cookie, keyOf(config, token, runId), name))[name];
  return typeof key === "string" && key !== "" ? key : undefined;
}
