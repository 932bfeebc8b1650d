import { api } from "./api.ts";
import { safeReturnPath } from "./return-path.ts";

/**
 * Starts the GitHub sign-in and leaves the page. Throws ApiError when the server refuses.
 * https://www.better-auth.com/docs/concepts/oauth
 */
export async function signInWithGitHub(returnPath: string): Promise<void> {
  const answer = await api<{ url: string; redirect: boolean }>("POST", "/api/auth/sign-in/social", {
    provider: "github",
    callbackURL: safeReturnPath(returnPath),
    errorCallbackURL: "/sign-in",
  });
  window.location.assign(answer.url);
}

/** Ends the session and leaves for the sign-in page, which also drops everything cached in this tab. */
export async function signOut(): Promise<void> {
  await api<unknown>("POST", "/api/auth/sign-out", {});
  window.location.assign("/sign-in");
}
