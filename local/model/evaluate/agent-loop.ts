import { toolInputs } from "../agent/tool-inputs.ts";
import { answerAsAgent } from "../agent/index.ts";
import type { Block, Message } from "../wire/conversation.ts";
import type { ToolExecutor } from "./executor.ts";

export interface LoopResult {
  readonly outcome: "done" | "declined" | "out of turns";
  readonly turns: number;
  readonly summary: string;
  readonly says: readonly string[];
}

const toolNames = [
  "read_file",
  "list_files",
  "grep",
  "edit_file",
  "write_file",
  "shell",
  "git_diff",
  "run_tests",
  "finish",
];

/** Plays the engine: asks the agent, runs its tool calls one by one, until it finishes; at most 50 turns as in the product. */
export async function runAgent(request: string, executor: Pick<ToolExecutor, "call">): Promise<LoopResult> {
  const messages: Message[] = [{ role: "user", blocks: [{ type: "text", text: request }] }];
  const says: string[] = [];
  for (let turn = 1; turn <= 50; turn += 1) {
    const answer = answerAsAgent({ system: "", messages, tools: toolNames });
    says.push(answer.text);
    const uses = answer.calls.map((call, index): Block & { type: "tool_use" } => ({
      type: "tool_use",
      id: `call_${turn}_${index}`,
      name: call.name,
      input: call.input,
    }));
    messages.push({ role: "assistant", blocks: [{ type: "text", text: answer.text }, ...uses] });
    const last = uses.find((use) => use.name === "finish");
    if (last !== undefined || uses.length === 0) {
      const finished = toolInputs.finish.safeParse(last?.input);
      return {
        outcome: finished.success && finished.data.outcome !== "declined" ? "done" : "declined",
        turns: turn,
        summary: finished.success ? finished.data.summary : answer.text,
        says,
      };
    }
    const results: Block[] = [];
    for (const use of uses)
      results.push({ type: "tool_result", toolUseId: use.id, ...(await executor.call(use.name, use.input)) });
    messages.push({ role: "user", blocks: results });
  }
  return { outcome: "out of turns", turns: 50, summary: "", says };
}
