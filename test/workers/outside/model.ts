import * as z from "zod";
import type { OutsideLedger } from "./ledger.ts";

const requestSchema = z.object({
  model: z.string(),
  metadata: z.object({ user_id: z.string() }),
  tools: z.array(z.object({ name: z.string() })).default([]),
  messages: z.array(z.object({ role: z.enum(["user", "assistant"]), content: z.unknown() })),
});

interface Call {
  readonly name: string;
  readonly input: unknown;
}

const plan: Call = {
  name: "submit_plan",
  input: {
    summary: "Two steps.",
    tasks: [
      { title: "First", type: "task", description: "", acceptance_criteria: [], depends_on: [] },
      { title: "Second", type: "task", description: "", acceptance_criteria: [], depends_on: [0] },
    ],
  },
};

/** What each stage does in its turns, by how many it has had. The prompt's first word that begins with `note-` names the file; what stands in «» is the title. */
function callsOf(tools: readonly string[], turn: number, said: string): readonly Call[] {
  if (tools.includes("submit_review"))
    return [{ name: "submit_review", input: { verdict: "approve", summary: "Fine.", findings: [] } }];
  if (tools.includes("submit_plan")) return [plan];
  if (!tools.includes("finish")) return [];
  const name = /note-[a-z0-9-]+/u.exec(said)?.[0] ?? "note";
  if (turn === 0)
    return [
      { name: "read_file", input: { path: "README.md" } },
      { name: "write_file", input: { path: `notes/${name}.md`, content: `# ${name}\n` } },
    ];
  if (turn === 1) return [{ name: "shell", input: { command: `add notes/log.txt ${name}` } }];
  const title = /«([^»]+)»/u.exec(said)?.[1] ?? `Add ${name}`;
  return [{ name: "finish", input: { title, summary: "A note.", outcome: "done" } }];
}

/** A model on Anthropic's wire that walks each stage in a few turns, and its bill. https://platform.claude.com/docs/en/build-with-claude/streaming */
export class FakeModel {
  #calls: OutsideLedger["modelCalls"] = [];
  #served = 0;

  ledger(): Pick<OutsideLedger, "modelCalls"> {
    return { modelCalls: this.#calls };
  }

  reset(): void {
    this.#calls = [];
  }

  async answer(request: Request): Promise<Response> {
    const { messages, metadata, model, tools } = requestSchema.parse(await request.json());
    this.#served += 1;
    const turn = messages.filter(({ role }) => role === "assistant").length;
    const calls = callsOf(
      tools.map(({ name }) => name),
      turn,
      JSON.stringify(messages),
    );
    // Every call has another price, so that no sum comes out right by chance.
    const bill = {
      callId: metadata.user_id,
      requestId: `req_${this.#served}`,
      inputTokens: 1_000 + this.#served,
      outputTokens: 100 + 7 * this.#served,
    };
    this.#calls.push(bill);
    return new Response(stream(model, bill, calls), {
      headers: { "content-type": "text/event-stream", "request-id": bill.requestId },
    });
  }
}

function stream(model: string, bill: OutsideLedger["modelCalls"][number], calls: readonly Call[]): string {
  const start = {
    type: "message_start",
    message: {
      id: `msg_${bill.requestId}`,
      type: "message",
      role: "assistant",
      model,
      content: [],
      stop_reason: null,
      usage: {
        input_tokens: bill.inputTokens,
        cache_read_input_tokens: 0,
        cache_creation_input_tokens: 0,
        output_tokens: 1,
      },
    },
  };
  const blocks = calls.flatMap(({ input, name }, index) => [
    {
      type: "content_block_start",
      index,
      content_block: { type: "tool_use", id: `toolu_${bill.requestId}_${index}`, name, input: {} },
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
      usage: { output_tokens: bill.outputTokens },
    },
    { type: "message_stop" },
  ];
  return [start, ...blocks, ...end].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}
