import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import type { Stage } from "../../../../../contracts/run.ts";
import { chosenLanes, laneOfPath } from "../../../../../domain/run/lanes.ts";
import { mapTexts } from "../../../../../domain/run/lawful.ts";
import type { Step } from "../../../../../domain/run/next.ts";
import { redactSecrets } from "../../../../../domain/policy/secrets.ts";
import { ToolError, type ToolContext } from "../../tools/context.ts";
import type { Tool } from "../../tools/definition.ts";
import { bounded } from "../../tools/output.ts";
import { toolsFor } from "../../tools/registry.ts";
import { runTool } from "../../tools/run-tool.ts";
import { allowedPathsText, allowedTools, mayChange } from "../constraints.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import { facts } from "../facts.ts";
import type { JournalWrite } from "../journal.ts";
import { testCommandOf } from "../lane-tests.ts";
import { watchCall } from "../loop-watch.ts";
import { reviewedDiff } from "../reviewed-pull.ts";
import {
  ensureWorkspace,
  laneDir,
  sandboxId,
  sandboxOf,
  saveWork,
  UnsavableWork,
  workDir,
  type SavedWork,
} from "../workspace.ts";
import { askPerson } from "./ask-person.ts";
import { endStage } from "./endings/index.ts";
import { conversationOf, maxToolCallsPerTurn } from "./turn.ts";

type Outcome = "ok" | "error" | "interrupted" | "refused";

/** Stores the result of a call, with the changes that it made. `invalidReport`: a stage's last call did not fit its schema. */
type Close = (outcome: Outcome, output: string, write?: Partial<JournalWrite>, invalidReport?: boolean) => StepOutcome;

/** Runs the first tool call that is open. A call that was under way when the process died is reported, not done twice. */
export async function tool(context: StepContext, step: Extract<Step, { kind: "tool" }>): Promise<StepOutcome> {
  const { deps, epoch, journal } = context;
  const { call } = step;
  const view = journal.view();
  const { stage } = view;
  const asked = journal.toolInput(call.callId);
  if (stage === undefined || asked === undefined) throw new Error("a tool call needs a stage and an input");
  const startedAtMs = deps.nowMs();
  const close: Close = (outcome, output, write = {}, invalidReport = false) => {
    const durationMs = Math.max(0, deps.nowMs() - startedAtMs);
    const { input } = asked;
    journal.commit(closing(context, stage, { call, input, outcome, output, durationMs, write, invalidReport }), epoch);
    return "again";
  };

  const offered = toolsFor(stage, view.mode, allowedTools(view), deps.extraTools);
  const position = view.turnToolCalls - view.openToolCalls.length + 1;
  const definition = position > maxToolCallsPerTurn ? undefined : offered.find(({ name }) => name === call.name);
  if (call.started && definition !== undefined && !definition.repeatable) {
    const ended = await closeStarted(context, definition, close);
    if (ended !== undefined) return ended;
  }
  if (!call.started) {
    const input = asked.invalidJson === undefined ? asked.input : { invalid_json: asked.invalidJson.slice(0, 2000) };
    const data = { stage, turn: view.turns, callId: call.callId, name: call.name, input: shown(input) };
    journal.commit({ events: [{ type: "tool.started", data }] }, epoch);
  }
  if (definition === undefined) return close("refused", refusalOf(context, stage, call.name, position, offered));
  if (asked.invalidJson !== undefined)
    return close(
      "error",
      "The input was not valid JSON. Call the tool again with a JSON object.",
      {},
      definition.ends !== undefined,
    );

  // Texts for people and for the forge name a credential in the place of its bytes.
  const said = definition.run === undefined ? mapTexts(asked.input, redactSecrets) : asked.input;
  if (definition.asks !== undefined) return askPerson(context, stage, { call, input: said, close });
  await ensureWorkspace(context);
  if (definition.ends !== undefined) return endStage(context, stage, definition.ends, { input: said, close });
  if (definition.run === undefined) throw new Error(`the tool ${call.name} has no handler`);
  try {
    const output = await runTool(definition.run, toolContext(context, call.callId), asked.input);
    if (context.signal.aborted) return "again";
    return await closeDone(context, definition, output, close);
  } catch (error) {
    if (context.signal.aborted) return "again";
    if (error instanceof ToolError) return close("error", error.message);
    throw error;
  }
}

/** Ends a call that has been done, and saves its work. Work that can't be saved is told to the model with the output. */
async function closeDone(context: StepContext, { mutates }: Tool, output: string, close: Close): Promise<StepOutcome> {
  try {
    return close("ok", output, mutates ? await saveWork(context) : {});
  } catch (error) {
    if (error instanceof UnsavableWork) return close("error", `${output}\n\n${error.message}`);
    throw error;
  }
}

/** Ends a call that was under way when the process stopped and must not run twice; undefined when it has to run after all. */
async function closeStarted(context: StepContext, { atomic }: Tool, close: Close): Promise<StepOutcome | undefined> {
  await ensureWorkspace(context);
  let saved: SavedWork;
  try {
    saved = await saveWork(context);
  } catch (error) {
    if (error instanceof UnsavableWork) return close("interrupted", error.message);
    throw error;
  }
  if (atomic !== true)
    return close(
      "interrupted",
      "The process stopped while this tool was running. Its effect is unknown: look before you go on.",
      saved,
    );
  // The work was saved before an atomic call: a difference is this call's effect, and without one it has not happened.
  return saved.work === undefined ? undefined : close("ok", "Done, just before the process stopped.", saved);
}

/** The reason why the call at this position of its turn (from 1) is not run, for the model. */
function refusalOf(
  { deps, journal }: StepContext,
  stage: Stage,
  name: string,
  position: number,
  offered: readonly Tool[],
): string {
  if (position > maxToolCallsPerTurn) return `At most ${maxToolCallsPerTurn} tool calls are run in one turn.`;
  const unconstrained = toolsFor(stage, journal.view().mode, null, deps.extraTools);
  const quoted = JSON.stringify(name);
  const reason = unconstrained.some((each) => each.name === name)
    ? `This run may not use ${quoted}.`
    : `There is no tool ${quoted} in this stage.`;
  return `${reason} Tools: ${offered.map((each) => each.name).join(", ")}.`;
}

/** The write that ends a tool call: its event, its result for the model, and the changes that it made. */
function closing(
  context: StepContext,
  stage: Stage,
  result: {
    readonly call: { readonly callId: string; readonly name: string };
    readonly input: unknown;
    readonly outcome: Outcome;
    readonly output: string;
    readonly durationMs: number;
    readonly write: Partial<JournalWrite>;
    readonly invalidReport: boolean;
  },
): JournalWrite {
  const { journal } = context;
  const view = journal.view();
  const name = `${view.totalTurns}.${view.turnToolCalls - view.openToolCalls.length + 1}`;
  const { text, whole } = bounded(redactSecrets(result.output), name);
  const finished: NewRunEvent = {
    type: "tool.finished",
    data: {
      callId: result.call.callId,
      name: result.call.name,
      outcome: result.outcome,
      output: text,
      truncated: whole !== undefined,
      durationMs: result.durationMs,
      invalidReport: result.invalidReport,
    },
  };
  const watched = watchCall(journal, finished, { ...result, name: result.call.name, output: text });
  const message = {
    role: "user" as const,
    blocks: [
      {
        type: "tool_result" as const,
        toolUseId: result.call.callId,
        content: `${result.outcome === "ok" ? text : `Error: ${text}`}${watched.note}`,
        isError: result.outcome !== "ok",
      },
    ],
  };
  const kept = whole === undefined ? {} : facts.wholeOutput(name).write(whole);
  return {
    ...result.write,
    facts: { ...result.write.facts, ...kept, ...watched.facts },
    events: [finished, ...(result.write.events ?? []), ...watched.events],
    messages: [
      { conversation: conversationOf(stage, journal.view().mode, journal.view().stageAttempt), message },
      ...(result.write.messages ?? []),
    ],
  };
}

function toolContext(context: StepContext, callId: string): ToolContext {
  const { journal, signal } = context;
  return {
    ...(journal.view().reviewed === undefined ? {} : { reviewedDiff: (path) => reviewedDiff(journal, path) }),
    sandbox: sandboxOf(context),
    id: sandboxId(journal.spec.runId),
    callId,
    repositories: chosenLanes(journal.view()).map((lane) => ({
      folder: lane.folder,
      dir: laneDir(workDir, lane),
      testCommand: testCommandOf(context, lane),
    })),
    resolve: repositoryPath,
    resolveForWrite: (path) => {
      const resolved = repositoryPath(path);
      const view = journal.view();
      const rooted = resolved.slice(workDir.length + 1);
      if (laneOfPath(view, rooted) === undefined)
        throw new ToolError("The path is in no repository of this run: it begins with a repository's folder.");
      if (mayChange(view)(rooted)) return resolved;
      throw new ToolError(`This run may change only: ${allowedPathsText(view)}.`);
    },
    signal,
    keptOutput: (name) => facts.wholeOutput(name).read(journal),
    onOutput: (text) => journal.stream({ t: "output", callId, text }),
  };
}

/** A path of the repository as one of the sandbox. Throws ToolError when it leads out of the repository. */
export function repositoryPath(path: string): string {
  const parts: string[] = [];
  if (path.startsWith("/")) throw new ToolError("Paths are relative to the repository's root.");
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (parts.pop() === undefined) throw new ToolError("The path leads out of the repository.");
    } else parts.push(part);
  }
  return [workDir, ...parts].join("/");
}

/** An input as the event log keeps it: bounded, credentials hidden. */
function shown(input: unknown): unknown {
  const text = redactSecrets(JSON.stringify(input ?? null));
  if (text.length > 60_000) return { shortened: text.slice(0, 60_000).toWellFormed() };
  try {
    return JSON.parse(text);
  } catch {
    return { shortened: text };
  }
}
