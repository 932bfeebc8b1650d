import { randomBytes } from "node:crypto";
import { countImages } from "../wire/images.ts";
import { packMemory, summaryOf } from "../wire/memory.ts";
import { parseResponsesRequest } from "../wire/openai/request.ts";
import { countTokens } from "../wire/tokens.ts";
import { searchableText } from "./endpoint.ts";
import type { Endpoint } from "./endpoint.ts";

/** `POST /v1/responses/compact`: https://developers.openai.com/api/docs/guides/compaction */
export const answerCompact: Endpoint = (body, { controls, apiKey, atMs }) => {
  const request = parseResponsesRequest(body);
  const requestText = searchableText(request.promptText, request.conversation);
  return {
    model: request.model,
    stream: false,
    images: countImages(request.conversation),
    takeFault: () => controls.faults.take(requestText),
    answer() {
      const prompt = controls.cache.automatic(apiKey, request.promptText);
      const { messages } = request.conversation;
      const outputTokens = countTokens(summaryOf(messages));
      const inputTokens = prompt.uncachedTokens + prompt.readTokens;
      return {
        usage: {
          inputTokens: prompt.uncachedTokens,
          cacheReadTokens: prompt.readTokens,
          cacheWriteTokens: prompt.writtenTokens,
          outputTokens,
        },
        toolCalls: [],
        scripted: false,
        body: () => ({
          id: newId("resp"),
          object: "response.compaction",
          created_at: Math.floor(atMs / 1000),
          output: [
            ...request.userItems.map((item) => ({ id: newId("msg"), status: "completed", type: "message", ...item })),
            { id: newId("cmp"), type: "compaction", encrypted_content: packMemory("", messages) },
          ],
          usage: {
            input_tokens: inputTokens,
            input_tokens_details: { cached_tokens: prompt.readTokens, cache_write_tokens: prompt.writtenTokens },
            output_tokens: outputTokens,
            output_tokens_details: { reasoning_tokens: 0 },
            total_tokens: inputTokens + outputTokens,
          },
        }),
        events: () => [],
      };
    },
  };
};

function newId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString("hex")}`;
}
