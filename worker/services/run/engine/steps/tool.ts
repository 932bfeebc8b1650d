import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import type { Stage } from "../../../../../contracts/run.ts";
import type { RunView } from "../../../../../domain/run/fold.ts";
import type { Step } from "../../../../../domain/run/next.ts";
import { redactSecrets } from "../../../../../domain/policy/secrets.ts";
import { isEndingTool, isToolOf, repeatableTools, toolNamesOf } from "../../tools/catalogue.ts";
import { ToolError, type ToolContext } from "../../tools/context.ts";
import { bounded } from "../../tools/output.ts";
import { mutatingTools, runTool } from "../../tools/run-tool.ts";
import { allowedPathsText, allowedTools, mayChange } from "../constraints.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import type { JournalWrite } from "../journal.ts";
import { watchCall } from "../loop-watch.ts";
import { reviewedDiff } from "../reviewed-pull.ts";
import { ensureWorkspace, sandboxId, saveWorkspace, workDir } from "../workspace.ts";
import { askPerson } from "./ask-person.ts";
import { endStage } from "./end-stage.ts";
import { conversationOf, maxToolCallsPerTurn } from "./turn.ts";

type Outcome = "ok" | "error" | "interrupted" | "refused";

/** Runs the first tool call that is open. What had started when the process died is reported, not done twice. */
export async function tool(context: StepContext, step: Extract<Step, { kind: "tool" }>): Promise<StepOutcome> {
  const { deps, epoch, journal } = context;
  const { call } = step;
  const view = journal.view();
  const { stage } = view;
  const asked = journal.toolInput(call.callId);
  if (stage === undefined || asked === undefined) throw new Error("a tool call needs a stage and an input");
  const startedAtMs = deps.nowMs();
  const close = (
    outcome: Outcome,
    output: string,
    write: Partial<JournalWrite> = {},
    misfit: boolean = false,
  ): StepOutcome => {
    const durationMs = Math.max(0, deps.nowMs() - startedAtMs);
    const { input } = asked;
    journal.commit(closing(context, stage, { call, input, outcome, output, durationMs, write, misfit }), epoch);
    return "again";
  };

  const refusal = refusalOf(view, stage, call.name, view.turnToolCalls - view.openToolCalls.length + 1);
  if (call.started && refusal === undefined && !repeatableTools.has(call.name)) {
    await ensureWorkspace(context);
    const saved = await saveWorkspace(context);
    // A file is written in one piece and everything before it was saved: what differs now is this call's effect, or it has none.
    if (isFileWrite(call.name)) {
      if (saved.workspace !== undefined) return close("ok", "Done, just before the process stopped.", saved);
    } else
      return close(
        "interrupted",
        "The process stopped while this tool was running. Its effect is unknown: look before you go on.",
        saved,
      );
  }
  if (!call.started) {
    const input = asked.invalidJson === undefined ? asked.input : { invalid_json: asked.invalidJson.slice(0, 2000) };
    journal.commit(
      {
        events: [
          {
            type: "tool.started",
            data: { stage, turn: view.turns, callId: call.callId, name: call.name, input: shown(input) },
          },
        ],
      },
      epoch,
    );
  }
  if (refusal !== undefined || !isToolOf(stage, view.mode, allowedTools(view), call.name))
    return close("refused", refusal ?? "");
  if (asked.invalidJson !== undefined)
    return close(
      "error",
      "The input was not valid JSON. Call the tool again with a JSON object.",
      {},
      isEndingTool(call.name),
    );

  if (call.name === "ask_person") return askPerson(context, stage, { call, input: asked.input, close });
  await ensureWorkspace(context);
  if (isEndingTool(call.name))
    return endStage(context, stage, { call: { callId: call.callId, name: call.name }, input: asked.input, close });
  try {
    const output = await runTool(toolContext(context, call.callId), call.name, asked.input);
    if (context.signal.aborted) return "again";
    return close("ok", output, mutatingTools.has(call.name) ? await saveWorkspace(context) : {});
  } catch (error) {
    if (context.signal.aborted) return "again";
    if (error instanceof ToolError) return close("error", error.message);
    throw error;
  }
}

function isFileWrite(name: string): boolean {
  return name === "write_file" || name === "edit_file";
}

/** Why the call at this position of its turn (from 1) is not run at all, or undefined. */
function refusalOf(view: RunView, stage: Stage, name: string, position: number): string | undefined {
  if (position > maxToolCallsPerTurn) return `At most ${maxToolCallsPerTurn} tool calls are run in one turn.`;
  const allowed = allowedTools(view);
  if (isToolOf(stage, view.mode, allowed, name)) return undefined;
  const why = isToolOf(stage, view.mode, null, name) ? "This run may not use" : "There is no tool";
  return `${why} ${JSON.stringify(name)}${why === "There is no tool" ? " in this stage" : ""}. Tools: ${toolNamesOf(stage, view.mode, allowed).join(", ")}.`;
}

/** The write that ends a tool call: its event, its result for the model, and whatever it brought. */
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
    readonly misfit: boolean;
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
      misfit: result.misfit,
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
  const kept = whole === undefined ? {} : { [outputFact(name)]: whole };
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

function outputFact(name: string): string {
  return `output:${name}`;
}

function toolContext(context: StepContext, callId: string): ToolContext {
  const { deps, journal, signal } = context;
  return {
    ...(journal.view().reviewed === undefined ? {} : { reviewedDiff: (path) => reviewedDiff(journal, path) }),
    sandbox: deps.sandbox,
    id: sandboxId(journal.spec.runId),
    callId,
    testCommand: journal.fact("test_command") ?? null,
    resolve: repositoryPath,
    resolveForWrite: (path) => {
      const resolved = repositoryPath(path);
      const view = journal.view();
      if (mayChange(view)(resolved.slice(workDir.length + 1))) return resolved;
      throw new ToolError(`This run may change only: ${allowedPathsText(view)}.`);
    },
    signal,
    keptOutput: (name) => journal.fact(outputFact(name)),
    onOutput: (text) => journal.stream({ t: "output", callId, text: redactSecrets(text) }),
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
