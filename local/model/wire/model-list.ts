import type Anthropic from "@anthropic-ai/sdk";
import type { Model } from "openai/resources/models";
import type { ChatModel } from "openai/resources/shared";
import type { Provider } from "./conversation.ts";

/** Current ids out of the SDK's `Model` union. Any other id that a caller asks for is accepted and echoed. */
const anthropicIds: readonly Anthropic.Model[] = ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"];
const openaiIds: readonly ChatModel[] = ["gpt-6-astra", "gpt-6.1-sol", "gpt-6-luna"];
const listedAt = Date.UTC(2026, 9, 1);

function anthropicModel(id: string): Anthropic.ModelInfo {
  return {
    type: "model",
    id,
    display_name: `${id} (offline demo agent, no model)`,
    created_at: new Date(listedAt).toISOString(),
    capabilities: null,
    deprecated_at: null,
    lifecycle: "active",
    line: null,
    max_input_tokens: null,
    max_tokens: null,
    retires_at: null,
  };
}

function openaiModel(id: string): Model {
  return { id, object: "model", created: listedAt / 1000, owned_by: "offline-demo-agent" };
}

/** Body of `GET /v1/models` in the vendor's shape. */
export function modelList(provider: Provider): object {
  if (provider === "openai") return { object: "list", data: openaiIds.map(openaiModel) };
  const data = anthropicIds.map(anthropicModel);
  return { data, has_more: false, first_id: data.at(0)?.id ?? null, last_id: data.at(-1)?.id ?? null };
}

/** Body of `GET /v1/models/{id}`: any id is served. */
export function modelInfo(provider: Provider, id: string): object {
  return provider === "openai" ? openaiModel(id) : anthropicModel(id);
}
