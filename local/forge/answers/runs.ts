import type { SimpleCommit, Workflow as WebhookWorkflow, WorkflowRun as WebhookRun } from "@octokit/webhooks-types";
import { iso, nodeId, type ForgeCore } from "../core.ts";
import type { Pull } from "../store/pulls.ts";
import type { Repository } from "../store/repositories.ts";
import type { Job, WorkflowRun } from "../store/runs.ts";
import type { Schemas } from "../types.ts";
import { userAnswer } from "./accounts.ts";
import { minimalRepository, repositoryLite, repositoryUrls } from "./repositories.ts";

type PullMinimal = Schemas["pull-request-minimal"] & WebhookRun["pull_requests"][number];

/** A run's check suite has the run's id: every run has its own suite. */
export function suiteId(run: WorkflowRun): number {
  return run.id;
}

function pullMinimal(core: ForgeCore, repository: Repository, pull: Pull): PullMinimal {
  const { api } = repositoryUrls(core, repository);
  const repo = { id: repository.id, url: api, name: repository.name };
  return {
    id: pull.issue.id,
    number: pull.issue.number,
    url: `${api}/pulls/${pull.issue.number}`,
    head: { ref: pull.headRef, sha: pull.headSha, repo },
    base: { ref: pull.baseRef, sha: pull.baseSha, repo },
  };
}

/** The open pull requests whose head is a run's commit. */
export function pullsOf(core: ForgeCore, repository: Repository, run: WorkflowRun): PullMinimal[] {
  return core.store.pulls
    .list(repository.id, "open")
    .filter((pull) => pull.headRef === run.headBranch && pull.headSha === run.headSha)
    .map((pull) => pullMinimal(core, repository, pull));
}

/** The fields of a workflow run that REST and webhooks share. */
type RunFields = Omit<Schemas["workflow-run"] & WebhookRun, "status" | "conclusion" | "repository" | "head_repository">;

function runFields(
  core: ForgeCore,
  repository: Repository,
  run: WorkflowRun,
  commit: Schemas["simple-commit"] & SimpleCommit,
): RunFields {
  const { api, html } = repositoryUrls(core, repository);
  const url = `${api}/actions/runs/${run.id}`;
  const actor = userAnswer(core, core.store.accounts.byId(run.actorId));
  return {
    id: run.id,
    name: run.workflow.name,
    node_id: nodeId("WorkflowRun", run.id),
    check_suite_id: suiteId(run),
    check_suite_node_id: nodeId("CheckSuite", suiteId(run)),
    head_branch: run.headBranch,
    head_sha: run.headSha,
    path: run.workflow.path,
    display_title: commit.message.split("\n")[0] ?? "",
    run_number: run.runNumber,
    run_attempt: run.attempt,
    referenced_workflows: [],
    event: "push",
    workflow_id: run.workflow.id,
    url,
    html_url: `${html}/actions/runs/${run.id}`,
    pull_requests: pullsOf(core, repository, run),
    created_at: iso(run.createdAtMs),
    updated_at: iso(run.updatedAtMs),
    run_started_at: iso(run.startedAtMs),
    actor,
    triggering_actor: actor,
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${api}/check-suites/${suiteId(run)}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: run.attempt > 1 ? `${url}/attempts/${run.attempt - 1}` : null,
    workflow_url: `${api}/actions/workflows/${run.workflow.id}`,
    head_commit: commit,
  };
}

/** Builds GitHub's `workflow-run`. */
export function runAnswer(
  core: ForgeCore,
  repository: Repository,
  run: WorkflowRun,
  commit: Schemas["simple-commit"] & SimpleCommit,
): Schemas["workflow-run"] {
  const answer: Schemas["workflow-run"] = {
    ...runFields(core, repository, run, commit),
    status: run.status,
    conclusion: run.conclusion,
    repository: minimalRepository(core, repository),
    head_repository: minimalRepository(core, repository),
  };
  return answer;
}

/** Builds the run of a `workflow_run` event. */
export function runPayload(
  core: ForgeCore,
  repository: Repository,
  run: WorkflowRun,
  commit: Schemas["simple-commit"] & SimpleCommit,
): WebhookRun {
  const payload: WebhookRun = {
    ...runFields(core, repository, run, commit),
    status: run.status,
    conclusion: run.conclusion,
    repository: repositoryLite(core, repository),
    head_repository: repositoryLite(core, repository),
  };
  return payload;
}

/** Builds GitHub's `workflow`. */
export function workflowAnswer(
  core: ForgeCore,
  repository: Repository,
  run: WorkflowRun,
): Schemas["workflow"] & WebhookWorkflow {
  const { api, html } = repositoryUrls(core, repository);
  return {
    id: run.workflow.id,
    node_id: nodeId("Workflow", run.workflow.id),
    name: run.workflow.name,
    path: run.workflow.path,
    state: "active",
    created_at: iso(run.workflow.createdAtMs),
    updated_at: iso(run.workflow.createdAtMs),
    url: `${api}/actions/workflows/${run.workflow.id}`,
    html_url: `${html}/blob/HEAD/${run.workflow.path}`,
    badge_url: `${html}/actions/workflows/${run.workflow.id}/badge.svg`,
  };
}

/** Builds GitHub's `job`. */
export function jobAnswer(core: ForgeCore, repository: Repository, run: WorkflowRun, job: Job): Schemas["job"] {
  const { api, html } = repositoryUrls(core, repository);
  const startedAt = iso(job.startedAtMs ?? job.createdAtMs);
  const completedAt = job.completedAtMs === null ? null : iso(job.completedAtMs);
  return {
    id: job.id,
    run_id: run.id,
    run_url: `${api}/actions/runs/${run.id}`,
    run_attempt: job.attempt,
    node_id: nodeId("CheckRun", job.id),
    head_sha: run.headSha,
    head_branch: run.headBranch,
    url: `${api}/actions/jobs/${job.id}`,
    html_url: `${html}/actions/runs/${run.id}/job/${job.id}`,
    status: job.status,
    conclusion: job.conclusion,
    created_at: iso(job.createdAtMs),
    started_at: startedAt,
    completed_at: completedAt,
    name: job.name,
    steps: [
      {
        name: `Run ${run.command}`,
        number: 1,
        status: job.status,
        conclusion: job.conclusion,
        started_at: job.startedAtMs === null ? null : startedAt,
        completed_at: completedAt,
      },
    ],
    check_run_url: `${api}/check-runs/${job.id}`,
    labels: ["local"],
    runner_id: job.startedAtMs === null ? null : 1,
    runner_name: job.startedAtMs === null ? null : "local",
    runner_group_id: job.startedAtMs === null ? null : 1,
    runner_group_name: job.startedAtMs === null ? null : "Default",
    workflow_name: run.workflow.name,
  };
}
