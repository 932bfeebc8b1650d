import type { LlmProvider } from "../../ports/llm.ts";

const timeoutMs = 5_000;
const defaultBase = { anthropic: "https://api.anthropic.com", openai: "https://api.openai.com/v1" } as const;

/**
 * Asks a provider for its list of models with a key: `taken` when it answers, `refused` for 401 and 403, `unknown` when it can't
 * be reached or answers otherwise. https://platform.claude.com/docs/en/api/models-list,
 * https://platform.openai.com/docs/api-reference/models/list
 */
export async function tryProviderKey(
  provider: LlmProvider,
  key: string,
  options: { readonly baseUrl?: string; readonly fetch?: typeof globalThis.fetch } = {},
): Promise<"taken" | "refused" | "unknown"> {
  const base = (options.baseUrl ?? defaultBase[provider]).replace(/\/+$/u, "");
  const send = options.fetch ?? ((url: string, init: RequestInit) => fetch(url, init));
  const asks =
    provider === "anthropic"
      ? { url: `${base}/v1/models?limit=1`, headers: { "x-api-key": key, "anthropic-version": "2023-06-01" } }
      : { url: `${base}/models`, headers: { authorization: `Bearer ${key}` } };
  try {
    const response = await send(asks.url, {
      headers: asks.headers,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    if (response.ok) return "taken";
    return response.status === 401 || response.status === 403 ? "refused" : "unknown";
  } catch {
    return "unknown";
  }
}
