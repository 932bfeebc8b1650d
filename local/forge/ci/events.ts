import { checkRunCompletedPayload, checkRunCreatedPayload } from "../answers/checks.ts";
import { runPayload, workflowAnswer } from "../answers/runs.ts";
import { simpleCommit } from "../answers/commits.ts";
import { commitIn, envelope, type Emitter } from "../events/emit.ts";
import type { WorkflowRun } from "../store/runs.ts";

/** Emits `workflow_run`, with the `check_run` that goes with its making and its end. */
export async function emitRun(
  { core, deliveries }: Emitter,
  run: WorkflowRun,
  action: "requested" | "in_progress" | "completed",
): Promise<void> {
  const repository = core.store.repositories.byId(run.repositoryId);
  const about = envelope(core, repository, core.store.accounts.byId(run.actorId));
  if (about === undefined) return;
  const commit = simpleCommit(await commitIn(core, repository, run.headSha));
  const payload = runPayload(core, repository, run, commit);
  const job = core.store.runs.currentJob(run.id);
  const common = { ...about.fields, workflow: workflowAnswer(core, repository, run) };
  core.store.transaction(() => {
    if (action === "requested") {
      deliveries.emit("workflow_run", { ...common, action, workflow_run: payload }, { ...about.subject, action });
      const check = checkRunCreatedPayload(core, repository, run, job);
      deliveries.emit(
        "check_run",
        { ...about.fields, action: "created", check_run: check },
        { ...about.subject, action: "created" },
      );
    } else if (action === "in_progress") {
      deliveries.emit("workflow_run", { ...common, action, workflow_run: payload }, { ...about.subject, action });
    } else {
      const check = checkRunCompletedPayload(core, repository, run, job);
      deliveries.emit("check_run", { ...about.fields, action, check_run: check }, { ...about.subject, action });
      const conclusion = run.conclusion ?? "failure";
      deliveries.emit(
        "workflow_run",
        { ...common, action, workflow_run: { ...payload, conclusion } },
        { ...about.subject, action },
      );
    }
  });
}
