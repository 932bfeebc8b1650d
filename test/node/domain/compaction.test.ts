import { describe, expect, it } from "vitest";
import {
  canSendWhole,
  clear,
  clearedFact,
  clearedFromFact,
  clearedResults,
  maxConversationCharacters,
  nothingCleared,
  shortening,
  sinceSummary,
} from "../../../domain/run/compaction.ts";
import type { ConversationMessage } from "../../../domain/run/conversation.ts";
import { pinnedImages, pinnedMessage, pinnedOf } from "../../../domain/run/pinned.ts";
import { useToolsMessage } from "../../../domain/instruction/prompts.ts";
import type { LlmBlock } from "../../../worker/ports/llm.ts";

type Message = ConversationMessage<LlmBlock>;

const withContent = (block: LlmBlock & { readonly type: "tool_result" }, content: string): LlmBlock => ({
  ...block,
  content,
});
const user = (...blocks: LlmBlock[]): Message => ({ role: "user", blocks });
const agent = (...blocks: LlmBlock[]): Message => ({ role: "assistant", blocks });
const text = (words: string): LlmBlock => ({ type: "text", text: words });
const use = (id: string, name = "read_file", input: unknown = {}): LlmBlock => ({ type: "tool_use", id, name, input });
const result = (toolUseId: string, content: string): LlmBlock => ({
  type: "tool_result",
  toolUseId,
  content,
  isError: false,
});

/** A request and `count` turns, each reading `characters` and hearing a word from a person. */
const talk = (count: number, characters = 20_000): readonly Message[] => [
  user(text(`the request ${"r".repeat(1000)}`)),
  ...Array.from({ length: count }, (_, index): Message[] => [
    agent({ type: "thinking", text: "hm" }, text(`said ${index}`), use(`t${index}`)),
    user(result(`t${index}`, "x".repeat(characters)), text(`steer ${index}`)),
  ]).flat(),
];
const size = (messages: readonly Message[]): number => JSON.stringify(messages).length;

describe("shortening", () => {
  it("leaves a conversation that fits as it is, byte for byte", () => {
    const short = talk(5);
    expect(shortening(short, nothingCleared, true)).toEqual({ kind: "none" });
    expect(clear<LlmBlock>(short, nothingCleared, withContent)).toEqual(short);
  });

  it("clears old results where that frees enough, pins what was said, and moves in large steps", () => {
    const long = talk(30);
    const next = shortening(long, nothingCleared, true);
    expect(next).toEqual({ kind: "clear", cleared: { messages: long.length - 12, thinking: long.length } });
    if (next.kind !== "clear") throw new Error("unreachable");
    const cleared = clear<LlmBlock>(long, next.cleared, withContent);
    const sent = JSON.stringify(cleared);
    for (let index = 0; index < 30; index += 1) expect(sent).toContain(`"said ${index}"`);
    for (let index = 0; index < 30; index += 1) expect(sent).toContain(`"steer ${index}"`);
    expect(sent).toContain("the request rrr");
    expect(sent.length).toBeLessThan(maxConversationCharacters);
    expect(shortening(talk(36), next.cleared, true)).toEqual({ kind: "none" });
  });

  it("leaves out all thinking before the cleared point and none after it, as vendors require", () => {
    const long = talk(30);
    const cleared = { messages: long.length - 12, thinking: long.length };
    const later = clear<LlmBlock>(talk(33), cleared, withContent);
    const thinks = later.flatMap(({ blocks }, index) =>
      blocks.some(({ type }) => type === "thinking") ? [index] : [],
    );
    expect(thinks).toEqual([long.length, long.length + 2, long.length + 4]);
  });

  it("has the same bytes at the front after every further turn", () => {
    const cleared = { messages: 49, thinking: 61 };
    const before = JSON.stringify(clear<LlmBlock>(talk(31), cleared, withContent)).slice(0, -1);
    expect(JSON.stringify(clear<LlmBlock>(talk(34), cleared, withContent)).startsWith(before)).toBe(true);
  });

  it("requests a summary where clearing frees too little, and clears what it can without a summariser", () => {
    const wordy = talk(5, 90_000);
    expect(shortening(wordy, nothingCleared, true)).toEqual({ kind: "summarise" });
    expect(shortening(wordy, nothingCleared, false)).toEqual({ kind: "none" });
    expect(shortening(talk(60, 60_000), nothingCleared, true).kind).toBe("summarise");
    expect(shortening(talk(60, 60_000), nothingCleared, false).kind).toBe("clear");
  });

  it("does not summarise a summary, however long its encrypted part is", () => {
    const summary = agent({ type: "compaction", text: "s".repeat(500), opaque: "o".repeat(900_000) });
    expect(shortening([summary, user(text("pinned"))], nothingCleared, true)).toEqual({ kind: "none" });
    const hopeless = [summary, user(text("p".repeat(500_000)))];
    expect(shortening(hopeless, nothingCleared, true)).toEqual({ kind: "none" });
  });

  it("never clears what a person answered", () => {
    const answer = "a".repeat(5000);
    const asked = [user(text("r")), agent(use("q", "ask_person")), user(result("q", answer)), ...talk(3)];
    const cleared = clear<LlmBlock>(asked, { messages: asked.length, thinking: asked.length }, withContent);
    expect(JSON.stringify(cleared)).toContain(answer);
    expect(size(cleared)).toBeLessThan(size(asked) / 2);
  });

  it("goes on from the newest summary", () => {
    const summary = (name: string): Message => agent({ type: "compaction", text: name, opaque: {} });
    const whole = [...talk(2), summary("one"), user(text("p")), ...talk(1), summary("two"), user(text("q"))];
    expect(sinceSummary(whole)).toEqual(whole.slice(-2));
    expect(sinceSummary(talk(2))).toEqual(talk(2));
  });

  it("counts cleared results, and refuses to send a conversation that is too long", () => {
    expect(clearedResults(talk(10), { messages: 7, thinking: 21 })).toBe(3);
    expect([canSendWhole(talk(60)), canSendWhole(talk(90))]).toEqual([true, false]);
  });

  it("reads the facts of older runs, too", () => {
    expect(clearedFromFact(clearedFact({ messages: 4, thinking: 9 }))).toEqual({ messages: 4, thinking: 9 });
    expect(clearedFromFact("17")).toEqual({ messages: 17, thinking: 17 });
  });
});

describe("pinned facts", () => {
  const stored: readonly Message[] = [
    user(text("# Fix it\n\nAcceptance: it adds.")),
    agent(use("q", "ask_person", { question: "Which way?" })),
    user(result("q", "The left one."), text("Ada says, while you work:\n\nKeep it small.")),
    agent(text("Hm.")),
    user(text(useToolsMessage)),
  ];
  const files = [{ path: "src/a.ts", status: "modified" }] as const;

  it("are the request, what people said and answered, and the files, word for word", () => {
    const message = pinnedMessage(pinnedOf(stored, files), false);
    for (const fact of [
      "# Fix it\n\nAcceptance: it adds.",
      "Keep it small.",
      "Q: Which way?\nA: The left one.",
      "- modified src/a.ts",
    ])
      expect(message).toContain(fact);
    expect(message).not.toContain(useToolsMessage);
  });

  it("survive a second summary once, not twice", () => {
    const first = pinnedMessage(pinnedOf(stored, files), false);
    const again = [
      ...stored,
      agent({ type: "compaction", text: "s", opaque: {} }),
      user(text(first)),
      agent(text("On it.")),
      user(text("Bo says, while you work:\n\nAlso the tests.")),
    ];
    const second = pinnedMessage(pinnedOf(again, files), false);
    for (const fact of ["Acceptance: it adds.", "Keep it small.", "The left one.", "Also the tests."])
      expect(second.split(fact).length - 1).toBe(1);
  });

  it("are also the images that people gave, each once, which count for what a model reads of them", () => {
    const image = (base64: string): LlmBlock => ({ type: "image", mediaType: "image/png", base64 });
    const big = image("A".repeat(3_000_000));
    const asked = [user(text("See."), big), ...talk(4), user(text("And this."), image("B"))];
    expect(shortening(asked, nothingCleared, true)).toEqual({ kind: "none" });
    const again = [
      ...asked,
      agent({ type: "compaction", text: "s", opaque: {} }),
      user(text("pinned"), big, image("B")),
    ];
    expect(pinnedImages<LlmBlock>(again)).toEqual([big, image("B")]);
  });

  it("leave out the messages that the vendor keeps itself", () => {
    const message = pinnedMessage(pinnedOf(stored, files), true);
    expect(message).not.toContain("Acceptance");
    expect(message).not.toContain("Keep it small.");
    expect(message).toContain("The left one.");
  });

  it("are bounded, the newest first", () => {
    const said = Array.from({ length: 40 }, (_, index) => user(text(`word ${index} ${"w".repeat(5000)}`)));
    const many = Array.from({ length: 900 }, (_, index) => ({ path: `f${index}`, status: "added" }));
    const message = pinnedMessage(pinnedOf([user(text("R")), ...said], many), false);
    expect(message).toContain("word 39 ");
    expect(message).not.toContain("word 0 ");
    expect(message).toContain("older ones left out");
    expect(message).toContain("- and 500 more");
    expect(message.length).toBeLessThan(100_000);
  });
});
