import { modes } from "../../domain/run/modes.ts";
import type { NewRunEvent, RunEventData } from "../../contracts/run-events.ts";
import { defaultSandboxSettings } from "../../contracts/sandbox.ts";
import type { RunSpec } from "../../worker/ports/run-host.ts";

/*
 * The start of a run as tests make it: its spec and its first event. Tests say only what matters to them, so a change of
 * either shape is made here once.
 */

/** The repository of a run whose test does not care. */
export const someRepository = { id: "1", owner: "o", name: "n", baseBranch: "main" } as const;

/** The person who acts in tests. */
export const ada = { id: "1", name: "Ada", avatarUrl: null } as const;

/** Base commit of every repository that has one commit. */
export const baseCommit = "c".repeat(40);

/** Head of the pull request under review when its run starts. */
export const reviewedHead = "f".repeat(40);

/** The settings that a run was started with, besides its first event. */
export function runSpec(overrides: Partial<RunSpec> = {}): RunSpec {
  return {
    runId: "1",
    tenantId: 1,
    repositories: [{ ...someRepository, installationId: "1", externalId: "11", testCommand: null }],
    ticket: null,
    projectId: "1",
    sandbox: defaultSandboxSettings,
    instructions: [],
    ...overrides,
  };
}

/** The payload of a run's first event. A review names the pull request that it is of. */
export function runCreatedData(overrides: Partial<RunEventData<"run.created">> = {}): RunEventData<"run.created"> {
  return {
    title: "t",
    mode: "implement",
    prompt: "do it",
    provider: "anthropic",
    model: "claude-opus-5-5",
    effort: null,
    repositories: [{ ...someRepository, folder: "", dependsOn: [] }],
    choice: "fixed",
    delivery: "all_or_none",
    ticket: null,
    startedBy: { kind: "person", ...ada },
    reviewOf:
      modes[overrides.mode ?? "implement"].start === "pull_request"
        ? { number: 7, url: "https://forge.example/pull/7", branch: "topic", commit: reviewedHead }
        : null,
    images: [],
    constraints: null,
    ...overrides,
  };
}

/** A run's first event. */
export function runCreated(
  overrides: Partial<RunEventData<"run.created">> = {},
): Extract<NewRunEvent, { readonly type: "run.created" }> {
  return { type: "run.created", data: runCreatedData(overrides) };
}
