import { simpleCommit } from "../answers/commits.ts";
import { minimalRepository, repositoryUrls } from "../answers/repositories.ts";
import { checkRunAnswer, checkSuiteAnswer } from "../answers/checks.ts";
import { readCommit } from "../git/commits.ts";
import { resolveCommit } from "../git/refs.ts";
import { json } from "../http/answer.ts";
import { pageOf, query, type ApiRoutes, type RepositoryCall } from "./calls.ts";
import { notFound, unprocessable } from "../http/errors.ts";
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

/** Checks of a commit: each job of a workflow run is a check run. https://docs.github.com/rest/checks */
export function addCheckRoutes(routes: ApiRoutes): void {
  routes.repository("GET", "/commits/:ref/check-runs", [["checks", "read"]], async (call) => {
    const { runs } = call.context.store;
    const latest = runsOf(call, await commitOf(call)).map((run) => ({ run, job: runs.currentJob(run.id) }));
    const found = latest
      .filter(({ job }) => (query(call, "status") ?? job.status) === job.status)
      .filter(({ job }) => (query(call, "check_name") ?? job.name) === job.name);
    const page = await pageOf(call, found, ({ run, job }) => checkRunAnswer(call.context, call.repository, run, job));
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
    return json<Schemas["combined-commit-status"]>(200, {
      state: "pending",
      statuses: [],
      sha,
      total_count: 0,
      repository: minimalRepository(call.context, call.repository),
      commit_url: `${api}/commits/${sha}`,
      url: `${api}/commits/${sha}/status`,
    });
  });
}
