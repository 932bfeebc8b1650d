import type { NewRunEvent } from "../../../../../contracts/run-events.ts";
import type { Stage } from "../../../../../contracts/run.ts";
import type { Step } from "../../../../../domain/run/next.ts";
import { redactSecrets } from "../../../../../domain/policy/secrets.ts";
import { isEndingTool, isToolOf, repeatableTools, stageTools } from "../../tools/catalogue.ts";
import { ToolError, type ToolContext } from "../../tools/context.ts";
import { bounded } from "../../tools/output.ts";
import { mutatingTools, runTool } from "../../tools/run-tool.ts";
import type { StepContext, StepOutcome } from "../deps.ts";
import type { JournalWrite } from "../journal.ts";
import { watchCall } from "../loop-watch.ts";
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
  const close = (outcome: Outcome, output: string, write: Partial<JournalWrite> = {}): StepOutcome => {
    journal.commit(
      closing(context, stage, {
        call,
        input: asked.input,
        outcome,
        output,
        durationMs: Math.max(0, deps.nowMs() - startedAtMs),
        write,
      }),
      epoch,
    );
    return "again";
  };

  const refusal = refusalOf(stage, call.name, view.turnToolCalls - view.openToolCalls.length + 1);
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
  if (refusal !== undefined || !isToolOf(stage, call.name)) return close("refused", refusal ?? "");
  if (asked.invalidJson !== undefined)
    return close("error", "The input was not valid JSON. Call the tool again with a JSON object.");

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
function refusalOf(stage: Stage, name: string, position: number): string | undefined {
  if (position > maxToolCallsPerTurn) return `At most ${maxToolCallsPerTurn} tool calls are run in one turn.`;
  return isToolOf(stage, name)
    ? undefined
    : `There is no tool ${JSON.stringify(name)} in this stage. Tools: ${stageTools[stage].join(", ")}.`;
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
  },
): JournalWrite {
  const { journal } = context;
  const { text, truncated } = bounded(redactSecrets(result.output));
  const finished: NewRunEvent = {
    type: "tool.finished",
    data: {
      callId: result.call.callId,
      name: result.call.name,
      outcome: result.outcome,
      output: text,
      truncated,
      durationMs: result.durationMs,
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
  return {
    ...result.write,
    facts: { ...result.write.facts, ...watched.facts },
    events: [finished, ...(result.write.events ?? []), ...watched.events],
    messages: [
      { conversation: conversationOf(stage, journal.view().stageAttempt), message },
      ...(result.write.messages ?? []),
    ],
  };
}

function toolContext({ deps, journal, signal }: StepContext, callId: string): ToolContext {
  return {
    sandbox: deps.sandbox,
    id: sandboxId(journal.spec.runId),
    callId,
    testCommand: journal.fact("test_command") ?? null,
    resolve: repositoryPath,
    signal,
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
