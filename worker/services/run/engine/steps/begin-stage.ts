import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import type { Stage } from "../../../../../contracts/run.ts";
import { canonicalJson } from "../../../../../domain/canonical-json.ts";
import { sha256Hex } from "../../../../../domain/hash.ts";
import {
  requestMessage,
  resolvePrompt,
  reviewMessage,
  type PromptInput,
} from "../../../../../domain/instruction/prompts.ts";
import { chosenLanes, isChoiceOpen } from "../../../../../domain/run/lanes.ts";
import { stageOf } from "../../../../../domain/run/machine.ts";
import { modes } from "../../../../../domain/run/modes.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { facts } from "../facts.ts";
import { firstMessage } from "../images.ts";
import type { JournalWrite } from "../journal.ts";
import { testCommandOf } from "../lane-tests.ts";
import { workDiff } from "../work-diff.ts";
import { runIntake } from "./intake.ts";
import { inspectLateLanes } from "./late-lanes.ts";
import { orderLanes } from "./order-lanes.ts";
import { firstLook, newLook, refreshPull } from "./review-pull.ts";
import { conversationOf } from "./turn.ts";

/** Opens a stage. At the run's first one the sandbox is made ready and the request passes intake; then the stage's conversation begins. */
export async function beginStage(context: StepContext): Promise<StepOutcome> {
  const { epoch, journal } = context;
  const { mode, state } = journal.view();
  const stage = stageOf(state);
  if (stage === undefined) throw new Error(`no stage works in ${state}`);
  if (facts.intakeDone.read(journal) === undefined && (await runIntake(context))) return "again";
  await inspectLateLanes(context);
  // Triage makes an open choice first; the order is of the lanes that it chose.
  if (!isChoiceOpen(journal.view()) && (await orderLanes(context))) return "again";
  const attempts = facts.attempts(stage);
  const attempt = (attempts.read(journal) ?? 0) + 1;
  const counted = attempts.write(attempt);
  const started: NewRunEvent = { type: "stage.started", data: { stage, attempt } };
  const conversation = conversationOf(stage, mode, attempt);
  if (modes[mode].start === "pull_request" && attempt > 1) {
    if ((await refreshPull(context)) === "held") return "again";
    journal.commit({ events: [started], ...newLook(context, conversation, counted) }, epoch);
    return "again";
  }
  // An author keeps one conversation over all attempts, which already holds the reason why the work came back.
  if (stage === "tester" || (stage !== "reviewer" && attempt > 1)) {
    journal.commit({ events: [started], facts: counted }, epoch);
    return "again";
  }
  const opening = await openConversation(context, stage, { attempt, conversation, counted });
  journal.commit({ ...opening, events: [...opening.events, started] }, epoch);
  return "again";
}

interface Attempt {
  readonly attempt: number;
  readonly conversation: string;
  /** The facts that count the attempt. */
  readonly counted: Readonly<Record<string, string | null>>;
}

/** The resolved prompt and the first message of a stage's conversation. */
async function openConversation(
  context: StepContext,
  stage: Stage,
  { attempt, conversation, counted }: Attempt,
): Promise<JournalWrite> {
  const { journal } = context;
  const { mode } = journal.view();
  const parts = resolvePrompt(stage, promptInput(context));
  const resolved: NewRunEvent = {
    type: "prompt.resolved",
    data: { stage, attempt, hash: sha256Hex(canonicalJson(parts)), parts: [...parts] },
  };
  const events = [resolved];
  if (stage !== "reviewer") {
    const message = firstMessage(context, requestMessage(parts));
    return { events, messages: [{ conversation, message }], facts: counted };
  }
  if (modes[mode].start === "pull_request") return { events, ...firstLook(context, conversation, parts, counted) };
  const { baseBlobs, diff } = await workDiff(context);
  const message = firstMessage(context, reviewMessage(parts, diff));
  return { events, baseBlobs, messages: [{ conversation, message }], facts: counted };
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

function promptInput(context: StepContext): PromptInput {
  const { journal } = context;
  const view = journal.view();
  const { instructions, ticket } = journal.spec;
  const own = facts.repositoryInstructions.read(journal) ?? [];
  const stage = stageOf(view.state);
  return {
    mode: view.mode,
    prompt: view.created?.prompt ?? "",
    repositories: chosenLanes(view).map((lane) => ({
      owner: lane.owner,
      name: lane.name,
      baseBranch: lane.baseBranch,
      folder: lane.folder,
      testCommand: testCommandOf(context, lane),
    })),
    isChoiceOpen: isChoiceOpen(view),
    ticket,
    allowedPaths: view.created?.constraints?.paths ?? null,
    instructions: [...instructions, ...own],
    artifacts: (stage === undefined ? [] : artifactsFor[stage]).flatMap((kind) => view.artifacts[kind] ?? []),
  };
}
