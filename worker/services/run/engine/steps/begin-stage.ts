import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import { intakeGate, architectureGate } from "../../../../../domain/gates/evaluate.ts";
import { requestMessage, reviewMessage, type PromptInput } from "../../../../../domain/instruction/prompts.ts";
import { stageOf } from "../../../../../domain/run/machine.ts";
import { detectTestCommand } from "../../../../../domain/run/test-command.ts";
import { PortError } from "../../../../ports/errors.ts";
import { renderDiff } from "../diff-text.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { move } from "../move.ts";
import { baseCommitOf, ensureWorkspace, loadBaseBlobs, sandboxId, workDir } from "../workspace.ts";

/** Opens a stage: the sandbox is made ready at the first one, and the stage's conversation begins. */
export async function beginStage(context: StepContext): Promise<StepOutcome> {
  const { epoch, journal } = context;
  const view = journal.view();
  const stage = stageOf(view.state);
  if (stage === undefined) throw new Error(`no stage works in ${view.state}`);
  const attempt = Number(journal.fact(`attempts:${stage}`) ?? "0") + 1;
  const started: NewRunEvent = { type: "stage.started", data: { stage, attempt } };
  const facts = { [`attempts:${stage}`]: String(attempt) };

  if (stage === "coder" && attempt === 1) {
    await ensureWorkspace(context);
    const intake = await takeIn(context);
    const testCommand = await findTestCommand(context);
    const gates: NewRunEvent[] = [
      { type: "gate.evaluated", data: intake },
      { type: "gate.evaluated", data: architectureGate(view.mode) },
    ];
    if (intake.status === "fail") {
      const cause = "The repository has no files at its base commit.";
      journal.commit({ events: [...gates, move(journal.view(), "failed", cause).event] }, epoch);
      return "again";
    }
    const notes: NewRunEvent[] =
      testCommand === null
        ? [{ type: "notice", data: { level: "warning", message: "This repository has no test command, so tests can't prove the change. Gate G4 will say so." } }]
        : [];
    const message = { role: "user" as const, blocks: [{ type: "text" as const, text: requestMessage(promptInput(context, testCommand)) }] };
    journal.commit(
      { events: [...gates, ...notes, started], messages: [{ conversation: "coder", message }], facts: { ...facts, test_command: testCommand } },
      epoch,
    );
    return "again";
  }
  if (stage === "reviewer") {
    const changes = journal.workspace();
    const baseBlobs = await loadBaseBlobs(context, changes);
    const diff = renderDiff(changes, (blob) => baseBlobs.get(blob) ?? journal.baseBlob(blob));
    const text = reviewMessage(promptInput(context, journal.fact("test_command") ?? null), diff);
    const message = { role: "user" as const, blocks: [{ type: "text" as const, text }] };
    journal.commit({ events: [started], baseBlobs, messages: [{ conversation: `reviewer#${attempt}`, message }], facts }, epoch);
    return "again";
  }
  journal.commit({ events: [started], facts }, epoch);
  return "again";
}

async function takeIn(context: StepContext): Promise<ReturnType<typeof intakeGate>> {
  const { deps, journal } = context;
  const { repository } = journal.spec;
  const { entries } = await deps.sandbox.list(sandboxId(journal.spec.runId), workDir, { recursive: true, limit: 50_000 });
  return intakeGate({
    promptCharacters: journal.view().created?.prompt.trim().length ?? 0,
    repository: `${repository.owner}/${repository.name}`,
    baseCommit: baseCommitOf(context),
    fileCount: entries.filter((entry) => entry.kind !== "directory").length,
  });
}

async function findTestCommand({ deps, journal }: StepContext): Promise<string | null> {
  if (journal.spec.testCommand !== null) return journal.spec.testCommand;
  try {
    const { bytes } = await deps.sandbox.readFile(sandboxId(journal.spec.runId), `${workDir}/package.json`, { maxBytes: 1_000_000 });
    return detectTestCommand(new TextDecoder().decode(bytes));
  } catch (error) {
    if (error instanceof PortError && error.kind === "permanent") return null;
    throw error;
  }
}

function promptInput({ journal }: StepContext, testCommand: string | null): PromptInput {
  const view = journal.view();
  const { repository, ticket } = journal.spec;
  return { mode: view.mode, prompt: view.created?.prompt ?? "", repository, ticket, testCommand };
}
