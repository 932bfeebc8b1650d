import { sandboxSettingsSchema } from "../../../contracts/sandbox.ts";
import type { ReviewTarget } from "../../../contracts/review.ts";
import type { PromptPart } from "../../../contracts/run-events.ts";
import { laneFolders } from "../../../domain/run/folders.ts";
import { modes } from "../../../domain/run/modes.ts";
import type { ServiceDeps } from "../../context.ts";
import { listInstructionsFor } from "../../db/stores/instruction.ts";
import { findRunStart, type RunStartRow } from "../../db/stores/start-run.ts";
import { systemCaller, type RunRowOrigin, type RunStart } from "../../ports/run-host.ts";
import { starterOf } from "./starter.ts";

const caller = systemCaller("dispatch");

/** A stored instruction of a scope, as `listInstructionsFor` gives it. */
type StoredInstruction = Awaited<ReturnType<typeof listInstructionsFor>>[number];

/**
 * Wakes a run, for queue and sweep. A run whose row was written before its host was called, as older versions did, is started from that
 * row if it has not begun. Throws when the host can't be reached.
 */
export async function startOnHost(
  deps: Pick<ServiceDeps, "db" | "runs">,
  tenantId: number,
  runId: number,
): Promise<void> {
  if ((await deps.runs.command(runId, caller, { kind: "wake" })).ok) return;
  const row = await findRunStart(deps.db, tenantId, runId);
  if (row === undefined) return;
  const stored = await listInstructionsFor(deps.db, tenantId, row.run.projectId, row.run.repositoryId);
  const start = toRunStart(row, stored, { withRow: false });
  await deps.runs.command(runId, caller, { kind: "start", start });
}

/** The pull request that a review run was started on; the row keeps it where other modes keep the one that they open. */
function reviewOf({ mode, prBranch, prCommit, prNumber, prUrl }: RunStartRow["run"]): ReviewTarget | null {
  if (modes[mode].start !== "pull_request") return null;
  if (prNumber === null || prUrl === null || prBranch === null || prCommit === null) return null;
  return { number: prNumber, url: prUrl, branch: prBranch, commit: prCommit };
}

/** The columns that no event has. A run has options since its constraints and images came; a new one always. */
function rowOrigin({ repositories, run }: RunStartRow): RunRowOrigin {
  return {
    ticketId: run.ticketId,
    repositoryId: run.repositoryId,
    baseBranch: run.baseBranch,
    startedBy: run.startedBy,
    startedByActor: run.startedByActor,
    idempotencyKey: run.idempotencyKey,
    options: {
      constraints: run.options?.constraints ?? null,
      images: run.options?.images ?? [],
      choice: run.options?.choice ?? "fixed",
      delivery: run.options?.delivery ?? "all_or_none",
      repositoryIds: repositories.map(({ id }) => id),
      ...(run.options?.ticketVersion === undefined ? {} : { ticketVersion: run.options.ticketVersion }),
    },
    limitCostMicros: run.limitCostMicros,
    limitWallTimeMs: run.limitWallTimeMs,
    limitStageTurns: run.limitStageTurns,
    limitStageWallTimeMs: run.limitStageWallTimeMs,
    createdAtMs: run.createdAtMs,
  };
}

/**
 * Everything that a run begins with.
 *
 * @param stored the instructions of tenant, project and repository
 * @param options.withRow the run's host is to write the run's row and to record its start
 */
export function toRunStart(
  start: RunStartRow,
  stored: readonly StoredInstruction[],
  { withRow }: { readonly withRow: boolean },
): RunStart {
  const { run } = start;
  const instructions = stored
    .filter(({ text }) => text.trim() !== "")
    .map(({ scope, text }): PromptPart => ({ layer: scope, source: "settings", text }));
  return {
    spec: specOf(start, instructions, withRow),
    created: createdOf(start),
    limits: {
      costMicros: run.limitCostMicros,
      wallTimeMs: run.limitWallTimeMs,
      stageTurns: run.limitStageTurns,
      stageWallTimeMs: run.limitStageWallTimeMs,
    },
  };
}

function specOf(start: RunStartRow, instructions: readonly PromptPart[], withRow: boolean): RunStart["spec"] {
  const { project, repositories, run, ticket } = start;
  const key = ticketKey(start);
  return {
    runId: String(run.id),
    tenantId: run.tenantId,
    repositories: repositories.map((repository, index) => ({
      id: String(repository.id),
      installationId: repository.installationId,
      externalId: repository.externalId,
      owner: repository.owner,
      name: repository.name,
      baseBranch: index === 0 ? run.baseBranch : repository.defaultBranch,
      // The project's command is for a repository alone or the first one; the others have their own or are looked at.
      testCommand: repository.testCommand ?? (index === 0 ? project.testCommand : null),
    })),
    ticket:
      ticket === null || key === null
        ? null
        : {
            key,
            title: ticket.title,
            description: ticket.description,
            acceptanceCriteria: ticket.acceptanceCriteria,
          },
    projectId: String(run.projectId),
    sandbox: sandboxSettingsSchema.parse(project.sandboxSettings ?? {}),
    instructions,
    ...(withRow ? { row: rowOrigin(start) } : {}),
  };
}

function createdOf(start: RunStartRow): RunStart["created"] {
  const { repositories, run, ticket } = start;
  const folders = laneFolders(repositories.map(({ id, name, owner }) => ({ id: String(id), name, owner })));
  const key = ticketKey(start);
  return {
    title: run.title,
    mode: run.mode,
    prompt: run.prompt,
    provider: run.provider,
    model: run.model,
    effort: run.effort,
    repositories: repositories.map((repository, index) => ({
      id: String(repository.id),
      owner: repository.owner,
      name: repository.name,
      baseBranch: index === 0 ? run.baseBranch : repository.defaultBranch,
      folder: folders[index] ?? "",
      dependsOn: repository.dependsOn.map(String).filter((id) => repositories.some((other) => String(other.id) === id)),
    })),
    choice: run.options?.choice ?? "fixed",
    delivery: run.options?.delivery ?? "all_or_none",
    ticket: ticket === null || key === null ? null : { id: String(ticket.id), key, title: ticket.title },
    startedBy: starterOf(start),
    reviewOf: reviewOf(run),
    constraints: run.options?.constraints ?? null,
    images: [...(run.options?.images ?? [])],
  };
}

/** The key by which people name a run's ticket, such as `LIME-7`; null without one. */
function ticketKey({ project, ticket }: Pick<RunStartRow, "project" | "ticket">): string | null {
  return ticket === null ? null : `${project.key}-${ticket.number}`;
}
