import { simpleCommit } from "../answers/commits.ts";
import { jobAnswer, runAnswer, workflowAnswer } from "../answers/runs.ts";
import { readLog } from "../ci/log.ts";
import { zip } from "../ci/zip.ts";
import { readCommit } from "../git/commits.ts";
import { bytes, json, plain, redirect, type Answer } from "../http/answer.ts";
import { pageOf, query, type ApiRoutes, type RepositoryCall } from "./calls.ts";
import { ApiError, notFound } from "../http/errors.ts";
import { newSecret } from "../auth/tokens.ts";
import type { ForgeContext } from "../context.ts";
import type { Job, WorkflowRun } from "../store/runs.ts";
import type { Schemas } from "../types.ts";

const logLinkLifeMs = 60_000;
/** Log links that were given out, by their secret. They die with the process. */
const logLinks = new Map<
  string,
  { readonly jobIds: readonly number[]; readonly asZip: boolean; readonly expiresAtMs: number }
>();

function runOf(call: RepositoryCall): WorkflowRun {
  const run = call.context.store.runs.find(call.parameters.number("id"));
  if (run === undefined || run.repositoryId !== call.repository.id) throw notFound();
  return run;
}

function jobOf(call: RepositoryCall): { run: WorkflowRun; job: Job } {
  const job = call.context.store.runs.findJob(call.parameters.number("id"));
  const run = job === undefined ? undefined : call.context.store.runs.find(job.runId);
  if (job === undefined || run?.repositoryId !== call.repository.id) throw notFound();
  return { run, job };
}

async function answer(call: RepositoryCall, run: WorkflowRun): Promise<Schemas["workflow-run"]> {
  const commit = simpleCommit(await readCommit(call.context.git, call.directory, run.headSha));
  return runAnswer(call.context, call.repository, run, commit);
}

async function listRuns(call: RepositoryCall, workflowId?: number): Promise<Answer> {
  const [headSha, branch, status] = [query(call, "head_sha"), query(call, "branch"), query(call, "status")];
  const found = call.context.store.runs.list(call.repository.id, {
    ...(headSha === undefined ? {} : { headSha }),
    ...(branch === undefined ? {} : { branch }),
    ...(status === undefined ? {} : { status }),
    ...(workflowId === undefined ? {} : { workflowId }),
  });
  const event = query(call, "event");
  const page = await pageOf(call, event === undefined || event === "push" ? found : [], (run) => answer(call, run));
  return json<{ total_count: number; workflow_runs: readonly Schemas["workflow-run"][] }>(
    200,
    { total_count: page.totalCount, workflow_runs: page.items },
    page.headers,
  );
}

async function logLink(call: RepositoryCall, jobs: readonly Job[], asZip: boolean): Promise<Answer> {
  // As on GitHub, a job that has not ended has no log yet.
  const ended = jobs.filter(({ status }) => status === "completed");
  if (ended.length === 0) throw notFound();
  const nowMs = call.context.now();
  for (const [secret, link] of logLinks) if (link.expiresAtMs < nowMs) logLinks.delete(secret);
  const secret = newSecret("log");
  logLinks.set(secret, { jobIds: ended.map(({ id }) => id), asZip, expiresAtMs: nowMs + logLinkLifeMs });
  return redirect(302, `${call.context.url}/_logs/${secret}`);
}

/** Serves the log behind a link that the API gave out; needs no token, for the link itself is one. */
export async function serveLog(context: ForgeContext, secret: string): Promise<Answer> {
  const link = logLinks.get(secret);
  if (link === undefined || link.expiresAtMs < context.now()) return plain(404, "Not Found");
  const logs = await Promise.all(
    link.jobIds.map(async (id, position) => {
      const job = context.store.runs.findJob(id);
      return { name: `${position}_${job?.name ?? "job"}.txt`, text: await readLog(context.dataDir, id) };
    }),
  );
  if (!link.asZip) return plain(200, logs[0]?.text ?? "");
  return bytes(
    200,
    zip(logs.map(({ name, text }) => ({ name, content: Buffer.from(text, "utf8") }))),
    "application/zip",
  );
}

async function rerun(call: RepositoryCall, run: WorkflowRun): Promise<Answer> {
  if (!(await call.context.ci.rerun(run))) throw new ApiError(403, "This workflow is already running");
  return json<Schemas["empty-object"]>(201, {});
}

/** Workflow runs, jobs and logs. https://docs.github.com/rest/actions */
export function addActionRoutes(routes: ApiRoutes): void {
  const read = [["actions", "read"]] as const;
  const write = [["actions", "write"]] as const;
  routes.repository("GET", "/actions/runs", read, (call) => listRuns(call));
  routes.repository("GET", "/actions/workflows/:workflow/runs", read, (call) =>
    listRuns(call, call.parameters.number("workflow")),
  );

  routes.repository("GET", "/actions/workflows", read, async (call) => {
    const byWorkflow = new Map(
      call.context.store.runs.list(call.repository.id, {}).map((run) => [run.workflow.id, run]),
    );
    const page = await pageOf(call, [...byWorkflow.values()], (run) =>
      workflowAnswer(call.context, call.repository, run),
    );
    return json<{ total_count: number; workflows: readonly Schemas["workflow"][] }>(
      200,
      { total_count: page.totalCount, workflows: page.items },
      page.headers,
    );
  });

  routes.repository("GET", "/actions/runs/:id", read, async (call) =>
    json<Schemas["workflow-run"]>(200, await answer(call, runOf(call))),
  );

  routes.repository("GET", "/actions/runs/:id/jobs", read, async (call) => {
    const run = runOf(call);
    const all = query(call, "filter") === "all";
    const jobs = call.context.store.runs.jobs(run.id).filter((job) => all || job.attempt === run.attempt);
    const page = await pageOf(call, jobs, (job) => jobAnswer(call.context, call.repository, run, job));
    return json<{ total_count: number; jobs: readonly Schemas["job"][] }>(
      200,
      { total_count: page.totalCount, jobs: page.items },
      page.headers,
    );
  });

  routes.repository("GET", "/actions/jobs/:id", read, (call) => {
    const { run, job } = jobOf(call);
    return json<Schemas["job"]>(200, jobAnswer(call.context, call.repository, run, job));
  });

  routes.repository("GET", "/actions/jobs/:id/logs", read, (call) => logLink(call, [jobOf(call).job], false));
  routes.repository("GET", "/actions/runs/:id/logs", read, (call) => {
    const run = runOf(call);
    const jobs = call.context.store.runs.jobs(run.id);
    return logLink(
      call,
      jobs.filter((job) => job.attempt === run.attempt),
      true,
    );
  });

  routes.repository("POST", "/actions/runs/:id/rerun", write, (call) => rerun(call, runOf(call)));
  routes.repository("POST", "/actions/runs/:id/rerun-failed-jobs", write, (call) => rerun(call, runOf(call)));
  routes.repository("POST", "/actions/jobs/:id/rerun", write, (call) => rerun(call, jobOf(call).run));
  routes.repository("POST", "/actions/runs/:id/cancel", write, async (call) => {
    if (!(await call.context.ci.cancel(runOf(call))))
      throw new ApiError(409, "Cannot cancel a workflow run that is completed.");
    return json<Schemas["empty-object"]>(202, {});
  });
}
