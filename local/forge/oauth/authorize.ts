import { hashSecret, newSecret } from "../auth/tokens.ts";
import type { ForgeContext } from "../context.ts";
import { redirect, type Answer } from "../http/answer.ts";
import { html, page } from "../pages/html.ts";

const codeLifeMs = 10 * 60_000;

interface Request {
  readonly redirectUri: string;
  readonly state: string | undefined;
  readonly codeChallenge: string | undefined;
}

/** The reason for refusing an authorization request. It is shown to the person, and never sent to an address that isn't registered. */
class Refusal extends Error {
  override readonly name = "Refusal";
}

/**
 * GitHub's rule: the same origin as a registered callback, at or under its path. With none registered, only this
 * machine's own addresses.
 */
function isRegistered(callbackUrls: readonly string[], value: string): boolean {
  let given: URL;
  try {
    given = new URL(value);
  } catch {
    return false;
  }
  if (given.username !== "" || given.password !== "" || given.hash !== "") return false;
  if (callbackUrls.length === 0)
    return given.protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(given.hostname);
  return callbackUrls.some((callback) => {
    const known = new URL(callback);
    const path = known.pathname.replace(/\/$/, "");
    return (
      known.origin === given.origin &&
      (given.pathname === known.pathname || given.pathname === path || given.pathname.startsWith(`${path}/`))
    );
  });
}

function parse(context: ForgeContext, given: URLSearchParams): Request {
  if (given.get("client_id") !== context.app.clientId) throw new Refusal("No app is registered with this client id.");
  const redirectUri = given.get("redirect_uri") ?? context.app.callbackUrls[0] ?? "";
  if (!isRegistered(context.app.callbackUrls, redirectUri))
    throw new Refusal("The redirect_uri is not one that the app has registered.");
  const codeChallenge = given.get("code_challenge") ?? undefined;
  const method = given.get("code_challenge_method");
  if (codeChallenge !== undefined && (method !== "S256" || !/^[A-Za-z0-9_-]{43}$/.test(codeChallenge))) {
    throw new Refusal("The code_challenge must be an S256 one.");
  }
  return { redirectUri, state: given.get("state") ?? undefined, codeChallenge };
}

function refused(error: unknown): Answer {
  if (!(error instanceof Refusal)) throw error;
  return page(
    "Sign-in refused",
    html`<h1>Sign-in refused</h1>
      <p>${error.message}</p>`,
    400,
  );
}

/** The page that asks who is signing in. https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app */
export function showAuthorize(context: ForgeContext, url: URL): Answer {
  try {
    parse(context, url.searchParams);
  } catch (error) {
    return refused(error);
  }
  const kept = ["client_id", "redirect_uri", "state", "scope", "code_challenge", "code_challenge_method"];
  const hidden = kept.flatMap((name) => {
    const value = url.searchParams.get(name);
    return value === null ? [] : [html`<input type="hidden" name="${name}" value="${value}" />`];
  });
  const people = context.store.accounts.people();
  const body = html`<h1>Sign in to ${context.app.slug}</h1>
    <p>This is the local forge: choose who you are. There are no passwords.</p>
    <form method="post" action="/login/oauth/authorize">
      ${hidden}
      ${people.map(
        ({ login, name }) =>
          html`<button type="submit" name="login" value="${login}">
            Continue as ${login}${name === null ? "" : html` <span class="dim">${name}</span>`}
          </button>`,
      )}
    </form>
    ${people.length === 0 ? html`<p>No one is registered yet.</p>` : ""}`;
  return page("Sign in", body);
}

/** Issues a code for the chosen person and sends the browser back. */
export function acceptAuthorize(context: ForgeContext, form: URLSearchParams, isOwnForm: boolean): Answer {
  if (!isOwnForm) {
    return page(
      "Sign-in refused",
      html`<h1>Sign-in refused</h1>
        <p>The form was sent from another site.</p>`,
      403,
    );
  }
  let request: Request;
  try {
    request = parse(context, form);
  } catch (error) {
    return refused(error);
  }
  const person = context.store.accounts.byLogin(form.get("login") ?? "");
  if (person?.type !== "User")
    return page(
      "Sign-in refused",
      html`<h1>Sign-in refused</h1>
        <p>There is no such person.</p>`,
      400,
    );
  const code = newSecret("code");
  context.store.installations.saveCode(hashSecret(code), {
    userId: person.id,
    redirectUri: request.redirectUri,
    codeChallenge: request.codeChallenge ?? null,
    expiresAtMs: context.now() + codeLifeMs,
  });
  const target = new URL(request.redirectUri);
  target.searchParams.set("code", code);
  if (request.state !== undefined) target.searchParams.set("state", request.state);
  return redirect(302, target.href);
}
