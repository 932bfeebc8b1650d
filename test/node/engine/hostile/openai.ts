import { sse } from "../../llm/replay-server.ts";
import { callsProblem, records, textProblem, type Hostile, type ReportedUsage, type Wire } from "./vendor.ts";

type Event = { readonly type: string; readonly [field: string]: unknown };

const model = "gpt-6.1-sol";
const usage = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
  output_tokens: 50,
};
const created: Event = { type: "response.created", response: { id: "r", status: "in_progress", model, output: [] } };
const added = (output_index: number, item: object): Event => ({
  type: "response.output_item.added",
  output_index,
  item,
});
const done = (output_index: number, item: object): Event => ({ type: "response.output_item.done", output_index, item });
const said = (output_index: number, delta: string): Event => ({
  type: "response.output_text.delta",
  output_index,
  delta,
});
const completed = (counts: object | null = usage, output: readonly object[] = []): Event => ({
  type: "response.completed",
  response: { id: "r", status: "completed", model, output, usage: counts },
});
const incomplete = (reason: string, output: readonly object[] = []): Event => ({
  type: "response.incomplete",
  response: { id: "r", status: "incomplete", model, incomplete_details: { reason }, output, usage },
});
const failedResponse = (code: string): object => ({
  id: "r",
  status: "failed",
  model,
  error: { code, message: "No." },
});
const failed = (code: string): Event => ({ type: "response.failed", response: failedResponse(code) });
const use = (call_id: string, name: string, args: string, status: string | undefined = "completed"): object => ({
  type: "function_call",
  id: `fc_${call_id}`,
  call_id,
  name,
  arguments: args,
  ...(status === undefined ? {} : { status }),
});
const text = (words: string, more: object = {}): object => ({
  type: "message",
  id: "msg",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text: words, annotations: [] }],
  ...more,
});
const refusal = { ...text(""), content: [{ type: "refusal", refusal: "I won't." }] };
const reasoning = {
  type: "reasoning",
  id: "rs",
  summary: [{ type: "summary_text", text: "Hm" }],
  encrypted_content: "Zw==",
};
const shell = '{"command":"touch hacked"}';
const argumentsDelta = (delta: string): Event => ({
  type: "response.function_call_arguments.delta",
  output_index: 2,
  delta,
});
const whole = [
  created,
  added(0, reasoning),
  done(0, reasoning),
  added(1, text("")),
  said(1, "So."),
  done(1, text("So.")),
  added(2, use("call_s", "shell", "", "in_progress")),
  argumentsDelta('{"command":'),
  argumentsDelta('"touch hacked"}'),
  done(2, use("call_s", "shell", shell)),
  completed(),
];
const list = use("call_l", "list_files", "{}");
const deep = `{"command":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;

const ended = (name: string, events: readonly Event[], more: Partial<Hostile> = {}): Hostile => ({
  name,
  stream: { text: sse(created, ...events) },
  billed: true,
  ...more,
});
/** The vendor counts once, with its last event. */
const reportedAll: ReportedUsage = { input: 100, output: 50, isAll: true };
const unbegun = (name: string, stream: Hostile["stream"], more: Partial<Hostile> = {}): Hostile => ({
  name,
  stream,
  billed: false,
  ...more,
});
const broken = (name: string, stream: Hostile["stream"], more: Partial<Hostile> = {}): Hostile =>
  unbegun(name, stream, { ...(stream.text.includes("response.created") ? { reported: "none" } : {}), ...more });
const calls = (name: string, more: Partial<Hostile>, ...items: object[]): Hostile =>
  ended(name, [...items.map((item, index) => done(index, item)), completed()], more);
const always = Number.POSITIVE_INFINITY;
const person = { rests: "NEEDS_HUMAN" } as const;

export const openAiStreams: readonly Hostile[] = [
  ...whole.map((_, index) => broken(`the body ends after ${index} events`, { text: sse(...whole.slice(0, index)) })),
  ...[1, 4, 7, 9].map((count) =>
    broken(`the connection drops after ${count} events`, { text: sse(...whole.slice(0, count)), ending: "cut" }),
  ),
  broken("nothing comes any more", { text: sse(...whole.slice(0, 8)), ending: "open" }),
  broken("a page of a proxy", { text: "<html><body>Bad gateway</body></html>" }),
  broken("cut streams without end", { text: sse(created, done(0, text("x"))) }, { times: always, ...person }),
  ...["server_error", "rate_limit_exceeded", "server_is_overloaded"].flatMap((code) => [
    broken(`${code} as a failed response`, { text: sse(...whole.slice(0, 6), failed(code)) }),
    unbegun(`${code} as an event`, { text: sse(created, { type: "error", code, message: "No.", param: null }) }),
    unbegun(`${code} without its name`, {
      text: `${sse(created)}data: {"type":"error","code":"${code}","message":"No."}\n\n`,
    }),
  ]),
  ...["bio_policy", "misalignment_policy_violation", "invalid_prompt"].map((code) =>
    unbegun(`${code} as a failed response`, { text: sse(created, failed(code)) }, person),
  ),
  broken("an event that is no JSON", {
    text: `${sse(created)}event: response.output_item.done\ndata: {"a\n\n${sse(...whole.slice(1))}`,
  }),
  broken("a nameless event that is no JSON", { text: `${sse(created)}data: {{\n\n${sse(...whole.slice(1))}` }),
  broken(
    "a response without one of its calls",
    { text: sse(created, added(0, use("a", "shell", "", "in_progress")), completed()) },
    { reported: reportedAll },
  ),
  broken(
    "a failed response with its count",
    { text: sse(created, { ...failed("server_error"), response: { ...failedResponse("server_error"), usage } }) },
    { reported: reportedAll },
  ),
  ended("cut inside a call that is not done", [
    added(0, use("a", "shell", "", "in_progress")),
    incomplete("max_output_tokens"),
  ]),
  ended("cut inside a call that is called incomplete", [
    done(0, use("a", "shell", '{"command":"touch', "incomplete")),
    incomplete("max_output_tokens"),
  ]),
  ended("cut inside a call that looks whole", [
    done(0, use("a", "shell", shell, "in_progress")),
    incomplete("max_output_tokens"),
  ]),
  ended("cut inside a call of no status that looks whole", [
    incomplete("max_output_tokens", [{ type: "function_call", call_id: "a", name: "shell", arguments: shell }]),
  ]),
  ended("cut before a call's input", [
    done(0, use("a", "list_files", "", "incomplete")),
    incomplete("max_output_tokens"),
  ]),
  ended(
    "cut after a whole call",
    [done(0, list), added(1, use("a", "shell", "", "in_progress")), incomplete("max_output_tokens")],
    { runs: ["list_files"] },
  ),
  ended("a call that is called incomplete in a whole response", [
    done(0, use("a", "shell", shell, "incomplete")),
    completed(),
  ]),
  ended("cut inside a text", [done(0, text("Well")), incomplete("max_output_tokens")]),
  ended("cut inside thinking", [done(0, reasoning), incomplete("max_output_tokens")]),
  ended("cut without end", [done(0, reasoning), incomplete("max_output_tokens")], { times: always, ...person }),
  ended("cut for a reason that is not known", [done(0, text("Well")), incomplete("steered")]),
  ended("a refusal beside a whole call", [done(0, refusal), done(1, use("a", "shell", shell)), completed()]),
  ended("a filter beside a whole call", [done(0, use("a", "shell", shell)), incomplete("content_filter")]),
  ended("refusals without end", [done(0, refusal), completed()], { times: always, ...person }),
  ...["", "repo.shell $x", "multi_tool_use.parallel", "x".repeat(200), "größe", " shell", "a\0"].map((name) =>
    calls(`a tool named ${JSON.stringify(name.slice(0, 30))}`, {}, use("a", name, shell)),
  ),
  calls("unknown tools without end", { times: always, ...person }, use("a", "nope$", "{}")),
  calls(
    "a custom tool call that was not offered",
    {},
    { type: "custom_tool_call", call_id: "a", name: "shell", input: "touch hacked" },
  ),
  calls("a local shell call", {}, { type: "local_shell_call", call_id: "a", action: { command: ["touch", "hacked"] } }),
  calls("an item of the vendor's own tools", {}, { type: "web_search_call", id: "ws", status: "completed" }),
  ...["", "id with spaces", "i".repeat(300), "ü"].map((id) =>
    calls(
      `a call with the id ${JSON.stringify(id.slice(0, 30))}`,
      { runs: ["list_files"] },
      use(id, "list_files", "{}"),
    ),
  ),
  calls("one id twice", { runs: ["list_files", "grep"] }, list, use("call_l", "grep", '{"pattern":"x"}')),
  calls("the same id in each answer", { runs: ["list_files"], times: 3 }, list),
  calls("half a surrogate pair in an input", { runs: ["grep"] }, use("a", "grep", '{"pattern":"\\ud800"}')),
  calls("NUL in an input", { runs: ["grep"] }, use("a", "grep", '{"pattern":"\\u0000"}')),
  calls("an input nested 50,000 deep", {}, use("a", "shell", deep)),
  calls("an input that is a list", {}, use("a", "shell", "[1]")),
  calls("an input that is a text", {}, use("a", "shell", '"touch hacked"')),
  calls("an input that is no JSON", {}, use("a", "shell", '{"command":')),
  calls("inputs that are no JSON without end", { times: always, ...person }, use("a", "shell", '{"command":')),
  calls("an input with __proto__", {}, use("a", "shell", '{"__proto__":{"command":"touch hacked"}}')),
  calls("a thousand calls", {}, ...Array.from({ length: 1_000 }, (_, index) => use(`c${index}`, "shell", shell))),
  calls("reasoning alone", {}, reasoning),
  calls(
    "reasoning nested 500 deep",
    { runs: ["list_files"] },
    { ...reasoning, more: JSON.parse(`${"[".repeat(500)}${"]".repeat(500)}`) as unknown },
    list,
  ),
  calls("an item of a kind that is not known", { runs: ["list_files"] }, { type: "hologram" }, list),
  calls("a comment with its phase", {}, text("So.", { phase: "commentary" })),
  ended("an item at an index of a billion", [done(1_000_000_000, list), completed()]),
  ended("empty answers without end", [completed()], { times: always, ...person }),
  ended("ten million characters", [done(0, text("x".repeat(10_000_000))), completed()]),
  ended("9e15 tokens", [done(0, text("Hm.")), completed({ ...usage, input_tokens: 9e15, output_tokens: 9e15 })], {
    cost: "bounded",
  }),
  ended("input without its details", [done(0, text("Hm.")), completed({ input_tokens: 100, output_tokens: 50 })]),
  ended("no counts", [done(0, text("Hm.")), completed(null)], { cost: "unknown" }),
  ended("a negative count", [done(0, text("Hm.")), completed({ ...usage, output_tokens: -5 })], { cost: "unknown" }),
];

export const openAiWire: Wire = {
  call: (id, name, input) => sse(created, done(0, use(id, name, JSON.stringify(input))), completed()),
  problem: (body) => {
    const items = records(body["input"]);
    const made = items.flatMap((item) =>
      item["type"] === "function_call" ? [{ id: item["call_id"], name: item["name"] }] : [],
    );
    const results = items.flatMap((item) => (item["type"] === "function_call_output" ? [item["call_id"]] : []));
    return callsProblem(made, results) ?? textProblem(body);
  },
};
