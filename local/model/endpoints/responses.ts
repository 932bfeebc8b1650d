import { parseResponsesRequest } from "../wire/openai/request.ts";
import { responseBody, responseEvents } from "../wire/openai/response.ts";
import { countImages } from "../wire/images.ts";
import { composeAnswer, searchableText } from "./endpoint.ts";
import type { Endpoint } from "./endpoint.ts";

/** `POST /v1/responses`. */
export const answerResponses: Endpoint = (body, { controls, apiKey, atMs }) => {
  const request = parseResponsesRequest(body);
  const requestText = searchableText(request.promptText, request.conversation);
  return {
    model: request.model,
    stream: request.stream,
    images: countImages(request.conversation),
    takeFault: () => controls.faults.take(requestText),
    answer(fault) {
      const composed = composeAnswer(controls, request.conversation, requestText, fault, request.maxOutputTokens);
      const prompt = controls.cache.automatic(apiKey, request.promptText);
      const finished = { ...composed, request, prompt };
      const events = responseEvents(finished, atMs);
      return {
        usage: {
          inputTokens: prompt.uncachedTokens,
          cacheReadTokens: prompt.readTokens,
          cacheWriteTokens: prompt.writtenTokens,
          outputTokens: composed.outputTokens,
        },
        toolCalls: composed.answer.calls.map((call) => call.name),
        scripted: composed.scripted,
        body: () => responseBody(finished, atMs),
        events: () => events,
      };
    },
  };
};
