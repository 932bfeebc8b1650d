import * as z from "zod";

/** The address of the tests' GitHub, and the app's credentials there. */
export const fakeGitHub = {
  web: "http://github.test",
  api: "http://api.github.test",
  clientId: "client",
  clientSecret: "client-secret",
} as const;

/** The code that the consent page sends back for a person: it names the person and the challenge of the request. */
export const codeSchema = z.object({ login: z.string(), challenge: z.string() });

/** The `code` of a callback. */
export function makeCode(code: z.infer<typeof codeSchema>): string {
  return btoa(JSON.stringify(code)).replaceAll("+", "-").replaceAll("/", "_");
}
