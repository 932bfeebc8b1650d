import { afterEach, expect, it } from "vitest";
import type { Image } from "../../../contracts/upload.ts";
import { sha256Hex } from "../../../domain/hash.ts";
import { buildMessagesRequest } from "../../../worker/adapters/anthropic/request.ts";
import { buildResponsesRequest } from "../../../worker/adapters/openai/request.ts";
import { imageKey } from "../../../worker/ports/blobs.ts";
import { png } from "../../images.ts";
import { EngineHarness } from "./harness.ts";
import { use } from "./scenario.ts";

const files = { "package.json": JSON.stringify({ name: "x", scripts: { test: "true" } }), "a.txt": "a\n" };
const thought = {
  type: "thinking" as const,
  text: "Hm.",
  opaque: { type: "thinking", thinking: "Hm.", signature: "c2ln" },
};
const write = (id: string) => use(id, "write_file", { path: "b.txt", content: "b\n" });
const finish = (id: string) => use(id, "finish", { title: "Add b", summary: "Added." });
const review = (id: string) => use(id, "submit_review", { verdict: "approve", summary: "Good.", findings: [] });

let harness: EngineHarness;
afterEach(() => harness.close());

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
const pictures = [png(3, 2), png(5, 4)] as const;

/** A run with these images, which the blob store holds. */
async function begin(mode: "implement" | "review" = "implement"): Promise<readonly Image[]> {
  harness = EngineHarness.start(files);
  const images: Image[] = [];
  for (const [index, bytes] of pictures.entries()) {
    const id = sha256Hex(bytes);
    await harness.blobs.put(imageKey(1, id), { bytes, contentType: "image/png" });
    images.push({ id, mediaType: "image/png", sizeBytes: bytes.length, width: 3 + 2 * index, height: 2 + 2 * index });
  }
  harness.begin(mode, "make it look like this", [], images);
  return images;
}

const kinds = (index: number): readonly string[] =>
  harness.requests[index]?.messages[0]?.blocks.map((block) => block.type) ?? [];
const notices = (): readonly string[] =>
  harness.events().flatMap((event) => (event.type === "notice" ? [event.data.message] : []));

it("shows the request's images to every stage that reads it, before its words, the same bytes at every turn", async () => {
  await begin();
  harness.turns = [[write("a")], [finish("b")], [review("c")]];
  await harness.drive();
  expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
  expect(harness.requests).toHaveLength(3);
  for (const index of [0, 1, 2]) {
    expect(kinds(index)).toEqual(["image", "image", "text"]);
    const shown = harness.requests[index]?.messages[0]?.blocks.flatMap((block) =>
      block.type === "image" ? [[block.mediaType, block.base64]] : [],
    );
    expect(shown).toEqual(pictures.map((bytes) => ["image/png", base64(bytes)]));
  }
  const [first, second, third] = harness.requests;
  expect(JSON.stringify(second?.messages[0])).toBe(JSON.stringify(first?.messages[0]));
  if (first === undefined || third === undefined) throw new Error("no requests");
  const data = base64(pictures[0]);
  expect(buildMessagesRequest(first).messages[0]?.content).toMatchObject([
    { type: "image", source: { type: "base64", media_type: "image/png", data } },
    { type: "image" },
    { type: "text" },
  ]);
  expect(buildResponsesRequest(third).input).toMatchObject([
    {
      role: "user",
      content: [
        { type: "input_image", image_url: `data:image/png;base64,${data}` },
        { type: "input_image" },
        { type: "input_text" },
      ],
    },
  ]);
});

it("keeps an image's name and not its bytes, in the conversation and in the kept request", async () => {
  const images = await begin();
  harness.turns = [[write("a")], [finish("b")], [review("c")]];
  await harness.drive();
  const stored = JSON.stringify(harness.journal.conversation("coder"));
  const data = base64(pictures[0]);
  expect(stored).toContain(`{"type":"image_reference","id":"${images[0]?.id}","mediaType":"image/png"}`);
  expect(stored).not.toContain(data);
  const kept = await harness.bodies("run:coder:1:1");
  expect(kept.request).toContain(`"id":"${images[1]?.id}"`);
  expect(kept.request).not.toContain(data);
  const hashes = harness.events().flatMap((event) => (event.type === "turn.finished" ? [event.data.requestHash] : []));
  expect(sha256Hex(kept.request)).toBe(hashes[0]);
});

it("continues without a missing image, with one notice, and leaves it out of the conversation for good", async () => {
  const images = await begin();
  const lost = imageKey(1, images[0]?.id ?? "");
  const blob = harness.blobs.kept.get(lost);
  await harness.blobs.delete(lost);
  harness.turns = [[write("a")], [finish("b")], [review("c")]];
  await harness.drive(100, () => harness.requests.length === 1);
  if (blob !== undefined) harness.blobs.kept.set(lost, blob);
  await harness.drive();
  expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
  expect(notices().filter((message) => message.includes("object store"))).toEqual([
    `The image ${images[0]?.id.slice(0, 10)} (PNG, 3 x 2) can't be read from the object store. The agent goes on without it.`,
  ]);
  expect([kinds(0), kinds(1)]).toEqual([
    ["text", "image", "text"],
    ["text", "image", "text"],
  ]);
  // The review is another conversation: it gets what is there now.
  expect(kinds(2)).toEqual(["image", "image", "text"]);
});

it("waits for a store that is away for a moment", async () => {
  await begin();
  harness.turns = [[write("a")], [finish("b")], [review("c")]];
  harness.blobs.isAway = true;
  await harness.drive(100, () => harness.journal.fact("step_failures") === "2");
  harness.blobs.isAway = false;
  await harness.drive();
  expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
  expect(notices().filter((message) => message.includes("object store"))).toEqual([]);
  expect(kinds(0)).toEqual(["image", "image", "text"]);
});

it("continues without images when the store stays unreachable, and drops the thinking about them", async () => {
  await begin();
  harness.turns = [[thought, write("a")]];
  await harness.drive(100, () => harness.requests.length === 1);
  expect(harness.requests).toHaveLength(1);
  harness.blobs.isAway = true;
  harness.turns = [[finish("b")], [review("c")]];
  await harness.drive();
  expect(harness.journal.view().state).toBe("WAITING_APPROVAL");
  expect(notices().filter((message) => message.includes("object store"))).toHaveLength(4);
  expect(kinds(1)).toEqual(["text", "text", "text"]);
  const said = harness.requests[1]?.messages.flatMap(({ blocks }) => blocks.map((block) => block.type));
  expect(said).not.toContain("thinking");
  expect(harness.requests[1]?.clearedToolResults).toBeUndefined();
  expect(kinds(2)).toEqual(["text", "text", "text"]);
});

it("shows them to the review of a pull request too", async () => {
  await begin("review");
  harness.turns = [[review("a")]];
  await harness.drive(100, () => harness.requests.length === 1);
  expect(kinds(0)).toEqual(["image", "image", "text"]);
});
