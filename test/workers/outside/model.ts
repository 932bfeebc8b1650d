import * as z from "zod";
import type { LlmBlock } from "../../../worker/ports/llm.ts";
import { MemoryModel, type Asked, type Bill, type ScriptedCall } from "../../fakes/model/memory-model.ts";
import type { OutsideLedger } from "./ledger.ts";

const requestSchema = z.object({
  model: z.string(),
  metadata: z.object({ user_id: z.string() }),
  tools: z.array(z.object({ name: z.string() })).default([]),
  messages: z.array(z.object({ role: z.enum(["user", "assistant"]), content: z.unknown() })),
});

const plan: ScriptedCall = {
  name: "submit_plan",
  input: {
    summary: "Two steps.",
    tasks: [
      { title: "First", type: "task", description: "", acceptance_criteria: [], depends_on: [] },
      { title: "Second", type: "task", description: "", acceptance_criteria: [], depends_on: [0] },
    ],
  },
};

const triage: ScriptedCall = { name: "submit_triage", input: { decision: "GO", reasons: ["It is clear."] } };
const architecture: ScriptedCall = {
  name: "submit_architecture",
  input: {
    ...{ title: "Notes", architecture: "One file.", scope: ["a note"], non_goals: [] },
    acceptance_criteria: ["the note is there"],
  },
};

/** The paths in front of each repository's files, as the request names their folders; empty for a repository alone. */
function placesOf(said: string): readonly string[] {
  const folders = new Set([...said.matchAll(/ in (org-\d+-one\/)/gu)].map(([, folder = ""]) => folder));
  return folders.size === 0 ? [""] : [...folders];
}

/** The calls of a stage's next turn. The prompt's first word that begins with `note-` names the file; the text in «» is the title. */
function callsOf(tools: readonly string[], turn: number, said: string): readonly ScriptedCall[] {
  if (tools.includes("submit_review"))
    return [{ name: "submit_review", input: { verdict: "approve", summary: "Fine.", findings: [] } }];
  if (tools.includes("submit_plan")) return [plan];
  if (tools.includes("submit_triage")) return [triage];
  if (tools.includes("submit_architecture")) return [architecture];
  if (!tools.includes("finish")) return [];
  const name = /note-[a-z0-9-]+/u.exec(said)?.[0] ?? "note";
  const places = placesOf(said);
  if (turn === 0)
    return [
      { name: "read_file", input: { path: `${places[0] ?? ""}README.md` } },
      ...places.map((place) => ({
        name: "write_file",
        input: { path: `${place}notes/${name}.md`, content: `# ${name}\n` },
      })),
    ];
  if (turn === 1)
    return places.map((place) => ({ name: "shell", input: { command: `add ${place}notes/log.txt ${name}` } }));
  const title = /«([^»]+)»/u.exec(said)?.[1] ?? `Add ${name}`;
  // The plan is in the first message of a coder whose run has one.
  const tasks = said.includes("Two steps.") ? { tasks: [0, 1] } : {};
  return [{ name: "finish", input: { title, summary: "A note.", outcome: "done", ...tasks } }];
}

interface AskedOverWire extends Asked {
  /** All texts of the request, as JSON. */
  readonly said: string;
}

/** The model on Anthropic's wire: it walks each stage in a few turns. https://platform.claude.com/docs/en/build-with-claude/streaming */
export class FakeModel {
  readonly #model = new MemoryModel<AskedOverWire>(
    ({ messages, said, tools }) => {
      const turn = messages.filter(({ role }) => role === "assistant").length;
      return callsOf(tools, turn, said).map(({ input, name }, index) => ({
        ...{ type: "tool_use", id: `call-${index}`, name, input },
      }));
    },
    // Every call has another price, so that no sum comes out right by chance.
    (before) => ({
      inputTokens: 1_001 + before,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      outputTokens: 107 + 7 * before,
    }),
  );

  ledger(): Pick<OutsideLedger, "modelCalls"> {
    const modelCalls = this.#model.bills.map(({ callId, requestId, usage }) => ({
      ...{ callId, requestId },
      inputTokens: usage.inputTokens ?? 0,
      outputTokens: usage.outputTokens ?? 0,
    }));
    return { modelCalls };
  }

  reset(): void {
    this.#model.reset();
  }

  async answer(request: Request): Promise<Response> {
    const { messages, metadata, model, tools } = requestSchema.parse(await request.json());
    const { bill, blocks } = this.#model.answer({
      ...{ callId: metadata.user_id, model, messages, said: JSON.stringify(messages) },
      tools: tools.map(({ name }) => name),
    });
    return new Response(stream(model, bill, blocks), {
      headers: { "content-type": "text/event-stream", "request-id": bill.requestId },
    });
  }
}

function stream(model: string, { requestId, usage }: Bill, said: readonly LlmBlock[]): string {
  const start = {
    type: "message_start",
    message: {
      id: `msg_${requestId}`,
      type: "message",
      role: "assistant",
      model,
      content: [],
      stop_reason: null,
      usage: {
        input_tokens: usage.inputTokens,
        cache_read_input_tokens: usage.cacheReadTokens,
        cache_creation_input_tokens: usage.cacheWriteTokens,
        output_tokens: 1,
      },
    },
  };
  const calls = said.filter((block) => block.type === "tool_use");
  const blocks = calls.flatMap(({ input, name }, index) => [
    {
      type: "content_block_start",
      index,
      content_block: { type: "tool_use", id: `toolu_${requestId}_${index}`, name, input: {} },
    },
    {
      type: "content_block_delta",
      index,
      delta: { type: "input_json_delta", partial_json: JSON.stringify(input) },
    },
    { type: "content_block_stop", index },
  ]);
  const end = [
    {
      type: "message_delta",
      delta: { stop_reason: calls.length > 0 ? "tool_use" : "end_turn" },
      usage: { output_tokens: usage.outputTokens },
    },
    { type: "message_stop" },
  ];
  return [start, ...blocks, ...end].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}
