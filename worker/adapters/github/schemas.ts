import * as z from "zod";
import type { PullFile } from "../../../contracts/review.ts";
import type {
  ForgeCommit,
  ForgePullDetails,
  ForgePullRequest,
  ForgeRepository,
  ForgeTreeEntry,
  ForgeWorkflowRun,
} from "../../ports/forge.ts";
import { forgeError } from "./errors.ts";

/** Parses what the forge answered; an answer of another shape (a proxy's page, a cut body) is a transient `server_error`. */
export function parseAnswer<T extends z.ZodType>(schema: T, data: unknown, what: string): z.output<T> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw forgeError(
    "transient",
    "server_error",
    `${what}: the answer has another shape (${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""})`,
  );
}

const id = z.union([z.number(), z.bigint()]).transform(String);
export const objectIdSchema = z.string().regex(/^[0-9a-f]{40}$/u);

/** https://docs.github.com/en/rest/repos/repos#get-a-repository */
export const repositorySchema = z
  .object({
    id,
    name: z.string(),
    owner: z.object({ login: z.string() }),
    default_branch: z.string(),
    private: z.boolean(),
    description: z.string().nullish(),
    language: z.string().nullish(),
  })
  .transform((raw): ForgeRepository => ({
    externalId: raw.id,
    owner: raw.owner.login,
    name: raw.name,
    defaultBranch: raw.default_branch,
    isPrivate: raw.private,
    description: raw.description ?? null,
    primaryLanguage: raw.language ?? null,
  }));

/** A repository's id with today's owner and name. */
export const repositoryIdentitySchema = z
  .object({ id, name: z.string(), owner: z.object({ login: z.string() }) })
  .transform((raw) => ({ externalId: raw.id, owner: raw.owner.login, name: raw.name }));

/** https://docs.github.com/en/rest/git/refs#get-a-reference */
export const refSchema = z.object({ ref: z.string(), object: z.object({ type: z.string(), sha: objectIdSchema }) });

/** https://docs.github.com/en/rest/git/trees#get-a-tree */
export const treeSchema = z.object({
  sha: objectIdSchema,
  truncated: z.boolean().optional(),
  tree: z.array(
    z
      .object({
        path: z.string(),
        mode: z.string(),
        type: z.enum(["blob", "tree", "commit"]),
        sha: objectIdSchema,
        size: z.number().optional(),
      })
      .transform((raw): ForgeTreeEntry => ({
        path: raw.path,
        mode: raw.mode,
        type: raw.type,
        blob: raw.sha,
        sizeBytes: raw.size,
      })),
  ),
});

/** A git object of which only the id matters: blob, tree or commit just made. */
export const madeObjectSchema = z.object({ sha: objectIdSchema });

/** https://docs.github.com/en/rest/git/commits#get-a-commit-object */
export const commitSchema = z
  .object({
    tree: z.object({ sha: objectIdSchema }),
    parents: z.array(z.object({ sha: objectIdSchema })),
    message: z.string(),
    author: z.object({ name: z.string() }).nullish(),
  })
  .transform((raw): ForgeCommit => ({
    tree: raw.tree.sha,
    parents: raw.parents.map(({ sha }) => sha),
    message: raw.message,
    authorName: raw.author?.name ?? "",
  }));

/** https://docs.github.com/en/rest/repos/contents#get-repository-content, of a file with the object media type. */
export const contentSchema = z.object({
  type: z.string(),
  size: z.number().optional(),
  sha: objectIdSchema,
  encoding: z.string().optional(),
  content: z.string().optional(),
});

/** https://docs.github.com/en/rest/pulls/pulls, also as an element of a list, which has `merged_at` alone. */
export const pullRequestSchema = z
  .object({
    number: z.int(),
    html_url: z.string(),
    state: z.enum(["open", "closed"]),
    merged_at: z.string().nullish(),
    head: z.object({ ref: z.string(), sha: objectIdSchema, repo: z.object({ id }).nullish() }),
    base: z.object({ ref: z.string(), repo: z.object({ id }) }),
  })
  .transform((raw) => ({
    isFromFork: raw.head.repo?.id !== raw.base.repo.id,
    baseRepositoryId: raw.base.repo.id,
    pullRequest: {
      number: raw.number,
      url: raw.html_url,
      state: raw.state,
      merged: typeof raw.merged_at === "string",
      headBranch: raw.head.ref,
      headCommit: raw.head.sha,
      baseBranch: raw.base.ref,
    } satisfies ForgePullRequest,
  }));

/** https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request, with the fields that a reviewer reads. A deleted account is a ghost. */
export const pullDetailsSchema = pullRequestSchema.in
  .extend({
    title: z.string(),
    body: z.string().nullish(),
    user: z.object({ login: z.string() }).nullish(),
    base: z.object({ ref: z.string(), sha: objectIdSchema, repo: z.object({ id }) }),
  })
  .transform((raw): ForgePullDetails => ({
    number: raw.number,
    url: raw.html_url,
    state: raw.state,
    merged: typeof raw.merged_at === "string",
    headBranch: raw.head.ref,
    headCommit: raw.head.sha,
    baseBranch: raw.base.ref,
    baseCommit: raw.base.sha,
    title: raw.title,
    body: raw.body ?? "",
    author: raw.user?.login ?? "ghost",
  }));

/** The same, as it stands now: `mergeable` is null until GitHub has found out. */
export const pullNowSchema = pullRequestSchema.in.extend({ mergeable: z.boolean().nullish() });

/** https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files. A copy is an added file, a mode change a modified one. */
export const pullFileSchema = z
  .object({
    filename: z.string(),
    previous_filename: z.string().optional(),
    status: z.string(),
    additions: z.int(),
    deletions: z.int(),
    patch: z.string().optional(),
  })
  .transform((raw): PullFile => ({
    path: raw.filename,
    previousPath: raw.status === "renamed" ? (raw.previous_filename ?? null) : null,
    status:
      raw.status === "removed" || raw.status === "renamed"
        ? raw.status
        : raw.status === "added" || raw.status === "copied"
          ? "added"
          : "modified",
    additions: raw.additions,
    deletions: raw.deletions,
    patch: raw.patch ?? null,
  }));

/** https://docs.github.com/en/rest/pulls/reviews. A pending one has no commit of its own yet. */
export const reviewSchema = z
  .object({
    id,
    body: z.string().nullish(),
    commit_id: z.string().nullish(),
    html_url: z.string(),
    user: z.object({ type: z.string() }).nullish(),
  })
  .transform((raw) => ({
    isByApp: raw.user?.type === "Bot",
    commit: raw.commit_id ?? null,
    body: raw.body ?? "",
    review: { id: raw.id, url: raw.html_url },
  }));

/** https://docs.github.com/en/rest/actions/workflow-runs. `requested`, `waiting` and `pending` have not begun either: `queued`. */
const runStatusSchema = z
  .string()
  .transform((status): ForgeWorkflowRun["status"] =>
    status === "completed" || status === "in_progress" ? status : "queued",
  );

export const workflowRunSchema = z
  .object({
    id,
    name: z.string().nullish(),
    head_sha: objectIdSchema,
    head_branch: z.string().nullish(),
    status: runStatusSchema.nullish(),
    conclusion: z.string().nullish(),
    html_url: z.string(),
  })
  .transform((raw) => ({
    headBranch: raw.head_branch ?? null,
    workflowRun: {
      id: raw.id,
      name: raw.name ?? "",
      headCommit: raw.head_sha,
      status: raw.status ?? "queued",
      conclusion: raw.conclusion ?? null,
      url: raw.html_url,
    } satisfies ForgeWorkflowRun,
  }));

/** https://docs.github.com/en/rest/checks/runs */
export const checkRunSchema = z
  .object({
    id,
    name: z.string(),
    head_sha: objectIdSchema,
    status: runStatusSchema,
    conclusion: z.string().nullish(),
    html_url: z.string().nullish(),
  })
  .transform((raw) => ({
    id: raw.id,
    name: raw.name,
    headCommit: raw.head_sha,
    status: raw.status,
    conclusion: raw.conclusion ?? null,
    url: raw.html_url ?? null,
  }));

/** https://docs.github.com/en/rest/actions/workflow-jobs */
export const jobSchema = z.object({ id, name: z.string(), status: z.string(), conclusion: z.string().nullish() });
