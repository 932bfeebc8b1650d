import { sql, type SQL } from "drizzle-orm";
import { roles } from "../../../contracts/common.ts";
import type { Model } from "../../../contracts/model.ts";
import type { StartRun } from "../../../contracts/run.ts";
import { roleMay, runPermissions } from "../../../domain/tenancy/permissions.ts";
import type { Scope, ServiceDeps } from "../../context.ts";
import { listInstructionsFor } from "../../db/stores/instruction.ts";
import { listTenantModels } from "../../db/stores/model.ts";
import { listProviderKeys } from "../../db/stores/provider-key.ts";
import { selectRunByKey, type RunRow } from "../../db/stores/run.ts";
import { membershipOf, selectSession, sessionOf } from "../../db/stores/session.ts";
import { selectProjectRepository, selectStartTicket, takeRunNumber, type TenantId } from "../../db/stores/start-run.ts";
import type { IdentitySession } from "../../ports/identity.ts";
import { mergeModels } from "../model/tenant-models.ts";

/** Everything of the database that a start reads, and the number that it took. */
export interface StartFacts {
  /** The run that the client's key started before. */
  readonly known: RunRow | undefined;
  readonly project: Awaited<ReturnType<typeof selectProjectRepository>>[number] | undefined;
  readonly ticket: Awaited<ReturnType<typeof selectStartTicket>>[number] | undefined;
  readonly instructions: Awaited<ReturnType<typeof listInstructionsFor>>;
  readonly models: readonly Model[];
  /** The new run's number; undefined when the start is refused in any case. */
  readonly number: number | undefined;
}

/** Reads what a start of this scope's actor needs and takes the run's number. One batch. */
export async function readStart(deps: ServiceDeps, { tenantId }: Scope, input: StartRun): Promise<StartFacts> {
  return factsOf(deps, await deps.db.batch(statements(deps, tenantId, input, sql`true`)));
}

/** The same for the person of a session that the same batch reads; no number is taken for a session that may not start this run. */
export async function readStartOfSession(
  deps: ServiceDeps,
  token: string,
  input: StartRun,
): Promise<StartFacts & { readonly session: IdentitySession | undefined }> {
  const { db } = deps;
  const nowMs = deps.now();
  const allowed = roles.filter((role) => roleMay(role, runPermissions(input.mode).start));
  const guard = sql`${membershipOf("role", token, nowMs)} in ${allowed}`;
  const own = statements(deps, membershipOf("organization_id", token, nowMs), input, guard);
  const [session, ...answers] = await db.batch([selectSession(db, token, nowMs), ...own]);
  return { ...factsOf(deps, answers), session: sessionOf(session) };
}

type Answers = readonly [
  Awaited<ReturnType<typeof selectRunByKey>>,
  Awaited<ReturnType<typeof selectProjectRepository>>,
  Awaited<ReturnType<typeof selectStartTicket>>,
  Awaited<ReturnType<typeof listInstructionsFor>>,
  Awaited<ReturnType<typeof listTenantModels>>,
  Awaited<ReturnType<typeof listProviderKeys>>,
  Awaited<ReturnType<typeof takeRunNumber>>,
];

function statements({ db, now }: ServiceDeps, tenantId: TenantId, input: StartRun, guard: SQL) {
  const projectId = Number(input.projectId);
  const repositoryId = Number(input.repositoryId);
  const idempotencyKey = input.idempotencyKey ?? null;
  return [
    selectRunByKey(db, tenantId, idempotencyKey),
    selectProjectRepository(db, tenantId, projectId, repositoryId),
    selectStartTicket(db, tenantId, projectId, Number(input.ticketId ?? 0)),
    listInstructionsFor(db, tenantId, projectId, repositoryId),
    listTenantModels(db, tenantId),
    listProviderKeys(db, tenantId),
    takeRunNumber(db, tenantId, { projectId, repositoryId, idempotencyKey }, guard, now()),
  ] as const;
}

function factsOf(deps: ServiceDeps, answers: Answers): StartFacts {
  const [[known], [project], [ticket], instructions, rows, keys, [number]] = answers;
  return { known, project, ticket, instructions, models: mergeModels(deps, rows, keys), number: number?.id };
}
