import type { ForgeReader } from "../../../ports/forge.ts";
import type { LlmPort, LlmProvider } from "../../../ports/llm.ts";
import type { SandboxPort } from "../../../ports/sandbox.ts";
import type { WriteGate } from "../../patch-set/write-gate.ts";
import type { RunJournal } from "./journal.ts";

/** The ports that the engine works with. */
export interface EngineDeps {
  /** Undefined when the deployment has no key for that provider. */
  readonly llm: (provider: LlmProvider) => LlmPort | undefined;
  readonly sandbox: SandboxPort;
  readonly forge: ForgeReader;
  readonly writeGate: WriteGate;
  readonly nowMs: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly costMicros: (model: string, usage: CostUsage) => number | null;
  readonly log: (level: "info" | "warn" | "error", message: string, fields: Readonly<Record<string, unknown>>) => void;
}

export interface CostUsage {
  readonly inputTokens: number | undefined;
  readonly cacheReadTokens: number | undefined;
  readonly cacheWriteTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

/** What every step is given. `signal` fires when a person cancels or decides. */
export interface StepContext {
  readonly deps: EngineDeps;
  readonly journal: RunJournal;
  readonly epoch: number;
  readonly signal: AbortSignal;
}

/** `again`: look for the next step at once. A number: nothing to do before that time (UTC milliseconds). */
export type StepOutcome = "again" | { readonly sleepUntilMs: number };
