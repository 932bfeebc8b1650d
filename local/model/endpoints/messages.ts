import { parseMessagesRequest } from "../wire/anthropic/request.ts";
import { compactionBody, messageBody, messageEvents } from "../wire/anthropic/response.ts";
import { summaryOf } from "../wire/memory.ts";
import { countTokens } from "../wire/tokens.ts";
import { WireError } from "../wire/errors.ts";
import { countImages } from "../wire/images.ts";
import { composeAnswer, searchableText } from "./endpoint.ts";
import type { Endpoint } from "./endpoint.ts";

/** `POST /v1/messages`. */
export const answerMessages: Endpoint = (body, { controls, apiKey, headers }) => {
  if (headers["anthropic-version"] === undefined)
    throw new WireError(400, "bad_request", "anthropic-version: header is required");
  const request = parseMessagesRequest(body, headers["anthropic-beta"]?.toString());
  const sent = request.promptPieces.map((piece) => piece.text).join("\n");
  const requestText = searchableText(sent, request.conversation);
  return {
    model: request.model,
    // A summary is only given whole.
    stream: request.stream && !request.compaction,
    images: countImages(request.conversation),
    takeFault: () => controls.faults.take(requestText),
    answer(fault) {
      if (request.compaction) {
        const prompt = controls.cache.explicit(apiKey, request.promptPieces);
        const summary = summaryOf(request.conversation.messages);
        const outputTokens = countTokens(summary);
        return {
          usage: {
            inputTokens: prompt.uncachedTokens,
            cacheReadTokens: prompt.readTokens,
            cacheWriteTokens: prompt.writtenTokens,
            outputTokens,
          },
          toolCalls: [],
          scripted: false,
          body: () => compactionBody({ ...request, summary, prompt, outputTokens }),
          events: () => [],
        };
      }
      const composed = composeAnswer(controls, request.conversation, requestText, fault, request.maxOutputTokens);
      const prompt = controls.cache.explicit(apiKey, request.promptPieces);
      const finished = { ...composed, model: request.model, prompt };
      const events = messageEvents(finished);
      return {
        usage: {
          inputTokens: prompt.uncachedTokens,
          cacheReadTokens: prompt.readTokens,
          cacheWriteTokens: prompt.writtenTokens,
          outputTokens: composed.outputTokens,
        },
        toolCalls: composed.answer.calls.map((call) => call.name),
        scripted: composed.scripted,
        body: () => messageBody(finished),
        events: () => events,
      };
    },
  };
};
