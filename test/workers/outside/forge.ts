import { createHash } from "node:crypto";
import { fromBase64, toBase64 } from "../../../worker/base64.ts";
import * as z from "zod";
import { filesOf, RepositoryState, type PullState } from "../../fakes/forge/repository-state.ts";
import { gitBlobId } from "../../../domain/hash.ts";
import { PortError } from "../../../worker/ports/errors.ts";
import type { OutsideLedger } from "./ledger.ts";

/** Files of the one repository, whoever owns it. */
const baseFiles = filesOf({
  "package.json": JSON.stringify({ name: "one", scripts: { test: "check" } }),
  "README.md": "# One\n",
});

const blobBody = z.object({ content: z.string(), encoding: z.literal("base64") });
/** GitHub signs a commit of the App only without author and committer. */
const commitBody = z.strictObject({ message: z.string(), tree: z.string(), parents: z.array(z.string()) });
const refBody = z.object({ ref: z.string(), sha: z.string() });
const pullBody = z.object({ head: z.string(), base: z.string(), title: z.string(), body: z.string() });
const pullChangeBody = z.union([
  z.strictObject({ state: z.enum(["open", "closed"]) }),
  z.strictObject({ body: z.string() }),
]);
const tokenBody = z.object({ repository_ids: z.array(z.number()).optional(), repositories: z.never().optional() });

/** Status and conclusion of a workflow run. */
export const ciSchema = z.object({
  status: z.string().default("completed"),
  conclusion: z.string().nullable().default("success"),
});

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
}

/**
 * As much of GitHub's API as a run uses, for any installation: `org-<installation>` owns one repository, whose id is the installation's.
 * Writes are kept and counted; each commit gets an id of its own. https://docs.github.com/en/rest
 */
export class FakeForge {
  /** The state of the only workflow run of every commit. */
  ci = ciSchema.parse({});
  readonly #repositories = new Map<string, RepositoryState>();
  /** The text of each pull request as it was written last, by its owner and number. */
  readonly #bodies = new Map<string, string>();

  ledger(): Pick<OutsideLedger, "commits" | "branches" | "pulls"> {
    const all = [...this.#repositories];
    return {
      commits: all.flatMap(([owner, { commits }]) =>
        [...commits].map(([sha, { message }]) => ({ owner, sha, message })),
      ),
      branches: all.flatMap(([owner, { branches }]) => [...branches].map(([name, sha]) => ({ owner, name, sha }))),
      pulls: all.flatMap(([owner, { pulls }]) =>
        pulls.map(({ headBranch, headCommit, number }) => ({
          ...{ owner, number, branch: headBranch, sha: headCommit },
          body: this.#bodies.get(`${owner}#${number}`) ?? "",
        })),
      ),
    };
  }

  reset(): void {
    this.ci = ciSchema.parse({});
    this.#repositories.clear();
    this.#bodies.clear();
  }

  async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const minted = /^\/app\/installations\/(\d+)\/access_tokens$/u.exec(url.pathname);
    if (minted !== null) {
      const installation = minted[1] ?? "";
      const ids = tokenBody.parse(await request.json()).repository_ids;
      if (ids?.some((id) => String(id) !== installation) === true)
        return json({ message: "A repository is not accessible to the parent installation." }, 422);
      const token = { token: `ghs_${installation}`, expires_at: "2030-01-01T00:00:00Z" };
      return json(ids === undefined ? token : { ...token, repositories: [repository(`org-${installation}`)] }, 201);
    }
    if (url.pathname === "/installation/repositories") {
      const installation = /ghs_(\d+)/u.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
      return json({ total_count: 1, repositories: [repository(`org-${installation}`)] });
    }
    const [, owner = "", rest = ""] = /^\/repos\/(org-\d+)\/one(.*)$/u.exec(decodeURIComponent(url.pathname)) ?? [];
    if (owner === "") return json({ message: "Not Found" }, 404);
    if (request.method === "GET") return this.#read(owner, rest, url.searchParams);
    if (request.method === "DELETE") return this.#deleteBranch(owner, rest);
    return this.#write(owner, rest, await request.json());
  }

  #state(owner: string): RepositoryState {
    let state = this.#repositories.get(owner);
    if (state === undefined) {
      // Each repository has a base of its own, so that no commit of one passes for another's.
      state = new RepositoryState(baseFiles, createHash("sha1").update(owner).digest("hex"));
      this.#repositories.set(owner, state);
    }
    return state;
  }

  #read(owner: string, rest: string, query: URLSearchParams): Response {
    const state = this.#state(owner);
    if (rest === "") return json(repository(owner));
    if (rest.startsWith("/git/ref/")) return reference(state, rest.slice("/git/ref/heads/".length));
    if (rest.startsWith("/git/commits/")) return commitAnswer(state, rest.slice("/git/commits/".length));
    if (rest.startsWith("/git/matching-refs/")) return json([]);
    if (rest.startsWith("/git/trees/")) return json({ sha: "e".repeat(40), truncated: false, tree: treeAnswer(state) });
    if (rest.startsWith("/git/blobs/"))
      return new Response(Uint8Array.from(state.blob(rest.slice("/git/blobs/".length))));
    if (rest.startsWith("/tarball/")) return new Response(state.tarball());
    if (rest.startsWith("/contents/")) return content(state, rest.slice("/contents/".length));
    if (rest === "/pulls") {
      const branch = (query.get("head") ?? "").split(":")[1];
      return json(state.pulls.filter(({ headBranch }) => headBranch === branch).map((pull) => pullAnswer(owner, pull)));
    }
    if (/^\/pulls\/\d+$/u.test(rest)) {
      const pull = state.pulls[Number(rest.slice("/pulls/".length)) - 1];
      return pull === undefined ? json({ message: "Not Found" }, 404) : json(pullAnswer(owner, pull));
    }
    if (rest === "/actions/runs") {
      const run = { id: 7, name: "test", head_sha: query.get("head_sha") ?? "", html_url: "http://github.test/runs/7" };
      return json({ total_count: 1, workflow_runs: [{ ...run, ...this.ci }] });
    }
    if (/^\/commits\/[0-9a-f]{40}\/check-runs$/u.test(rest)) return json({ total_count: 0, check_runs: [] });
    if (/^\/commits\/[0-9a-f]{40}\/status$/u.test(rest))
      return json({ sha: rest.split("/")[2], state: "pending", total_count: 0, statuses: [] });
    if (rest.startsWith("/branches/")) return json({ protection: { enabled: false } });
    if (rest.startsWith("/rules/branches/")) return json([]);
    return json({ message: "Not Found" }, 404);
  }

  #deleteBranch(owner: string, rest: string): Response {
    const isGone = !this.#state(owner).branches.delete(rest.slice("/git/refs/heads/".length));
    return isGone ? json({ message: "Reference does not exist" }, 422) : new Response(null, { status: 204 });
  }

  #write(owner: string, rest: string, body: unknown): Response {
    const state = this.#state(owner);
    if (rest === "/git/blobs") return json({ sha: gitBlobId(blobBytes(blobBody.parse(body).content)) }, 201);
    if (rest === "/git/trees") return json({ sha: state.idOf(body) }, 201);
    if (rest === "/git/commits") {
      const sha = state.nextCommitId();
      state.commits.set(sha, { ...commitBody.parse(body), authorName: "lime[bot]" });
      return json({ sha }, 201);
    }
    if (rest === "/git/refs") {
      const { ref, sha } = refBody.parse(body);
      const name = ref.replace("refs/heads/", "");
      if (state.branches.has(name)) return json({ message: "Reference already exists" }, 422);
      state.createBranch(name, sha);
      return json({ ref, object: { type: "commit", sha } }, 201);
    }
    if (rest === "/pulls") {
      const { base, body: text, head, title } = pullBody.parse(body);
      if (state.pulls.some(({ headBranch }) => headBranch === head))
        return json(
          { message: "Validation Failed", errors: [{ message: "A pull request already exists for it." }] },
          422,
        );
      const pull = state.openPull({ headBranch: head, baseBranch: base, title });
      this.#bodies.set(`${owner}#${pull.number}`, text);
      return json(pullAnswer(owner, pull), 201);
    }
    if (/^\/pulls\/\d+$/u.test(rest)) {
      const number = Number(rest.slice("/pulls/".length));
      const change = pullChangeBody.parse(body);
      if ("state" in change) return json(pullAnswer(owner, state.setPull(number, change.state)));
      this.#bodies.set(`${owner}#${number}`, change.body);
      const pull = state.pulls[number - 1];
      return pull === undefined ? json({ message: "Not Found" }, 404) : json(pullAnswer(owner, pull));
    }
    const merged = /^\/pulls\/(\d+)\/merge$/u.exec(rest)?.[1];
    if (merged !== undefined) return json(pullAnswer(owner, state.setPull(Number(merged), "closed", true)));
    return json({ message: "Not Found" }, 404);
  }
}

function commitAnswer(state: RepositoryState, sha: string): Response {
  const base = { tree: "e".repeat(40), parents: [], message: "Base" };
  const commit = sha === state.baseCommit ? base : state.commits.get(sha);
  if (commit === undefined) return json({ message: "Not Found" }, 404);
  const { message, parents, tree } = commit;
  return json({ sha, message, tree: { sha: tree }, parents: parents.map((parent) => ({ sha: parent })) });
}

function reference(state: RepositoryState, branch: string): Response {
  const sha = branch === "main" ? state.baseCommit : state.branches.get(branch);
  if (sha === undefined) return json({ message: "Not Found" }, 404);
  return json({ ref: `refs/heads/${branch}`, object: { type: "commit", sha } });
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

function treeAnswer({ tree }: RepositoryState): readonly unknown[] {
  return tree.map(({ blob, sizeBytes, ...entry }) => ({ ...entry, sha: blob, size: sizeBytes }));
}

function content(state: RepositoryState, path: string): Response {
  try {
    const bytes = state.file(path);
    const size = bytes.length;
    return json({ type: "file", size, sha: gitBlobId(bytes), encoding: "base64", content: toBase64(bytes) });
  } catch (error) {
    if (error instanceof PortError) return json({ message: "Not Found" }, 404);
    throw error;
  }
}

function pullAnswer(owner: string, { headBranch, headCommit, isMerged, number, state }: PullState): unknown {
  const repo = { id: Number(owner.slice("org-".length)) };
  return {
    number,
    html_url: `http://github.test/${owner}/one/pull/${number}`,
    state,
    merged_at: isMerged === true ? "2026-11-05T10:00:00Z" : null,
    head: { ref: headBranch, sha: headCommit, repo },
    base: { ref: "main", repo },
  };
}

function blobBytes(base64: string): Uint8Array {
  const bytes = fromBase64(base64);
  if (bytes === undefined) throw new Error("a blob came in no base64");
  return bytes;
}
