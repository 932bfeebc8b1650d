import * as z from "zod";
import type { HttpSession } from "./http.ts";

interface Form {
  readonly method: string;
  readonly action: string;
  readonly fields: readonly { readonly name: string; readonly value: string; readonly type: string }[];
}

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`\\s${name}\\s*=\\s*"([^"]*)"`, "i").exec(tag)?.[1];
  return found
    ?.replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

/** The forms of a page, with the named inputs and buttons of each. */
function formsOf(html: string): readonly Form[] {
  return [...html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/gi)].map(([text]) => ({
    method: (attribute(text, "method") ?? "get").toUpperCase(),
    action: attribute(text, "action") ?? "",
    fields: [...text.matchAll(/<(?:input|button)\b[^>]*>/gi)].flatMap(([tag]) => {
      const name = attribute(tag, "name");
      return name === undefined
        ? []
        : [{ name, value: attribute(tag, "value") ?? "", type: (attribute(tag, "type") ?? "text").toLowerCase() }];
    }),
  }));
}

/** The form as the person `login` fills it in: hidden fields unchanged, their own name where the form offers people. */
function fill(form: Form, login: string): URLSearchParams {
  const body = new URLSearchParams();
  const choices = form.fields.filter(
    (field) => field.type === "radio" || field.type === "submit" || field.type === "button",
  );
  const offersPeople = choices.some((field) => field.value === login);
  for (const field of form.fields) {
    if (choices.includes(field)) {
      if (offersPeople ? field.value === login : field.type === "submit" && !body.has(field.name))
        body.append(field.name, field.value);
    } else if (field.type === "text") body.append(field.name, field.name === "login" ? login : field.value);
    else body.append(field.name, field.value);
  }
  return body;
}

/**
 * Signs in over the OAuth web flow, as a browser does: asks the product for the forge's address, fills in the forge's
 * pages as `login`, and comes back through the callback. The session's cookie is in the jar afterwards.
 * https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
 * @throws Error when the flow ends anywhere but at the product
 */
export async function signInWithGitHub(http: HttpSession, login: string): Promise<void> {
  const home = new URL(http.baseUrl);
  const { url: authorizeUrl } = await http.api(z.object({ url: z.url() }), "POST", "/api/auth/sign-in/social", {
    provider: "github",
    callbackURL: "/",
    errorCallbackURL: "/sign-in",
  });
  let page = await http.visit(authorizeUrl);
  for (let step = 0; step < 5; step += 1) {
    if (page.url.origin === home.origin) {
      await page.response.body?.cancel();
      if (page.response.status < 400 && page.url.searchParams.get("error") === null) return;
      throw new Error(
        `the sign-in ended at ${page.url.pathname}${page.url.search} with status ${page.response.status}`,
      );
    }
    const html = await page.response.text();
    const forms = formsOf(html);
    const form = forms.find((candidate) => candidate.fields.some((field) => field.value === login)) ?? forms[0];
    if (form === undefined)
      throw new Error(
        `the forge's page ${page.url.pathname} (status ${page.response.status}) has no form: ${html
          .replaceAll(/<[^>]*>/g, " ")
          .replaceAll(/\s+/g, " ")
          .slice(0, 300)}`,
      );
    page = await submit(http, page.url, form, fill(form, login));
  }
  throw new Error("the forge asked for more pages than a sign-in has");
}

async function submit(
  http: HttpSession,
  from: URL,
  form: Form,
  body: URLSearchParams,
): Promise<{ readonly url: URL; readonly response: Response }> {
  const target = new URL(form.action, from);
  if (form.method === "GET") {
    target.search = body.toString();
    return http.visit(target.href);
  }
  const response = await http.send("POST", target.href, {
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: body.toString(),
  });
  const location = response.headers.get("location");
  if (location === null) return { url: target, response };
  await response.body?.cancel();
  return http.visit(new URL(location, target).href);
}
