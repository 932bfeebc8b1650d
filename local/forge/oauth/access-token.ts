import { createHash, timingSafeEqual } from "node:crypto";
import { hashSecret, mintUserToken } from "../auth/tokens.ts";
import type { ForgeContext } from "../context.ts";
import { bytes, json, type Answer } from "../http/answer.ts";
import { ApiError } from "../http/errors.ts";
import { Fields } from "../http/request.ts";

const noStore = { "cache-control": "no-store" };

function sameSecret(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(one), "utf8"), Buffer.from(hashSecret(other), "utf8"));
}

function parameters(contentType: string, body: Buffer): (name: string) => string | undefined {
  if (/^application\/json\b/i.test(contentType)) {
    const fields = Fields.parse(body);
    return (name) => fields.text(name);
  }
  const form = new URLSearchParams(body.toString("utf8"));
  return (name) => form.get(name) ?? undefined;
}

function basic(header: string | undefined): [string, string] | undefined {
  const encoded = /^basic\s+(\S+)$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, "base64").toString("utf8");
  const colon = pair.indexOf(":");
  return [decodeURIComponent(pair.slice(0, colon)), decodeURIComponent(pair.slice(colon + 1))];
}

/**
 * Exchanges a code for a person's token. Like GitHub, a refusal is 200 with `error`; the answer is JSON when asked for,
 * else form-encoded. A code is used up by any attempt.
 * https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors
 */
export function exchangeCode(
  context: ForgeContext,
  request: {
    readonly contentType: string;
    readonly accept: string;
    readonly authorization: string | undefined;
    readonly body: Buffer;
  },
): Answer {
  const answer = (values: Record<string, string>): Answer =>
    /\bjson\b/.test(request.accept)
      ? json<Record<string, string>>(200, values, noStore)
      : bytes(
          200,
          Buffer.from(new URLSearchParams(values).toString(), "utf8"),
          "application/x-www-form-urlencoded; charset=utf-8",
          noStore,
        );
  const refuse = (error: string, description: string): Answer =>
    answer({
      error,
      error_description: description,
      error_uri:
        "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/",
    });
  const read = parameters(request.contentType, request.body);
  const [headerId, headerSecret] = basic(request.authorization) ?? [];
  const clientId = read("client_id") ?? headerId;
  if (clientId !== context.app.clientId) throw new ApiError(404, "Not Found");
  const taken = context.store.installations.takeCode(hashSecret(read("code") ?? ""));
  if (!sameSecret(read("client_secret") ?? headerSecret ?? "", context.app.clientSecret)) {
    return refuse("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.");
  }
  const bad = (): Answer => refuse("bad_verification_code", "The code passed is incorrect or expired.");
  if (taken === undefined || taken.expiresAtMs <= context.now()) return bad();
  const redirectUri = read("redirect_uri");
  if (redirectUri !== undefined && redirectUri !== taken.redirectUri) {
    return refuse(
      "redirect_uri_mismatch",
      "The redirect_uri MUST match the registered callback URL for this application.",
    );
  }
  if (taken.codeChallenge !== null) {
    const challenge = createHash("sha256")
      .update(read("code_verifier") ?? "", "utf8")
      .digest("base64url");
    if (!sameSecret(challenge, taken.codeChallenge)) return bad();
  }
  // Apps have no scopes: a token has the installation's permissions.
  return answer({ access_token: mintUserToken(context, taken.userId), token_type: "bearer", scope: "" });
}
