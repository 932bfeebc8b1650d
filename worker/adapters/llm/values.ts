import type { LlmBlock } from "../../ports/llm.ts";

export type ToolUse = Extract<LlmBlock, { type: "tool_use" }>;

/** True for a JSON object, not for an array or null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The string, or undefined for anything else. */
export function asString(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A token count as a vendor sent it: a whole number from 0, anything else is undefined. */
export function asCount(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** A response's headers, or undefined when an error has none. */
export function responseHeaders(value: unknown): Headers | undefined {
  return value instanceof Headers ? value : undefined;
}

/** Parses JSON; undefined when it does not parse. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * A tool call from the JSON text that the vendor streamed. Text that does not parse is kept in `invalidJson` with an empty input. No text
 * at all is a call without arguments.
 */
export function toolUseBlock(id: string, name: string, json: string): ToolUse {
  const input: unknown = json.trim() === "" ? {} : parseJson(json);
  return input === undefined
    ? { type: "tool_use", id, name, input: {}, invalidJson: json }
    : { type: "tool_use", id, name, input };
}

/** Whether the value's JSON is this text. A value that is nested too deep to be written is not. */
export function isWrittenAs(value: unknown, json: string): boolean {
  try {
    return JSON.stringify(value) === (json === "" ? "{}" : json);
  } catch {
    return false;
  }
}

/** A tool call that the vendor did not finish. The received part of its input is kept as text alone, so that it can't be run. */
export function cutToolUse(id: string, name: string, json: string): ToolUse {
  return { type: "tool_use", id, name, input: {}, ...(json === "" ? {} : { invalidJson: json }), fault: "cut" };
}

/** A tool's schema without `$schema`, which no vendor needs; the order of its keys is the caller's, so that the bytes are stable. */
export function toolSchema(schema: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { $schema: _unused, ...rest } = schema;
  return rest;
}

/** Vendors refuse a text block of nothing but white space. */
export function hasText(text: string): boolean {
  return text.trim() !== "";
}

/** Tool results first: both vendors want each answer directly after the call that it answers. */
export function resultsFirst(blocks: readonly LlmBlock[]): readonly LlmBlock[] {
  return [
    ...blocks.filter((block) => block.type === "tool_result"),
    ...blocks.filter((block) => block.type !== "tool_result"),
  ];
}
