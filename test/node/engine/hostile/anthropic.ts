import { sse } from "../../llm/replay-server.ts";
import { callsProblem, records, textProblem, type Hostile, type ReportedUsage, type Wire } from "./vendor.ts";

type Event = { readonly type: string; readonly [field: string]: unknown };

const usage = { input_tokens: 100, cache_read_input_tokens: 0, cache_creation_input_tokens: 0, output_tokens: 1 };
const start: Event = {
  type: "message_start",
  message: { id: "m", model: "claude-opus-5-5", role: "assistant", usage },
};
const open = (index: number, content_block: object): Event => ({ type: "content_block_start", index, content_block });
const delta = (index: number, part: object): Event => ({ type: "content_block_delta", index, delta: part });
const close = (index: number): Event => ({ type: "content_block_stop", index });
const end = (reason: string, more: object = {}, counts: object = { output_tokens: 50 }): Event[] => [
  { type: "message_delta", delta: { stop_reason: reason, ...more }, usage: counts },
  { type: "message_stop" },
];
const begun = (index: number, id: string, name: string, json: string): Event[] => [
  open(index, { type: "tool_use", id, name, input: {} }),
  ...(json === "" ? [] : [delta(index, { type: "input_json_delta", partial_json: json })]),
];
const use = (index: number, id: string, name: string, json: string): Event[] => [
  ...begun(index, id, name, json),
  close(index),
];
const text = (index: number, said: string): Event[] => [
  open(index, { type: "text", text: "" }),
  delta(index, { type: "text_delta", text: said }),
  close(index),
];
const thinking = (index: number): Event[] => [
  open(index, { type: "thinking", thinking: "", signature: "" }),
  delta(index, { type: "thinking_delta", thinking: "Hm" }),
  delta(index, { type: "signature_delta", signature: "c2ln" }),
  close(index),
];
const shell = '{"command":"touch hacked"}';
const whole = [start, ...thinking(0), ...text(1, "So."), ...use(2, "toolu_s", "shell", shell), ...end("tool_use")];
const list = use(0, "toolu_l", "list_files", "{}");
const deep = `{"command":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;

const ended = (name: string, events: readonly Event[], more: Partial<Hostile> = {}): Hostile => ({
  name,
  stream: { text: sse(...events) },
  billed: true,
  ...more,
});
/** Counts after the message's first event, and after its last delta. */
const reportedFirst: ReportedUsage = { input: 100, output: 1, isAll: false };
const reportedAll: ReportedUsage = { input: 100, output: 50, isAll: true };
const broken = (name: string, stream: Hostile["stream"], more: Partial<Hostile> = {}): Hostile => ({
  name,
  stream,
  billed: false,
  ...(stream.text.includes("message_start") ? { reported: reportedFirst } : {}),
  ...more,
});
const error = (type: string): Event => ({ type: "error", error: { type, message: "No." } });
const calls = (name: string, more: Partial<Hostile>, ...events: Event[]): Hostile =>
  ended(name, [start, ...events, ...end("tool_use")], more);
const always = Number.POSITIVE_INFINITY;

export const anthropicStreams: readonly Hostile[] = [
  ...whole
    .slice(0, -1)
    .map((_, index) => broken(`the body ends after ${index} events`, { text: sse(...whole.slice(0, index)) })),
  broken("the body ends before the last event", { text: sse(...whole.slice(0, -1)) }, { reported: reportedAll }),
  broken(
    "an error after the last count",
    { text: sse(...whole.slice(0, -1), error("api_error")) },
    { reported: reportedAll },
  ),
  broken(
    "nothing comes after the last count",
    { text: sse(...whole.slice(0, -1)), ending: "open" },
    { reported: reportedAll },
  ),
  ...[1, 5, 9, 11].map((count) =>
    broken(`the connection drops after ${count} events`, { text: sse(...whole.slice(0, count)), ending: "cut" }),
  ),
  broken("nothing comes any more", { text: sse(...whole.slice(0, 9)), ending: "open" }),
  broken("a page of a proxy", { text: "<html><body>Bad gateway</body></html>" }),
  broken("cut streams without end", { text: sse(start, ...text(0, "x")) }, { times: always, rests: "NEEDS_HUMAN" }),
  ...["overloaded_error", "rate_limit_error", "api_error"].flatMap((type) => [
    broken(`${type} inside the stream`, { text: sse(...whole.slice(0, 9), error(type)) }),
    broken(`${type} without its name`, {
      text: `${sse(...whole.slice(0, 9))}data: ${JSON.stringify(error(type))}\n\n`,
    }),
  ]),
  broken("an event that is no JSON", {
    text: `${sse(start)}event: content_block_delta\ndata: {"a\n\n${sse(...whole.slice(1))}`,
  }),
  broken("a nameless event that is no JSON", { text: `${sse(start)}data: {{\n\n${sse(...whole.slice(1))}` }),
  broken("two beginnings", { text: sse(start, ...whole) }),
  broken("two blocks of one index", {
    text: sse(start, ...use(0, "a", "shell", shell), ...use(0, "b", "shell", shell), ...end("tool_use")),
  }),
  broken("a delta of a block that is closed", {
    text: sse(
      start,
      ...use(0, "a", "shell", shell),
      delta(0, { type: "input_json_delta", partial_json: "}" }),
      ...end("tool_use"),
    ),
  }),
  broken("the end of a block that never began", { text: sse(start, close(3), ...whole.slice(1)) }),
  broken("an end without a reason", { text: sse(...whole.slice(0, -2), { type: "message_stop" }) }),
  broken(
    "an end within a call",
    { text: sse(start, ...begun(0, "a", "shell", shell), ...end("tool_use")) },
    { reported: reportedAll },
  ),
  ended("cut inside a call that is still open", [
    start,
    ...begun(0, "a", "shell", '{"command":"touch'),
    ...end("max_tokens"),
  ]),
  ended("cut inside a call that looks closed", [
    start,
    ...use(0, "a", "shell", '{"command":"touch'),
    ...end("max_tokens"),
  ]),
  ended("cut inside a call that looks whole", [start, ...use(0, "a", "shell", shell), ...end("max_tokens")]),
  ended("cut before a call's input", [start, ...use(0, "a", "list_files", ""), ...end("max_tokens")]),
  ended("cut after a whole call", [start, ...list, ...begun(1, "a", "shell", shell), ...end("max_tokens")], {
    runs: ["list_files"],
  }),
  ended("cut inside a text", [start, open(0, { type: "text", text: "Well" }), ...end("max_tokens")]),
  ended("cut inside thinking", [start, ...thinking(0).slice(0, 2), ...end("max_tokens")]),
  ended("cut at the context's end", [start, ...begun(0, "a", "shell", shell), ...end("model_context_window_exceeded")]),
  ended("cut without end", [start, ...thinking(0).slice(0, 2), ...end("max_tokens")], {
    times: always,
    rests: "NEEDS_HUMAN",
  }),
  ended("a refusal beside a whole call", [start, ...use(0, "a", "shell", shell), ...end("refusal")]),
  ended("a refusal inside a block", [
    start,
    ...begun(0, "a", "shell", shell),
    ...end("refusal", { stop_details: { type: "refusal", category: "cyber", explanation: "No." } }),
  ]),
  ended("refusals without end", [start, ...text(0, "No."), ...end("refusal")], { times: always, rests: "NEEDS_HUMAN" }),
  ...["", "repo.shell $x", "multi_tool_use.parallel", "x".repeat(200), "größe", " shell", "a\0"].map((name) =>
    calls(`a tool named ${JSON.stringify(name.slice(0, 30))}`, {}, ...use(0, "a", name, shell)),
  ),
  calls("unknown tools without end", { times: always, rests: "NEEDS_HUMAN" }, ...use(0, "a", "nope$", "{}")),
  ...["", "id with spaces", "i".repeat(300), "ü"].map((id) =>
    calls(
      `a call with the id ${JSON.stringify(id.slice(0, 30))}`,
      { runs: ["list_files"] },
      ...use(0, id, "list_files", "{}"),
    ),
  ),
  calls("one id twice", { runs: ["list_files", "grep"] }, ...list, ...use(1, "toolu_l", "grep", '{"pattern":"x"}')),
  calls("the same id in each answer", { runs: ["list_files"], times: 3 }, ...list),
  calls("half a surrogate pair in an input", { runs: ["grep"] }, ...use(0, "a", "grep", '{"pattern":"\\ud800"}')),
  calls("NUL in an input", { runs: ["grep"] }, ...use(0, "a", "grep", '{"pattern":"\\u0000"}')),
  calls("an input nested 50,000 deep", {}, ...use(0, "a", "shell", deep)),
  calls("an input that is a list", {}, ...use(0, "a", "shell", "[1]")),
  calls("an input that is a text", {}, ...use(0, "a", "shell", '"touch hacked"')),
  calls("an input that is no JSON", {}, ...use(0, "a", "shell", '{"command":')),
  calls(
    "inputs that are no JSON without end",
    { times: always, rests: "NEEDS_HUMAN" },
    ...use(0, "a", "shell", '{"command":'),
  ),
  calls("an input with __proto__", {}, ...use(0, "a", "shell", '{"__proto__":{"command":"touch hacked"}}')),
  calls(
    "a thousand calls",
    {},
    ...Array.from({ length: 1_000 }, (_, index) => use(index, `c${index}`, "shell", shell)).flat(),
  ),
  calls(
    "white space before thinking",
    { runs: ["list_files"] },
    ...text(0, "\n\n"),
    ...thinking(1),
    ...use(2, "a", "list_files", "{}"),
  ),
  calls(
    "thinking without its signature",
    { runs: ["list_files"] },
    open(0, { type: "thinking", thinking: "x", signature: "" }),
    close(0),
    ...use(1, "a", "list_files", "{}"),
  ),
  calls(
    "blocks of the vendor's own tools",
    { runs: ["list_files"] },
    ...list.slice(0, 0),
    open(0, { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} }),
    close(0),
    open(1, { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] }),
    close(1),
    ...use(2, "a", "list_files", "{}"),
  ),
  calls(
    "a block of a kind that is not known",
    { runs: ["list_files"] },
    open(0, { type: "hologram" }),
    close(0),
    ...use(1, "a", "list_files", "{}"),
  ),
  calls("no block where a call was announced", {}),
  ended("a pause of the vendor", [start, ...text(0, "Wait."), ...end("pause_turn")]),
  ended("a reason that is not known", [start, ...text(0, "Hm."), ...end("brand_new")]),
  ended("empty answers without end", [start, ...end("end_turn")], { times: always, rests: "NEEDS_HUMAN" }),
  ended("ten million characters", [start, ...text(0, "x".repeat(10_000_000)), ...end("end_turn")]),
  ended(
    "9e15 tokens",
    [start, ...text(0, "Hm."), ...end("end_turn", {}, { input_tokens: 9e15, output_tokens: 9e15 })],
    { cost: "bounded" },
  ),
  ended("no count of the answer", [start, ...text(0, "Hm."), ...end("end_turn", {}, {})], { cost: "unknown" }),
  ended("a negative count", [start, ...text(0, "Hm."), ...end("end_turn", {}, { output_tokens: -5 })], {
    cost: "unknown",
  }),
];

export const anthropicWire: Wire = {
  call: (id, name, input) => sse(start, ...use(0, id, name, JSON.stringify(input)), ...end("tool_use")),
  problem: (body) => {
    const messages = records(body["messages"]);
    const all: { readonly id: unknown; readonly name: unknown }[] = [];
    for (const [index, message] of messages.entries()) {
      const content = records(message["content"]);
      if (content.length === 0) return "a message is empty";
      if (content.some((block) => block["type"] === "text" && block["text"] === "")) return "a text is empty";
      if (message["role"] !== "assistant") continue;
      const made = content.flatMap((block) =>
        block["type"] === "tool_use" ? [{ id: block["id"], name: block["name"] }] : [],
      );
      const results = records(messages[index + 1]?.["content"]).flatMap((block) =>
        block["type"] === "tool_result" ? [block["tool_use_id"]] : [],
      );
      const problem = callsProblem(made, results);
      if (problem !== undefined) return problem;
      all.push(...made);
    }
    return new Set(all.map(({ id }) => id)).size === all.length ? textProblem(body) : "ids must be unique";
  },
};
