import type { CheckRunCompletedEvent, CheckRunCreatedEvent } from "@octokit/webhooks-types";
import { iso, nodeId, type ForgeCore } from "../core.ts";
import type { Repository } from "../store/repositories.ts";
import type { Job, WorkflowRun } from "../store/runs.ts";
import type { Schemas } from "../types.ts";
import { actionsAppAnswer } from "./app.ts";
import { minimalRepository, repositoryUrls } from "./repositories.ts";
import { pullsOf, suiteId } from "./runs.ts";

/** The fields of a check run that REST and webhooks share. */
type CheckFields = Omit<
  Schemas["check-run"] & CheckRunCreatedEvent["check_run"],
  "status" | "conclusion" | "completed_at" | "check_suite" | "deployment"
>;

function checkFields(core: ForgeCore, repository: Repository, run: WorkflowRun, job: Job): CheckFields {
  const { api, html } = repositoryUrls(core, repository);
  const url = `${api}/check-runs/${job.id}`;
  const page = `${html}/actions/runs/${run.id}/job/${job.id}`;
  return {
    id: job.id,
    node_id: nodeId("CheckRun", job.id),
    head_sha: run.headSha,
    external_id: nodeId("Job", job.id),
    url,
    html_url: page,
    details_url: page,
    started_at: iso(job.startedAtMs ?? job.createdAtMs),
    output: { title: null, summary: null, text: null, annotations_count: 0, annotations_url: `${url}/annotations` },
    name: job.name,
    app: actionsAppAnswer(core),
    pull_requests: pullsOf(core, repository, run),
  };
}

/** Builds GitHub's `check-run` of a job. */
export function checkRunAnswer(
  core: ForgeCore,
  repository: Repository,
  run: WorkflowRun,
  job: Job,
): Schemas["check-run"] {
  const answer: Schemas["check-run"] = {
    ...checkFields(core, repository, run, job),
    status: job.status,
    conclusion: job.conclusion,
    completed_at: job.completedAtMs === null ? null : iso(job.completedAtMs),
    check_suite: { id: suiteId(run) },
  };
  return answer;
}

function suitePayload(
  core: ForgeCore,
  repository: Repository,
  run: WorkflowRun,
): CheckRunCreatedEvent["check_run"]["check_suite"] {
  return {
    id: suiteId(run),
    node_id: nodeId("CheckSuite", suiteId(run)),
    head_branch: run.headBranch,
    head_sha: run.headSha,
    status: run.status,
    conclusion: run.conclusion,
    url: `${repositoryUrls(core, repository).api}/check-suites/${suiteId(run)}`,
    before: run.beforeSha,
    after: run.headSha,
    pull_requests: pullsOf(core, repository, run),
    app: actionsAppAnswer(core),
    created_at: iso(run.createdAtMs),
    updated_at: iso(run.updatedAtMs),
  };
}

/** Builds the check run of a `check_run` `created` event. */
export function checkRunCreatedPayload(
  core: ForgeCore,
  repository: Repository,
  run: WorkflowRun,
  job: Job,
): CheckRunCreatedEvent["check_run"] {
  return {
    ...checkFields(core, repository, run, job),
    status: job.status,
    conclusion: job.conclusion,
    completed_at: job.completedAtMs === null ? null : iso(job.completedAtMs),
    check_suite: suitePayload(core, repository, run),
  };
}

/** Builds the check run of a `check_run` `completed` event. */
export function checkRunCompletedPayload(
  core: ForgeCore,
  repository: Repository,
  run: WorkflowRun,
  job: Job,
): CheckRunCompletedEvent["check_run"] {
  return {
    ...checkFields(core, repository, run, job),
    status: "completed",
    conclusion: job.conclusion,
    completed_at: iso(job.completedAtMs ?? run.updatedAtMs),
    check_suite: suitePayload(core, repository, run),
  };
}

/** Builds GitHub's `check-suite` of a run. */
export function checkSuiteAnswer(
  core: ForgeCore,
  repository: Repository,
  run: WorkflowRun,
  commit: Schemas["simple-commit"],
): Schemas["check-suite"] {
  const url = `${repositoryUrls(core, repository).api}/check-suites/${suiteId(run)}`;
  return {
    id: suiteId(run),
    node_id: nodeId("CheckSuite", suiteId(run)),
    head_branch: run.headBranch,
    head_sha: run.headSha,
    status: run.status,
    conclusion: run.conclusion,
    url,
    before: run.beforeSha,
    after: run.headSha,
    pull_requests: pullsOf(core, repository, run),
    app: actionsAppAnswer(core),
    repository: minimalRepository(core, repository),
    created_at: iso(run.createdAtMs),
    updated_at: iso(run.updatedAtMs),
    head_commit: commit,
    latest_check_runs_count: 1,
    check_runs_url: `${url}/check-runs`,
  };
}
