import * as z from "zod";
import type { Answer, Conversation } from "../wire/conversation.ts";

/** Body of `POST /_model/faults`. */
export const faultSchema = z.strictObject({
  /**
   * `429`, `529`, `500`: that status (the OpenAI wire answers 503 where Anthropic answers 529). `cut`: the connection is
   * reset halfway through the stream. `bad_json`: a tool call whose input does not parse. `unknown_tool`: a call of a
   * tool that was not offered. `slow`: waits before it answers. `cut_call`: the token limit is reached inside a tool call. `refusal`: the
   * vendor refuses, beside a whole tool call. `odd_name`: a tool's name that no vendor takes back. `odd_text`: half a surrogate pair and
   * NUL in an input.
   */
  kind: z.enum([
    ...["429", "529", "500", "cut", "bad_json", "unknown_tool", "slow"],
    ...["cut_call", "refusal", "odd_name", "odd_text"],
  ] as const),
  times: z.int().min(1).max(10_000).default(1),
  retryAfterSeconds: z.int().min(0).max(86_400).optional(),
  delayMs: z.int().min(0).max(600_000).optional(),
  /** Only requests that contain this text. */
  match: z.string().min(1).optional(),
});

export type Fault = z.infer<typeof faultSchema>;

/** Faults waiting to happen, first in first out. */
export class FaultQueue {
  #waiting: Fault[] = [];

  /** Queues a fault for the next `times` matching requests. */
  add(fault: Fault): void {
    this.#waiting.push(fault);
  }

  /** The fault for a request with this text, counted down; `undefined` when none is due. */
  take(requestText: string): Fault | undefined {
    const index = this.#waiting.findIndex((fault) => fault.match === undefined || requestText.includes(fault.match));
    const fault = this.#waiting[index];
    if (fault === undefined) return undefined;
    if (fault.times > 1) this.#waiting[index] = { ...fault, times: fault.times - 1 };
    else this.#waiting.splice(index, 1);
    return fault;
  }

  list(): readonly Fault[] {
    return this.#waiting;
  }

  clear(): void {
    this.#waiting = [];
  }
}

/** The answer as a faulty model would give it; the other kinds of fault leave it alone. */
export function spoilAnswer(fault: Fault | undefined, answer: Answer, conversation: Conversation): Answer {
  const { text } = answer;
  const first = answer.calls.at(0) ?? { name: conversation.tools.at(0) ?? "read_file", input: {} };
  switch (fault?.kind) {
    case "unknown_tool":
      return { text, calls: [{ name: "tool_that_was_never_offered", input: {} }] };
    case "bad_json":
      return { text, calls: [{ name: first.name, input: {}, rawInput: '{"path": "README.md", "limit": ' }] };
    case "cut_call": {
      const whole = JSON.stringify(first.input);
      return { text, calls: [{ ...first, rawInput: whole.slice(0, whole.length / 2) }], ending: "cut_call" };
    }
    case "refusal":
      return { text, calls: [first], ending: "refusal" };
    case "odd_name":
      return { text, calls: [{ name: "repo.shell $x", input: {} }] };
    case "odd_text":
      return { text, calls: [{ name: "list_files", input: {}, rawInput: '{"path":"\\ud800\\u0000"}' }] };
    default:
      return answer;
  }
}
