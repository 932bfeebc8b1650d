import * as z from "zod";
import type { Auth } from "./auth.ts";

/** The reachable paths of the identity library. All else that it brings (tokens to the browser, profile changes, ...) is not. */
const reachable = new Set(["POST /sign-in/social", "GET /callback/github", "POST /sign-out"]);

const signInSchema = z.object({
  provider: z.literal("github"),
  callbackURL: z.string().max(2000).optional(),
  errorCallbackURL: z.string().max(2000).optional(),
});

function notFound(): Response {
  return Response.json({ message: "There is nothing at this address." }, { status: 404 });
}

/** The sign-in request with nothing but the fields that are ours: a caller can't widen the OAuth scopes. */
async function narrowSignIn(request: Request): Promise<Request | undefined> {
  const body = signInSchema.safeParse(await request.json().catch(() => undefined));
  if (!body.success) return undefined;
  const headers = new Headers(request.headers);
  headers.delete("content-length");
  return new Request(request.url, { method: "POST", headers, body: JSON.stringify(body.data) });
}

/** Answers a request under `/api/auth/`. `load` gives the identity library, loaded when first needed. */
export async function handleAuthRequest(load: () => Promise<Auth>, request: Request): Promise<Response> {
  const path = new URL(request.url).pathname.replace(/^\/api\/auth/, "");
  const operation = `${request.method} ${path}`;
  if (!reachable.has(operation)) return notFound();
  let passed: Request | undefined = request;
  if (operation === "POST /sign-in/social") passed = await narrowSignIn(request);
  if (passed === undefined) {
    return Response.json({ message: 'Send {"provider": "github", "callbackURL": "..."} as JSON.' }, { status: 400 });
  }
  const auth = await load();
  return auth.handler(passed);
}
