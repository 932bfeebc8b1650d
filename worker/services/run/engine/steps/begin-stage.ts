import type { NewRunEvent, PromptPart } from "../../../../../contracts/run-events.ts";
import type { Stage } from "../../../../../contracts/run.ts";
import { canonicalJson } from "../../../../../domain/canonical-json.ts";
import { architectureGate, intakeGate } from "../../../../../domain/gates/evaluate.ts";
import { sha256Hex } from "../../../../../domain/hash.ts";
import {
  requestMessage,
  resolvePrompt,
  reviewMessage,
  type PromptInput,
} from "../../../../../domain/instruction/prompts.ts";
import { readBack } from "../../../../../domain/read-back.ts";
import { stageOf } from "../../../../../domain/run/machine.ts";
import { hasStage, modes } from "../../../../../domain/run/modes.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { renderDiff } from "../diff-text.ts";
import { firstMessage } from "../images.ts";
import { move } from "../move.ts";
import { findTestCommand, readRepositoryInstructions } from "../repository-facts.ts";
import { baseCommitOf, ensureWorkspace, loadBaseBlobs, sandboxId, workDir } from "../workspace.ts";
import { firstLook, newLook, refreshPull } from "./review-pull.ts";
import { conversationOf } from "./turn.ts";

/** Opens a stage. Before the run's first one the sandbox is made ready and the request is checked; then the stage's conversation begins. */
export async function beginStage(context: StepContext): Promise<StepOutcome> {
  const { epoch, journal } = context;
  const { mode, state } = journal.view();
  const stage = stageOf(state);
  if (stage === undefined) throw new Error(`no stage works in ${state}`);
  if (journal.fact("taken_in") === undefined) {
    const refused = await checkIntake(context);
    if (refused) return "again";
  }
  const attempt = Number(journal.fact(`attempts:${stage}`) ?? "0") + 1;
  const readsPull = modes[mode].start === "pull_request";
  if (readsPull && attempt > 1 && (await refreshPull(context)) === "held") return "again";
  const started: NewRunEvent = { type: "stage.started", data: { stage, attempt } };
  const facts = { [`attempts:${stage}`]: String(attempt) };
  const conversation = conversationOf(stage, mode, attempt);
  if (readsPull && attempt > 1) {
    journal.commit({ events: [started], ...newLook(context, conversation, facts) }, epoch);
    return "again";
  }
  // An author keeps one conversation over all attempts, which already holds the reason why the work came back.
  if (stage === "tester" || (stage !== "reviewer" && attempt > 1)) {
    journal.commit({ events: [started], facts }, epoch);
    return "again";
  }
  const parts = resolvePrompt(stage, promptInput(context));
  const resolved: NewRunEvent = {
    type: "prompt.resolved",
    data: { stage, attempt, hash: sha256Hex(canonicalJson(parts)), parts: [...parts] },
  };
  if (stage !== "reviewer") {
    journal.commit(
      {
        events: [resolved, started],
        messages: [{ conversation, message: firstMessage(context, requestMessage(parts)) }],
        facts,
      },
      epoch,
    );
    return "again";
  }
  if (readsPull) {
    journal.commit({ events: [resolved, started], ...firstLook(context, conversation, parts, facts) }, epoch);
    return "again";
  }
  const changes = journal.workspace();
  const baseBlobs = await loadBaseBlobs(context, changes);
  const diff = renderDiff(changes, (blob) => baseBlobs.get(blob) ?? journal.baseBlob(blob));
  journal.commit(
    {
      events: [resolved, started],
      baseBlobs,
      messages: [{ conversation, message: firstMessage(context, reviewMessage(parts, diff)) }],
      facts,
    },
    epoch,
  );
  return "again";
}

/** Gate G0 and the repository's facts, once a run. True when the run ended there. */
async function checkIntake(context: StepContext): Promise<boolean> {
  const { deps, epoch, journal } = context;
  const { repository, runId } = journal.spec;
  const { mode, created } = journal.view();
  await ensureWorkspace(context);
  const { entries } = await deps.sandbox.list(sandboxId(runId), workDir, { recursive: true, limit: 50_000 });
  const intake = intakeGate({
    promptCharacters: created?.prompt.trim().length ?? 0,
    repository: `${repository.owner}/${repository.name}`,
    baseCommit: baseCommitOf(context),
    fileCount: entries.filter((entry) => entry.kind !== "directory").length,
  });
  const events: NewRunEvent[] = [{ type: "gate.evaluated", data: intake }];
  if (!hasStage(mode, "architect")) events.push({ type: "gate.evaluated", data: architectureGate(mode) });
  if (intake.status === "fail") {
    journal.commit(
      { events: [...events, move(journal.view(), "failed", "The repository has no files at its base commit.").event] },
      epoch,
    );
    return true;
  }
  const testCommand = await findTestCommand(context);
  if (testCommand === null && hasStage(mode, "tester")) {
    events.push({
      type: "notice",
      data: {
        level: "warning",
        message: "This repository has no test command, so tests can't prove the change. Gate G4 will say so.",
      },
    });
  }
  const own = await readRepositoryInstructions(context);
  journal.commit(
    { events, facts: { taken_in: "yes", test_command: testCommand, repository_instructions: JSON.stringify(own) } },
    epoch,
  );
  return false;
}

/** The documents of earlier stages that a stage is shown. The reviewer gets the criteria, not the coder's plan of attack. */
const artifactsFor: Readonly<Record<Stage, readonly ("architecture" | "scope" | "plan")[]>> = {
  triage: [],
  architect: [],
  planner: ["architecture", "scope"],
  coder: ["architecture", "scope", "plan"],
  reviewer: ["scope"],
  tester: [],
};

function promptInput({ journal }: StepContext): PromptInput {
  const view = journal.view();
  const { instructions, repository, ticket } = journal.spec;
  const own: readonly PromptPart[] = readBack(journal.fact("repository_instructions") ?? "[]");
  const stage = stageOf(view.state);
  return {
    mode: view.mode,
    prompt: view.created?.prompt ?? "",
    repository,
    ticket,
    testCommand: journal.fact("test_command") ?? null,
    allowedPaths: view.created?.constraints?.paths ?? null,
    instructions: [...instructions, ...own],
    artifacts: (stage === undefined ? [] : artifactsFor[stage]).flatMap((kind) => view.artifacts[kind] ?? []),
  };
}
