import { fromBase64, toBase64 } from "../../../worker/base64.ts";
import { createHash } from "node:crypto";
import * as z from "zod";
import type { OutsideLedger } from "./ledger.ts";

const text = new TextEncoder();
export const baseCommit = "c".repeat(40);
/** The one repository, whoever owns it. */
export const baseFiles: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify({ name: "one", scripts: { test: "check" } }),
  "README.md": "# One\n",
};

/** The id that git gives these bytes. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
export function blobId(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

const blobBody = z.object({ content: z.string(), encoding: z.literal("base64") });
const commitBody = z.object({ message: z.string(), tree: z.string(), parents: z.array(z.string()) });
const refBody = z.object({ ref: z.string(), sha: z.string() });
const pullBody = z.object({ head: z.string(), base: z.string(), title: z.string() });
const tokenBody = z.object({ repositories: z.array(z.string()).optional() });

/** Status and conclusion of a workflow run. */
export const ciSchema = z.object({
  status: z.string().default("completed"),
  conclusion: z.string().nullable().default("success"),
});

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
}

function digest(value: unknown): string {
  return createHash("sha1").update(JSON.stringify(value)).digest("hex");
}

/**
 * As much of GitHub's API as a run uses, for any installation: `org-<installation>` owns one repository, whose id is the installation's.
 * What is written is kept and counted; the same commit gets the same id. https://docs.github.com/en/rest
 */
export class FakeForge {
  /** How the only workflow run of every commit stands. */
  ci = ciSchema.parse({});
  #commits = new Map<string, OutsideLedger["commits"][number]>();
  #branches: OutsideLedger["branches"] = [];
  #pulls: OutsideLedger["pulls"] = [];

  ledger(): Pick<OutsideLedger, "commits" | "branches" | "pulls"> {
    return { commits: [...this.#commits.values()], branches: this.#branches, pulls: this.#pulls };
  }

  reset(): void {
    this.ci = ciSchema.parse({});
    this.#commits.clear();
    this.#branches = [];
    this.#pulls = [];
  }

  async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const minted = /^\/app\/installations\/(\d+)\/access_tokens$/u.exec(url.pathname);
    if (minted !== null) {
      tokenBody.parse(await request.json());
      return json({ token: `ghs_${minted[1] ?? ""}`, expires_at: "2030-01-01T00:00:00Z" }, 201);
    }
    if (url.pathname === "/installation/repositories") {
      const installation = /ghs_(\d+)/u.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
      return json({ total_count: 1, repositories: [repository(`org-${installation}`)] });
    }
    const [, owner = "", rest = ""] = /^\/repos\/(org-\d+)\/one(.*)$/u.exec(decodeURIComponent(url.pathname)) ?? [];
    if (owner === "") return json({ message: "Not Found" }, 404);
    return request.method === "GET"
      ? this.#read(owner, rest, url.searchParams)
      : this.#write(owner, rest, await request.json());
  }

  #read(owner: string, rest: string, query: URLSearchParams): Response {
    if (rest === "") return json(repository(owner));
    if (rest.startsWith("/git/ref/")) return this.#ref(owner, rest.slice("/git/ref/heads/".length));
    if (rest.startsWith("/git/commits/")) return json({ sha: baseCommit, tree: { sha: "e".repeat(40) } });
    if (rest.startsWith("/git/trees/")) return json({ sha: "e".repeat(40), truncated: false, tree: baseTree() });
    if (rest.startsWith("/tarball/")) return new Response(text.encode("the sandbox seeds itself"));
    if (rest.startsWith("/contents/")) return content(rest.slice("/contents/".length));
    if (rest === "/pulls") {
      const branch = (query.get("head") ?? "").split(":")[1];
      return json(this.#pulls.filter((pull) => pull.owner === owner && pull.branch === branch).map(pullAnswer));
    }
    if (rest === "/actions/runs") {
      const commit = query.get("head_sha") ?? "";
      return json({
        total_count: 1,
        workflow_runs: [
          {
            id: 7,
            name: "test",
            head_sha: commit,
            ...this.ci,
            html_url: "http://github.test/runs/7",
          },
        ],
      });
    }
    return json({ message: "Not Found" }, 404);
  }

  #ref(owner: string, branch: string): Response {
    const sha =
      branch === "main"
        ? baseCommit
        : this.#branches.find((candidate) => candidate.owner === owner && candidate.name === branch)?.sha;
    if (sha === undefined) return json({ message: "Not Found" }, 404);
    return json({ ref: `refs/heads/${branch}`, object: { type: "commit", sha } });
  }

  #write(owner: string, rest: string, body: unknown): Response {
    if (rest === "/git/blobs") return json({ sha: blobId(blobBytes(blobBody.parse(body).content)) }, 201);
    if (rest === "/git/trees") return json({ sha: digest(body) }, 201);
    if (rest === "/git/commits") {
      const { message } = commitBody.parse(body);
      const sha = digest([owner, body]);
      this.#commits.set(sha, { owner, sha, message });
      return json({ sha }, 201);
    }
    if (rest === "/git/refs") {
      const { ref, sha } = refBody.parse(body);
      const name = ref.replace("refs/heads/", "");
      if (this.#branches.some((branch) => branch.owner === owner && branch.name === name))
        return json({ message: "Reference already exists" }, 422);
      this.#branches.push({ owner, name, sha });
      return json({ ref, object: { type: "commit", sha } }, 201);
    }
    if (rest === "/pulls") {
      const { head } = pullBody.parse(body);
      if (this.#pulls.some((pull) => pull.owner === owner && pull.branch === head))
        return json(
          { message: "Validation Failed", errors: [{ message: "A pull request already exists for it." }] },
          422,
        );
      const sha = this.#branches.find((branch) => branch.owner === owner && branch.name === head)?.sha ?? "";
      const pull = { owner, number: this.#pulls.length + 1, branch: head, sha };
      this.#pulls.push(pull);
      return json(pullAnswer(pull), 201);
    }
    return json({ message: "Not Found" }, 404);
  }
}

function repository(owner: string): unknown {
  return {
    id: Number(owner.slice("org-".length)),
    name: "one",
    owner: { login: owner },
    default_branch: "main",
    private: true,
    description: null,
    language: "TypeScript",
  };
}

function baseTree(): readonly unknown[] {
  return Object.entries(baseFiles).map(([path, file]) => {
    const bytes = text.encode(file);
    return { path, mode: "100644", type: "blob", sha: blobId(bytes), size: bytes.length };
  });
}

function content(path: string): Response {
  const found = baseFiles[path];
  if (found === undefined) return json({ message: "Not Found" }, 404);
  const bytes = text.encode(found);
  return json({
    type: "file",
    size: bytes.length,
    sha: blobId(bytes),
    encoding: "base64",
    content: toBase64(bytes),
  });
}

function pullAnswer({ branch, number, owner, sha }: OutsideLedger["pulls"][number]): unknown {
  const repo = { id: Number(owner.slice("org-".length)) };
  return {
    number,
    html_url: `http://github.test/${owner}/one/pull/${number}`,
    state: "open",
    merged_at: null,
    head: { ref: branch, sha, repo },
    base: { ref: "main", repo },
  };
}

function blobBytes(base64: string): Uint8Array {
  const bytes = fromBase64(base64);
  if (bytes === undefined) throw new Error("a blob came in no base64");
  return bytes;
}
