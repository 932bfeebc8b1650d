import * as z from "zod";
import type { Forge } from "../local/forge/index.ts";

const madeSchema = z.object({ sha: z.string() });
const refSchema = z.object({ object: z.object({ sha: z.string() }) });

/** A repository's branch as a person works on it, by the forge's own API. */
export interface Contributor {
  /** Commits these files on the branch, making it from `main` at first; answers the new head. */
  push(files: Readonly<Record<string, string>>): Promise<string>;
  /** Opens the pull request into `main`; answers its number. */
  open(title: string, body: string): Promise<number>;
  close(number: number): Promise<void>;
}

/** A person at the forge with a token of theirs, and a branch. */
export async function contributor(
  forge: Forge,
  { branch, login, repository }: { readonly branch: string; readonly login: string; readonly repository: string },
): Promise<Contributor> {
  const token = await forge.createUserToken(login);
  const call = async <T>(schema: z.ZodType<T>, method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${forge.apiUrl}/repos/${repository}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "user-agent": "test" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return schema.parse(await response.json());
  };
  let head: string | undefined;
  return {
    async push(files) {
      const parent = head ?? (await call(refSchema, "GET", "/git/ref/heads/main")).object.sha;
      const tree = Object.entries(files).map(([path, content]) => ({ path, mode: "100644", type: "blob", content }));
      const made = await call(madeSchema, "POST", "/git/trees", { base_tree: parent, tree });
      const commit = { message: "Change it", tree: made.sha, parents: [parent] };
      const { sha } = await call(madeSchema, "POST", "/git/commits", commit);
      await (head === undefined
        ? call(z.unknown(), "POST", "/git/refs", { ref: `refs/heads/${branch}`, sha })
        : call(z.unknown(), "PATCH", `/git/refs/heads/${branch}`, { sha }));
      head = sha;
      return sha;
    },
    async open(title, body) {
      return (await call(z.object({ number: z.int() }), "POST", "/pulls", { title, body, head: branch, base: "main" }))
        .number;
    },
    async close(number) {
      await call(z.unknown(), "PATCH", `/pulls/${number}`, { state: "closed" });
    },
  };
}
