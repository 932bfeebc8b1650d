/** A model that a run may use. `agent` is the name that people see for its vendor's agent. */
export interface ModelEntry {
  readonly id: string;
  readonly provider: "anthropic" | "openai";
  readonly name: string;
  readonly agent: "Claude" | "Codex";
  /** Tokens of prompt and answer together. */
  readonly contextTokens?: number;
  /** Takes low, medium and high effort, and reasons by itself. */
  readonly supportsEffort: boolean;
  /** The vendor summarises a long conversation on demand. */
  readonly compacts?: true;
  /** The vendor clears old tool results by itself, without any change of what is sent. */
  readonly editsContext?: true;
}

/**
 * The current general-purpose models of both vendors, strongest first within each. Ids are those of the vendors' SDKs;
 * what is deprecated, of limited access or special-purpose stays out. Context windows as of November 2026:
 * https://platform.claude.com/docs/en/models/overview and https://developers.openai.com/api/docs/models
 * What each does with a long conversation: https://platform.claude.com/docs/en/build-with-claude/compaction-on-demand,
 * /context-editing and https://developers.openai.com/api/docs/guides/compaction
 */
export const models: readonly ModelEntry[] = [
  {
    id: "claude-fable-5-2",
    provider: "anthropic",
    name: "Claude Fable 5.2",
    agent: "Claude",
    contextTokens: 1_000_000,
    supportsEffort: true,
    compacts: true,
    editsContext: true,
  },
  {
    id: "claude-opus-5-5",
    provider: "anthropic",
    name: "Claude Opus 5.5",
    agent: "Claude",
    contextTokens: 1_000_000,
    supportsEffort: true,
    compacts: true,
    editsContext: true,
  },
  {
    id: "claude-sonnet-5-5",
    provider: "anthropic",
    name: "Claude Sonnet 5.5",
    agent: "Claude",
    contextTokens: 1_000_000,
    supportsEffort: true,
    compacts: true,
    editsContext: true,
  },
  {
    id: "claude-haiku-5-5",
    provider: "anthropic",
    name: "Claude Haiku 5.5",
    agent: "Claude",
    contextTokens: 1_000_000,
    supportsEffort: true,
    compacts: true,
    editsContext: true,
  },
  {
    id: "gpt-6-astra",
    provider: "openai",
    name: "GPT-6 Astra",
    agent: "Codex",
    contextTokens: 1_050_000,
    supportsEffort: true,
    compacts: true,
  },
  {
    id: "gpt-6.1-sol",
    provider: "openai",
    name: "GPT-6.1 Sol",
    agent: "Codex",
    contextTokens: 1_050_000,
    supportsEffort: true,
    compacts: true,
  },
  {
    id: "gpt-6.1-terra",
    provider: "openai",
    name: "GPT-6.1 Terra",
    agent: "Codex",
    contextTokens: 1_050_000,
    supportsEffort: true,
    compacts: true,
  },
  {
    id: "gpt-6-luna",
    provider: "openai",
    name: "GPT-6 Luna",
    agent: "Codex",
    contextTokens: 1_050_000,
    supportsEffort: true,
    compacts: true,
  },
];

/** The model that a run gets when nobody chose one, per vendor. */
export const defaultModelIds = { anthropic: "claude-opus-5-5", openai: "gpt-6.1-sol" } as const;

/** The catalogue's entry of a model id, or undefined when the catalogue does not know it. */
export function findModel(id: string): ModelEntry | undefined {
  return models.find((model) => model.id === id);
}
