import { send } from "./api.ts";
import { safeReturnPath } from "./return-path.ts";

/** The sign-in library's own routes, which are in no document of ours. */
async function postAuth(path: "sign-in/social" | "sign-out", body: object): Promise<unknown> {
  const headers = { accept: "application/json", "content-type": "application/json" };
  const request = new Request(`/api/auth/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  const answer: unknown = await (await send(request)).json();
  return answer;
}

/**
 * Starts the GitHub sign-in and leaves the page. Throws ApiError when the server refuses.
 * https://www.better-auth.com/docs/concepts/oauth
 */
export async function signInWithGitHub(returnPath: string): Promise<void> {
  const answer = await postAuth("sign-in/social", {
    provider: "github",
    callbackURL: safeReturnPath(returnPath),
    errorCallbackURL: "/sign-in",
  });
  if (typeof answer !== "object" || answer === null || !("url" in answer) || typeof answer.url !== "string")
    throw new Error("The server named no page to sign in at.");
  window.location.assign(answer.url);
}

/** Ends the session and leaves for the sign-in page, which also drops everything cached in this tab. */
export async function signOut(): Promise<void> {
  await postAuth("sign-out", {});
  window.location.assign("/sign-in");
}
