import * as z from "zod";
import type { ForgeCheck, ForgeRequiredCheck, RepositoryRef } from "../../ports/forge.ts";
import { PortError } from "../../ports/errors.ts";
import type { ForgeOctokit } from "./client.ts";
import { collectPages, perPage } from "./pages.ts";
import { names } from "./queries.ts";
import { checkRunSchema, objectIdSchema, parseAnswer, workflowRunSchema } from "./schemas.ts";

/** GitHub's own app, whose check runs are the jobs of workflow runs. */
const actionsSlug = "github-actions";

const id = z.union([z.number(), z.bigint()]).transform(String);

/** https://docs.github.com/en/rest/actions/workflow-runs. `waiting`: a person has to let its deployment through. */
const workflowCheckSchema = workflowRunSchema.in
  .extend({
    status: z.string().nullish(),
    workflow_id: id.nullish(),
    event: z.string().nullish(),
    run_number: z.int().nullish(),
  })
  .transform((raw) => ({
    check: {
      ...{ checkId: raw.id, source: "workflow_run", name: raw.name ?? "", appId: null, commit: raw.head_sha },
      ...(raw.status === "waiting"
        ? { status: "completed", conclusion: "action_required" }
        : { status: statusOf(raw.status), conclusion: raw.conclusion ?? null }),
      ...{ url: raw.html_url, isSuperseded: false },
    } satisfies ForgeCheck as ForgeCheck,
    // The same workflow on the same commit for another reason is another check.
    key: raw.workflow_id == null ? raw.id : `${raw.workflow_id} ${raw.event ?? ""}`,
    order: raw.run_number ?? 0,
  }));
const workflowPageSchema = z.object({ workflow_runs: z.array(workflowCheckSchema) });

/** https://docs.github.com/en/rest/checks/runs */
const checkRunPageSchema = z.object({
  check_runs: z.array(
    checkRunSchema.in
      .extend({
        status: z.string(),
        details_url: z.string().nullish(),
        app: z.object({ id, slug: z.string().nullish() }).nullish(),
      })
      .transform((raw) => {
        const isJob = raw.app?.slug === actionsSlug;
        const source = isJob ? "job" : "check_run";
        return {
          check: {
            ...{ checkId: `${source}:${raw.id}`, source, name: raw.name, appId: raw.app?.id ?? null },
            ...{ commit: raw.head_sha, status: statusOf(raw.status), conclusion: raw.conclusion ?? null },
            ...{ url: raw.html_url ?? raw.details_url ?? null, isSuperseded: false },
          } satisfies ForgeCheck,
          // Several workflows may have a job of one name, and each of them counts.
          key: isJob ? raw.id : `${raw.app?.id ?? ""} ${raw.name}`,
          order: Number(raw.id),
        };
      }),
  ),
});

/** https://docs.github.com/en/rest/commits/statuses#get-the-combined-status-for-a-specific-reference: the newest of each context. */
const statusPageSchema = z.object({
  sha: objectIdSchema,
  statuses: z.array(z.object({ context: z.string(), state: z.string(), target_url: z.string().nullish() })),
});

const protectedBranchSchema = z.object({
  protection: z
    .object({
      required_status_checks: z
        .object({
          enforcement_level: z.string().nullish(),
          contexts: z.array(z.string()).default([]),
          checks: z.array(z.object({ context: z.string(), app_id: z.number().nullish() })).default([]),
        })
        .nullish(),
    })
    .nullish(),
});
const rulesSchema = z.array(
  z.object({
    type: z.string(),
    parameters: z
      .object({
        required_status_checks: z
          .array(z.object({ context: z.string(), integration_id: z.number().nullish() }))
          .optional(),
      })
      .nullish(),
  }),
);

/** Every check on a commit: workflow runs, other apps' check runs with the workflows' jobs, and commit statuses. */
export async function fetchChecks(
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  commit: string,
): Promise<readonly ForgeCheck[]> {
  const workflows = await collectPages("list workflow runs", async (page) => {
    const response = await octokit.request("GET /repos/{owner}/{repo}/actions/runs", {
      ...{ ...names(repository), head_sha: commit, per_page: perPage, page },
    });
    const answer = parseAnswer(workflowPageSchema, response.data, "list workflow runs");
    return { items: answer.workflow_runs, link: response.headers.link };
  });
  const checkRuns = await collectPages("list check runs", async (page) => {
    const response = await octokit.request("GET /repos/{owner}/{repo}/commits/{ref}/check-runs", {
      ...{ ...names(repository), ref: commit, filter: "latest", per_page: perPage, page },
    });
    const answer = parseAnswer(checkRunPageSchema, response.data, "list check runs");
    return { items: answer.check_runs, link: response.headers.link };
  });
  return [...newest(workflows), ...newest(checkRuns), ...(await fetchStatuses(octokit, repository, commit))];
}

async function fetchStatuses(
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  commit: string,
): Promise<readonly ForgeCheck[]> {
  const what = "list commit statuses";
  return collectPages(what, async (page) => {
    const response = await octokit.request("GET /repos/{owner}/{repo}/commits/{ref}/status", {
      ...{ ...names(repository), ref: commit, per_page: perPage, page },
    });
    const answer = parseAnswer(statusPageSchema, response.data, what);
    const items = answer.statuses.map(({ context, state, target_url }): ForgeCheck => ({
      ...{ checkId: `status:${context}`, source: "status", name: context, appId: null, commit: answer.sha },
      ...(state === "pending"
        ? { status: "in_progress", conclusion: null }
        : { status: "completed", conclusion: state === "success" ? "success" : "failure" }),
      ...{ url: target_url ?? null, isSuperseded: false },
    }));
    return { items, link: response.headers.link };
  });
}

/**
 * The checks that a branch demands, by its protection (https://docs.github.com/en/rest/branches/branches#get-a-branch) and by
 * rulesets (https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch). A plan without rulesets answers 403: it has none.
 */
export async function fetchRequiredChecks(
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  branch: string,
): Promise<readonly ForgeRequiredCheck[]> {
  const { data } = await octokit.request("GET /repos/{owner}/{repo}/branches/{branch}", {
    ...{ ...names(repository), branch },
  });
  const { protection } = parseAnswer(protectedBranchSchema, data, "read a branch's protection");
  const demanded = protection?.required_status_checks;
  const isOn = demanded != null && demanded.enforcement_level !== "off";
  const byProtection = !isOn
    ? []
    : demanded.checks.length > 0
      ? demanded.checks.map(({ app_id, context }) => required(context, app_id))
      : demanded.contexts.map((context) => required(context, null));
  const byRules = await fetchRules(octokit, repository, branch);
  const all = [...byProtection, ...byRules];
  return all.filter(
    ({ appId, name }, index) => all.findIndex((other) => other.name === name && other.appId === appId) === index,
  );
}

async function fetchRules(
  octokit: ForgeOctokit,
  repository: RepositoryRef,
  branch: string,
): Promise<readonly ForgeRequiredCheck[]> {
  const what = "read a branch's rules";
  try {
    const rules = await collectPages(what, async (page) => {
      const response = await octokit.request("GET /repos/{owner}/{repo}/rules/branches/{branch}", {
        ...{ ...names(repository), branch, per_page: perPage, page },
      });
      return { items: parseAnswer(rulesSchema, response.data, what), link: response.headers.link };
    });
    return rules
      .filter(({ type }) => type === "required_status_checks")
      .flatMap(({ parameters }) => parameters?.required_status_checks ?? [])
      .map(({ context, integration_id }) => required(context, integration_id));
  } catch (error) {
    if (isNoRules(error)) return [];
    throw error;
  }
}

function isNoRules(error: unknown): boolean {
  if (error instanceof PortError) return false;
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : undefined;
  const message = error instanceof Error ? error.message : "";
  return status === 404 || (status === 403 && /upgrade to github/iu.test(message));
}

/** -1 and no app stand for any app. */
function required(name: string, appId: number | null | undefined): ForgeRequiredCheck {
  return { name, appId: appId == null || appId < 0 ? null : String(appId) };
}

function statusOf(status: string | null | undefined): ForgeCheck["status"] {
  return status === "completed" || status === "in_progress" ? status : "queued";
}

/** Marks each run of a check but its newest as superseded. */
function newest(
  runs: readonly { readonly check: ForgeCheck; readonly key: string; readonly order: number }[],
): readonly ForgeCheck[] {
  return runs.map(({ check, key, order }) => ({
    ...check,
    isSuperseded: runs.some((other) => other.key === key && other.order > order),
  }));
}
