/** A model that a run may use. `agent` is the name that people see for its vendor's agent. */
export interface ModelEntry {
  readonly id: string;
  readonly provider: "anthropic" | "openai";
  readonly name: string;
  readonly agent: "Claude" | "Codex";
  /** Tokens of prompt and answer together. */
  readonly contextTokens?: number;
  /** The most tokens of one answer, thinking included. */
  readonly maxOutputTokens?: number;
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
 * Their ways with a long conversation: https://platform.claude.com/docs/en/build-with-claude/compaction-on-demand,
 * /context-editing and https://developers.openai.com/api/docs/guides/compaction
 */
export const models: readonly ModelEntry[] = [
  {
    id: "claude-fable-5-2",
    provider: "anthropic",
    name: "Claude Fable 5.2",
    agent: "Claude",
    contextTokens: 1_000_000,
    maxOutputTokens: 128_000,
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
    maxOutputTokens: 128_000,
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
    maxOutputTokens: 128_000,
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
    maxOutputTokens: 128_000,
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
    maxOutputTokens: 128_000,
    supportsEffort: true,
    compacts: true,
  },
  {
    id: "gpt-6.1-sol",
    provider: "openai",
    name: "GPT-6.1 Sol",
    agent: "Codex",
    contextTokens: 1_050_000,
    maxOutputTokens: 128_000,
    supportsEffort: true,
    compacts: true,
  },
  {
    id: "gpt-6.1-terra",
    provider: "openai",
    name: "GPT-6.1 Terra",
    agent: "Codex",
    contextTokens: 1_050_000,
    maxOutputTokens: 128_000,
    supportsEffort: true,
    compacts: true,
  },
  {
    id: "gpt-6-luna",
    provider: "openai",
    name: "GPT-6 Luna",
    agent: "Codex",
    contextTokens: 1_050_000,
    maxOutputTokens: 128_000,
    supportsEffort: true,
    compacts: true,
  },
];

/** A model that its vendor has switched off or will, and what takes its place here. */
export interface RetiredModel {
  readonly id: string;
  readonly provider: ModelEntry["provider"];
  readonly name: string;
  /** The UTC day from which the vendor answers no more, as `2026-11-30`. */
  readonly retiresOn: string;
  /** An id of `models`: the vendor's replacement, or what has replaced that one since. */
  readonly successor: string;
}

/**
 * Ids that people may still have in a script or a list of their own, as of 2026-11-10: a retirement that was announced later is
 * not in here. Aliases and snapshots retire together.
 *
 * Anthropic: https://platform.claude.com/docs/en/about-claude/model-deprecations,
 * https://platform.claude.com/docs/en/release-notes/overview and the models' own pages, such as
 * https://platform.claude.com/docs/en/models/sonnet-4-5/overview
 * OpenAI: https://developers.openai.com/api/docs/deprecations
 */
export const retiredModels: readonly RetiredModel[] = [
  ...retired("anthropic", "Claude 3 Opus", "2026-01-05", "claude-opus-5-5", ["claude-3-opus-20240229"]),
  ...retired("anthropic", "Claude Sonnet 4", "2026-06-15", "claude-sonnet-5-5", [
    "claude-sonnet-4-0",
    "claude-sonnet-4-20250514",
  ]),
  ...retired("anthropic", "Claude Opus 4", "2026-06-15", "claude-opus-5-5", [
    "claude-opus-4-0",
    "claude-opus-4-20250514",
  ]),
  ...retired("anthropic", "Claude Opus 4.1", "2026-08-05", "claude-opus-5-5", [
    "claude-opus-4-1",
    "claude-opus-4-1-20250805",
  ]),
  ...retired("anthropic", "Claude Sonnet 4.5", "2026-11-30", "claude-sonnet-5-5", [
    "claude-sonnet-4-5",
    "claude-sonnet-4-5-20250929",
  ]),
  ...retired("openai", "GPT-5.1 Codex", "2026-07-23", "gpt-6.1-sol", ["gpt-5.1-codex"]),
  ...retired("openai", "GPT-4", "2026-10-23", "gpt-6.1-sol", ["gpt-4", "gpt-4-0613"]),
  ...retired("openai", "GPT-4 Turbo", "2026-10-23", "gpt-6.1-sol", ["gpt-4-turbo", "gpt-4-turbo-2024-04-09"]),
  ...retired("openai", "GPT-4.1 nano", "2026-10-23", "gpt-6-luna", ["gpt-4.1-nano", "gpt-4.1-nano-2025-04-14"]),
  ...retired("openai", "o1", "2026-10-23", "gpt-6.1-sol", ["o1", "o1-2024-12-17"]),
  ...retired("openai", "o3-mini", "2026-10-23", "gpt-6.1-sol", ["o3-mini", "o3-mini-2025-01-31"]),
  ...retired("openai", "o4-mini", "2026-10-23", "gpt-6.1-terra", ["o4-mini", "o4-mini-2025-04-16"]),
  ...retired("openai", "GPT-5", "2026-12-11", "gpt-6.1-sol", ["gpt-5", "gpt-5-2025-08-07"]),
  ...retired("openai", "GPT-5 mini", "2026-12-11", "gpt-6.1-terra", ["gpt-5-mini", "gpt-5-mini-2025-08-07"]),
  ...retired("openai", "GPT-5 nano", "2026-12-11", "gpt-6-luna", ["gpt-5-nano", "gpt-5-nano-2025-08-07"]),
  ...retired("openai", "o3", "2026-12-11", "gpt-6.1-sol", ["o3", "o3-2025-04-16"]),
  ...retired("openai", "GPT-4o", "2027-01-14", "gpt-6-luna", ["gpt-4o", "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"]),
  ...retired("openai", "GPT-4o mini", "2027-01-14", "gpt-6-luna", ["gpt-4o-mini", "gpt-4o-mini-2024-07-18"]),
  ...retired("openai", "GPT-4.1", "2027-01-14", "gpt-6-luna", ["gpt-4.1", "gpt-4.1-2025-04-14"]),
  ...retired("openai", "GPT-4.1 mini", "2027-01-14", "gpt-6-luna", ["gpt-4.1-mini", "gpt-4.1-mini-2025-04-14"]),
  ...retired("openai", "GPT-5.1", "2027-04-01", "gpt-6.1-sol", ["gpt-5.1", "gpt-5.1-2025-11-13"]),
];

function retired(
  provider: ModelEntry["provider"],
  name: string,
  retiresOn: string,
  successor: string,
  ids: readonly string[],
): readonly RetiredModel[] {
  return ids.map((id) => ({ id, provider, name, retiresOn, successor }));
}

/** The announced retirement of a model, or undefined when none was announced. */
export function findRetirement(id: string): RetiredModel | undefined {
  return retiredModels.find((model) => model.id === id);
}

/** The default model of a run, per vendor. */
export const defaultModelIds = { anthropic: "claude-opus-5-5", openai: "gpt-6.1-sol" } as const;

/** The catalogue's entry of a model id, or undefined when the catalogue does not know it. */
export function findModel(id: string): ModelEntry | undefined {
  return models.find((model) => model.id === id);
}
