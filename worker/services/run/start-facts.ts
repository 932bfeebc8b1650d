import { sql, type SQL } from "drizzle-orm";
import { roles } from "../../../contracts/common.ts";
import type { Model } from "../../../contracts/model.ts";
import type { StartRun } from "../../../contracts/run.ts";
import { modes } from "../../../domain/run/modes.ts";
import { roleMay } from "../../../domain/tenancy/permissions.ts";
import type { Scope, ServiceDeps } from "../../context.ts";
import { listInstructionsFor } from "../../db/stores/instruction.ts";
import { listTenantModels } from "../../db/stores/model.ts";
import { listProviderKeys } from "../../db/stores/provider-key.ts";
import { noteStartSocket } from "../../db/stores/open-socket.ts";
import { selectRunByKey, type RunRow } from "../../db/stores/run.ts";
import { membershipOf, personOf, selectSession, sessionOf } from "../../db/stores/session.ts";
import {
  selectProjectRepositories,
  selectStartTicket,
  takeRunNumber,
  type TenantId,
} from "../../db/stores/start-run.ts";
import type { Viewer } from "../../db/stores/visibility.ts";
import type { IdentitySession } from "../../ports/identity.ts";
import { personViewer, viewerOf } from "../connector/visibility.ts";
import { mergeModels } from "../model/tenant-models.ts";

/** Everything of the database that a start reads, and the number that it took. */
export interface StartFacts {
  /** The run that the client's key started before. */
  readonly known: RunRow | undefined;
  /** The project with its repositories that the start names, or with all of them where it names none. */
  readonly repositories: Awaited<ReturnType<typeof selectProjectRepositories>>;
  readonly ticket: Awaited<ReturnType<typeof selectStartTicket>>[number] | undefined;
  readonly instructions: Awaited<ReturnType<typeof listInstructionsFor>>;
  readonly models: readonly Model[];
  /** The run's number; not new when the client's key had taken it before. Undefined when the start is refused in any case. */
  readonly number: { readonly id: number; readonly isNew: boolean } | undefined;
}

/** Reads what a start of this scope's actor needs and takes the run's number. One batch. */
export async function readStart(deps: ServiceDeps, scope: Scope, input: StartRun): Promise<StartFacts> {
  const nowMs = deps.now();
  const asked = { guard: sql`true`, nowMs, viewer: viewerOf(deps, scope) };
  return factsOf(deps, await deps.db.batch(statements(deps, scope.tenantId, input, asked)), nowMs);
}

/**
 * The same for the person of a session that the same batch reads, whose socket on the new run it records. No number is taken for a session
 * that may not start this run.
 */
export async function readStartOfSession(
  deps: ServiceDeps,
  token: string,
  input: StartRun,
): Promise<StartFacts & { readonly session: IdentitySession | undefined }> {
  const { db } = deps;
  const nowMs = deps.now();
  const allowed = roles.filter((role) => roleMay(role, modes[input.mode].permissions.start));
  const guard = sql`${membershipOf("role", token, nowMs)} in ${allowed}`;
  const viewer = personViewer(personOf(token, nowMs), nowMs);
  const own = statements(deps, membershipOf("organization_id", token, nowMs), input, { guard, nowMs, viewer });
  const [session, ...rest] = await db.batch([
    selectSession(db, token, nowMs),
    ...own,
    noteStartSocket(db, token, nowMs),
  ]);
  const [known, repositories, ticket, instructions, models, keys, taken] = rest;
  const answers: Answers = [known, repositories, ticket, instructions, models, keys, taken];
  return { ...factsOf(deps, answers, nowMs), session: sessionOf(session) };
}

/** The number that a start took for itself, which only an actor who may start this run gets: it counts as one of the tenant's starts. */
export function newNumber({ known, number }: StartFacts): number | undefined {
  return known === undefined && number?.isNew === true ? number.id : undefined;
}

/** Ids of the repositories that a start names, in its order; null when it lets the run choose among all of the project's. */
export function namedRepositories(input: StartRun): readonly number[] | null {
  if (input.repositoryIds !== undefined) return input.repositoryIds.map(Number);
  return input.repositoryId === undefined ? null : [Number(input.repositoryId)];
}

type Answers = readonly [
  Awaited<ReturnType<typeof selectRunByKey>>,
  Awaited<ReturnType<typeof selectProjectRepositories>>,
  Awaited<ReturnType<typeof selectStartTicket>>,
  Awaited<ReturnType<typeof listInstructionsFor>>,
  Awaited<ReturnType<typeof listTenantModels>>,
  Awaited<ReturnType<typeof listProviderKeys>>,
  Awaited<ReturnType<typeof takeRunNumber>>,
];

function statements(
  { db }: ServiceDeps,
  tenantId: TenantId,
  input: StartRun,
  { guard, nowMs, viewer }: { readonly guard: SQL; readonly nowMs: number; readonly viewer: Viewer },
) {
  const projectId = Number(input.projectId);
  const repositoryIds = namedRepositories(input);
  const idempotencyKey = input.idempotencyKey ?? null;
  return [
    selectRunByKey(db, tenantId, idempotencyKey),
    selectProjectRepositories(db, tenantId, viewer, projectId, repositoryIds),
    selectStartTicket(db, tenantId, projectId, Number(input.ticketId ?? 0)),
    listInstructionsFor(db, tenantId, projectId, repositoryIds?.[0] ?? 0),
    listTenantModels(db, tenantId),
    listProviderKeys(db, tenantId),
    takeRunNumber(db, tenantId, viewer, { projectId, repositoryIds, idempotencyKey }, guard, nowMs),
  ] as const;
}

function factsOf(deps: ServiceDeps, answers: Answers, nowMs: number): StartFacts {
  const [[known], repositories, [ticket], instructions, rows, keys, [taken]] = answers;
  // Two requests of the same millisecond both count as the first; the run's host knows which one was.
  const number = taken === undefined ? undefined : { id: taken.id, isNew: taken.takenAtMs === nowMs };
  return { known, repositories, ticket, instructions, models: mergeModels(deps, rows, keys), number };
}
