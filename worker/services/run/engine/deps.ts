import type { PlanTask } from "../../../../contracts/plan.ts";
import type { BlobPort } from "../../../ports/blobs.ts";
import type { BudgetPort } from "../../../ports/budget.ts";
import type { ForgeReader } from "../../../ports/forge.ts";
import type { LlmPort, LlmProvider } from "../../../ports/llm.ts";
import type { SandboxProvider } from "../../../ports/sandbox-provider.ts";
import type { WriteGate } from "../../patch-set/write-gate.ts";
import type { Tool } from "../tools/definition.ts";
import type { RunJournal } from "./journal.ts";

/** The ports that the engine works with. */
export interface EngineDeps {
  /**
   * The provider under the tenant's own key, else the deployment's; undefined when neither has one. Throws PortError (vault) when the
   * tenant's key does not open.
   */
  readonly llm: (provider: LlmProvider, tenantId: number) => Promise<LlmPort | undefined>;
  /** The place of a run's sandbox by its project's settings. Throws PortError for settings that no driver here honours. */
  readonly sandboxFor: SandboxProvider["sandboxFor"];
  readonly forge: ForgeReader;
  readonly writeGate: WriteGate;
  /** The forge's public address of a person, under which a commit may name them. Throws PortError. */
  readonly noreplyEmail: (userId: number) => Promise<string>;
  readonly blobs: BlobPort;
  readonly nowMs: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly budget: BudgetPort;
  readonly costMicros: (model: string, usage: CostUsage) => number | null;
  /** Makes a plan's tickets, each once however often it is called with the same source. */
  readonly createTickets: (
    plan: TicketPlan,
  ) => Promise<readonly { readonly id: string; readonly key: string; readonly title: string }[]>;
  /** Tools of the tenant's own beside the product's, the same ones over the whole run. */
  readonly extraTools?: readonly Tool[];
  readonly log: (level: "info" | "warn" | "error", message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** An item of a plan with the repository that it names, by the id of its row. */
export type PlannedTicket = PlanTask & { readonly repositoryId: number };

/** An approved plan on its way to the board. `source` and an item's index name a ticket for ever. */
export interface TicketPlan {
  readonly tenantId: number;
  /** The run that makes the tickets. */
  readonly runId: string;
  readonly projectId: number;
  readonly createdBy: number;
  readonly source: string;
  /** The parent of the items that are part of no other item. */
  readonly parentTicketId: number | null;
  readonly tasks: readonly PlannedTicket[];
}

export interface CostUsage {
  readonly inputTokens: number | undefined;
  readonly cacheReadTokens: number | undefined;
  readonly cacheWriteTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

/** The arguments of every step. `signal` fires when a person cancels or decides. */
export interface StepContext {
  readonly deps: EngineDeps;
  readonly journal: RunJournal;
  readonly epoch: number;
  readonly signal: AbortSignal;
}

/** `again`: look for the next step at once. A number: nothing to do before that time (UTC milliseconds). */
export type StepOutcome = "again" | { readonly sleepUntilMs: number };
