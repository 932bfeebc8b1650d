import { simpleCommit } from "../answers/commits.ts";
import { minimalRepository, repositoryUrls } from "../answers/repositories.ts";
import { checkRunAnswer, checkSuiteAnswer } from "../answers/checks.ts";
import { outsideCheckRun, statusAnswer, statusState } from "../answers/outside-checks.ts";
import { readCommit } from "../git/commits.ts";
import { resolveCommit } from "../git/refs.ts";
import { json } from "../http/answer.ts";
import { pageOf, query, type ApiRoutes, type RepositoryCall } from "./calls.ts";
import { notFound, unprocessable } from "../http/errors.ts";
import type { OutsideCheck } from "../store/outside-checks.ts";
import type { Repository } from "../store/repositories.ts";
import type { WorkflowRun } from "../store/runs.ts";
import type { Schemas } from "../types.ts";
import { requireCommits } from "./refs.ts";

async function commitOf(call: RepositoryCall): Promise<string> {
  await requireCommits(call);
  const name = call.parameters.text("ref");
  const sha = await resolveCommit(call.context.git, call.directory, name);
  if (sha === undefined) throw unprocessable(`No commit found for SHA: ${name}`);
  return sha;
}

function runsOf(call: RepositoryCall, sha: string): WorkflowRun[] {
  return call.context.store.runs.list(call.repository.id, { headSha: sha });
}

function runById(call: RepositoryCall, id: number): WorkflowRun {
  const run = call.context.store.runs.find(id);
  if (run === undefined || run.repositoryId !== call.repository.id) throw notFound();
  return run;
}

async function suite(call: RepositoryCall, run: WorkflowRun): Promise<Schemas["check-suite"]> {
  const commit = simpleCommit(await readCommit(call.context.git, call.directory, run.headSha));
  return checkSuiteAnswer(call.context, call.repository, run, commit);
}

function outside(call: RepositoryCall, sha: string, kind: OutsideCheck["kind"]): OutsideCheck[] {
  return call.context.store.outsideChecks.list(call.repository.id, sha, kind);
}

function combined(states: readonly ReturnType<typeof statusState>[]): "pending" | "success" | "failure" {
  if (states.includes("failure")) return "failure";
  return states.length === 0 || states.includes("pending") ? "pending" : "success";
}

type RequiredChecksRule = Extract<Schemas["repository-rule-detailed"], { type: "required_status_checks" }>;

function ruleSource({ name, owner }: Repository) {
  return { ruleset_source_type: "Repository", ruleset_source: `${owner}/${name}` } as const;
}

function requiredChecksRule(repository: Repository, names: readonly string[]): RequiredChecksRule {
  return {
    type: "required_status_checks",
    parameters: {
      required_status_checks: names.map((context) => ({ context })),
      strict_required_status_checks_policy: false,
    },
    ...ruleSource(repository),
    ruleset_id: 1,
  };
}

/** Checks of a commit: each job of a workflow run is a check run. https://docs.github.com/rest/checks */
export function addCheckRoutes(routes: ApiRoutes): void {
  routes.repository("GET", "/commits/:ref/check-runs", [["checks", "read"]], async (call) => {
    const { runs } = call.context.store;
    const sha = await commitOf(call);
    const found = runsOf(call, sha)
      .map((run) => ({ run, job: runs.currentJob(run.id) }))
      .map(({ job, run }) => checkRunAnswer(call.context, call.repository, run, job))
      .concat(outside(call, sha, "check_run").map((check) => outsideCheckRun(call.context, call.repository, check)))
      .filter(({ status }) => (query(call, "status") ?? status) === status)
      .filter(({ name }) => (query(call, "check_name") ?? name) === name);
    const page = await pageOf(call, found, (check) => check);
    return json<{ total_count: number; check_runs: readonly Schemas["check-run"][] }>(
      200,
      { total_count: page.totalCount, check_runs: page.items },
      page.headers,
    );
  });

  routes.repository("GET", "/commits/:ref/check-suites", [["checks", "read"]], async (call) => {
    const page = await pageOf(call, runsOf(call, await commitOf(call)), (run) => suite(call, run));
    return json<{ total_count: number; check_suites: readonly Schemas["check-suite"][] }>(
      200,
      { total_count: page.totalCount, check_suites: page.items },
      page.headers,
    );
  });

  routes.repository("GET", "/check-suites/:id", [["checks", "read"]], async (call) =>
    json<Schemas["check-suite"]>(200, await suite(call, runById(call, call.parameters.number("id")))),
  );

  routes.repository("GET", "/check-runs/:id", [["checks", "read"]], (call) => {
    const job = call.context.store.runs.findJob(call.parameters.number("id"));
    if (job === undefined) throw notFound();
    return json<Schemas["check-run"]>(
      200,
      checkRunAnswer(call.context, call.repository, runById(call, job.runId), job),
    );
  });

  // Workflow runs report as checks, not as statuses: with none set, GitHub says pending.
  routes.repository("GET", "/commits/:ref/status", [["statuses", "read"]], async (call) => {
    const sha = await commitOf(call);
    const { api } = repositoryUrls(call.context, call.repository);
    const statuses = outside(call, sha, "status");
    const page = await pageOf(call, statuses, (check) => statusAnswer(call.context, call.repository, check));
    return json<Schemas["combined-commit-status"]>(200, {
      state: combined(statuses.map(statusState)),
      statuses: [...page.items],
      sha,
      total_count: statuses.length,
      repository: minimalRepository(call.context, call.repository),
      commit_url: `${api}/commits/${sha}`,
      url: `${api}/commits/${sha}/status`,
    });
  });

  // https://docs.github.com/rest/repos/rules#get-rules-for-a-branch
  routes.repository("GET", "/rules/branches/*branch", [["metadata", "read"]], (call) => {
    const { context, parameters, repository } = call;
    const names = context.store.outsideChecks.required(repository.id, parameters.text("branch"));
    const signatures = context.store.repositories.requiresSignatures(repository.id);
    return json<readonly Schemas["repository-rule-detailed"][]>(200, [
      ...(names.length === 0 ? [] : [requiredChecksRule(repository, names)]),
      ...(signatures ? [{ type: "required_signatures", ...ruleSource(repository), ruleset_id: 2 } as const] : []),
    ]);
  });
}
