import type { Stage } from "../../../../contracts/run.ts";
import type { ImageMediaType } from "../../../../contracts/upload.ts";
import type { NewRunEvent, RunFrame } from "../../../../contracts/run-events.ts";
import type { TreeChange } from "../../../../domain/patch-set/types.ts";
import type { RunView } from "../../../../domain/run/fold.ts";
import type { RequestText } from "../../../../domain/run/request-text.ts";
import type { LlmBlock } from "../../../ports/llm.ts";
import type { RunSpec } from "../../../ports/run-host.ts";

/** An image of the run's start, in the place where the model gets its bytes: those stay in the blob store. */
export interface ImageReference {
  readonly type: "image_reference";
  readonly id: string;
  readonly mediaType: ImageMediaType;
}

/** A block of a conversation as it is kept. */
export type StoredBlock = LlmBlock | ImageReference;

/** A message of a conversation as it is kept. */
export interface StoredMessage {
  readonly role: "user" | "assistant";
  readonly blocks: readonly StoredBlock[];
}

/** One model call as kept for cost and replay. */
export interface ModelCallRecord {
  readonly callId: string;
  readonly stage: Stage;
  readonly turn: number;
  readonly provider: string;
  readonly model: string;
  readonly startedAtMs: number;
  readonly latencyMs: number;
  readonly request: RequestText;
  /** The answer's blocks as canonical JSON. */
  readonly answerJson: string;
  readonly vendorRequestId: string | undefined;
}

/** The saved work in one repository. */
export interface LaneWork {
  readonly repositoryId: string;
  readonly changes: readonly TreeChange[];
}

/** One atomic write: all of it is stored, or none. */
export interface JournalWrite {
  readonly events: readonly NewRunEvent[];
  readonly messages?: readonly { readonly conversation: string; readonly message: StoredMessage }[];
  /** Inputs of calls in `messages` that are run otherwise than they are kept there. They go when their call has finished. */
  readonly toolInputs?: readonly { readonly callId: string; readonly input: unknown }[];
  /** The agent's work as it stands, of the lanes in which it changed, each against its base commit. */
  readonly work?: readonly LaneWork[];
  /** The bytes of patch sets, stored under their hashes for ever. */
  readonly patchSets?: readonly { readonly hash: string; readonly changes: readonly TreeChange[] }[];
  /** Base contents by git blob id. */
  readonly baseBlobs?: ReadonlyMap<string, Uint8Array>;
  readonly modelCall?: ModelCallRecord;
  /** Small facts by name; null removes one. */
  readonly facts?: Readonly<Record<string, string | null>>;
}

/** Thrown by `commit` when the run moved on (cancelled, decided) while a step was under way: its result must not count. */
export class StaleStep extends Error {
  override readonly name = "StaleStep";
}

/** The run's durable memory as the engine sees it. Reads see every earlier commit. */
export interface RunJournal {
  readonly spec: RunSpec;
  view(): RunView;
  /** Grows with every change of state and every pause; a step commits under the epoch in which it began. */
  epoch(): number;
  /**
   * Stores everything at once, numbers the events, seals ledger entries, then tells the watchers. Throws StaleStep when
   * `epoch` is given and no longer the present one.
   */
  commit(write: JournalWrite, epoch?: number): void;
  /** Sends a frame to the watchers without storing it. */
  stream(frame: Extract<RunFrame, { t: "delta" | "output" }>): void;
  conversation(name: string): readonly StoredMessage[];
  toolInput(callId: string): { readonly input: unknown; readonly invalidJson: string | undefined } | undefined;
  /** The saved work in one repository. */
  work(repositoryId: string): readonly TreeChange[];
  patchSetChanges(hash: string): readonly TreeChange[] | undefined;
  baseBlob(blob: string): Uint8Array | undefined;
  fact(name: string): string | undefined;
}
