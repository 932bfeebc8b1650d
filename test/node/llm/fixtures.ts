import { PortError } from "../../../worker/ports/errors.ts";
import type { LlmDelta, LlmRequest, LlmTool } from "../../../worker/ports/llm.ts";

export const apiKey = "sk-canary-7f3a9c51e2";

export const readFileTool: LlmTool = {
  name: "read_file",
  description: "Reads a file",
  inputSchema: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: { path: { type: "string", minLength: 1 }, limit: { type: "integer" } },
    required: ["path"],
    additionalProperties: false,
  },
};

/** A request with sensible parts; `deltas` collects what was streamed. */
export function makeRequest(
  parts: Partial<LlmRequest> & Pick<LlmRequest, "provider" | "model">,
): LlmRequest & { readonly deltas: LlmDelta[] } {
  const deltas: LlmDelta[] = [];
  return {
    system: "You are a coder.",
    messages: [{ role: "user", blocks: [{ type: "text", text: "Read the readme." }] }],
    tools: [readFileTool],
    maxOutputTokens: 4096,
    callId: "run-7/coder/1/1",
    signal: new AbortController().signal,
    onDelta: (delta) => void deltas.push(delta),
    ...parts,
    deltas,
  };
}

/** The PortError that a call rejects with; fails when it resolves or rejects with another error, or shows the key. */
export async function failureOf(call: Promise<unknown>): Promise<PortError> {
  const error: unknown = await call.then(
    () => new Error("the call resolved"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof PortError)) throw error;
  const shown = [error.message, error.stack ?? "", JSON.stringify(error), String(error.cause)].join("\n");
  if (shown.includes(apiKey) || shown.includes("sk-canary")) throw new Error("the key is in the error");
  return error;
}
