import { Buffer } from "node:buffer";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { expect, test } from "vitest";
import { concat, jpeg, png } from "../../images.ts";
import { containing } from "./matchers.ts";
import { useModel } from "./support.ts";

const model = useModel();
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

const claude = (data: string, media_type: "image/png" = "image/png") =>
  model.anthropic().messages.create({
    model: "claude-opus-5-5",
    max_tokens: 1000,
    messages: [
      {
        role: "user",
        content: [
          { type: "image", source: { type: "base64", media_type, data } },
          { type: "text", text: "Look." },
        ],
      },
    ],
    tools: [{ name: "finish", input_schema: { type: "object" } }],
  });

const codex = (image_url: string) =>
  model.openai().responses.create({
    model: "gpt-6.1-sol",
    input: [
      {
        role: "user",
        content: [
          { type: "input_image", image_url, detail: "auto" },
          { type: "input_text", text: "Look." },
        ],
      },
    ],
    tools: [{ type: "function", name: "finish", parameters: { type: "object" }, strict: false }],
  });

test("an image is taken on both wires, counted by its pixels, and the demo agent says that it can't see it", async () => {
  const image = base64(png(750, 400));
  const message = await claude(image);
  expect(message.content[0]).toMatchObject({ type: "text", text: containing("An image came along; I can't see it.") });
  const response = await codex(`data:image/png;base64,${image}`);
  expect(response.output_text).toContain("An image came along; I can't see it.");
  const calls = await model.calls();
  expect(calls.map((call) => call["images"])).toEqual([1, 1]);
  for (const { cacheWriteTokens, inputTokens } of calls) {
    expect(inputTokens + cacheWriteTokens).toBeGreaterThan(400);
    expect(inputTokens + cacheWriteTokens).toBeLessThan(600);
  }
});

test.each([
  ["no image at all", base64(new TextEncoder().encode("<svg/>")), "Could not process image"],
  ["another format than it is called", base64(jpeg(5, 5)), "it appears to be image/jpeg"],
  ["too many pixels", base64(png(8001, 1)), "max allowed size: 8000 pixels"],
  ["more than 5 MB in base64", base64(concat(png(2, 2), new Uint8Array(4_000_000))), "image exceeds 5 MB maximum"],
])("%s is refused as the vendors refuse it", async (_, data, words) => {
  await expect(claude(data)).rejects.toThrow(Anthropic.BadRequestError);
  await expect(claude(data)).rejects.toThrow(words);
  await expect(codex(`data:image/png;base64,${data}`)).rejects.toThrow(OpenAI.BadRequestError);
});

test("an address that is none is refused", async () => {
  await expect(codex("javascript:alert(1)")).rejects.toThrow("Expected a valid URL");
});
