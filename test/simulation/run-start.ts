import type { NewRunEvent } from "../../contracts/run-events.ts";
import type { RunMode } from "../../contracts/run.ts";
import type { RunSpec } from "../../worker/ports/run-host.ts";
import { modelId } from "./fake-model.ts";

const repository = { id: "1", owner: "o", name: "n", baseBranch: "main" };

/** The head of the pull request under review when the run is started. */
export const firstHead = "f".repeat(40);

/** The run of every history. */
export const spec: RunSpec = {
  runId: "1",
  tenantId: 1,
  repository: { ...repository, installationId: "1" },
  ticket: null,
  testCommand: "check",
  projectId: "1",
  instructions: [],
  author: { name: "a", email: "a@example.com" },
};

/** A run's first event. */
export function createdEvent(mode: RunMode): NewRunEvent {
  return {
    type: "run.created",
    data: {
      title: "t",
      mode,
      prompt: "do it",
      provider: "anthropic",
      model: modelId,
      effort: null,
      repository: { ...repository, baseCommit: null },
      ticket: null,
      startedBy: { id: "1", name: "Ada", avatarUrl: null },
      reviewOf:
        mode === "review"
          ? { number: 7, url: "https://forge.example/pull/7", branch: "topic", commit: firstHead }
          : null,
      images: [],
      constraints: null,
    },
  };
}
