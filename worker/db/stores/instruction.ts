import { and, eq, or } from "drizzle-orm";
import type { Database, Statement } from "../client.ts";
import { instruction } from "../schema/index.ts";
import type { TenantId } from "./start-run.ts";

/** Where an instruction applies. The tenant's own has the scope id 0. */
export interface InstructionScope {
  readonly scope: "tenant" | "project" | "repository";
  readonly scopeId: number;
}

/** The instruction of one scope of the tenant. */
export async function findInstruction(db: Database, tenantId: number, { scope, scopeId }: InstructionScope) {
  const rows = await db
    .select({ text: instruction.text, updatedAtMs: instruction.updatedAtMs })
    .from(instruction)
    .where(and(eq(instruction.tenantId, tenantId), eq(instruction.scope, scope), eq(instruction.scopeId, scopeId)))
    .limit(1);
  return rows[0];
}

/** The instructions that a run in this project and repository gets: tenant, project, repository. One query. */
export function listInstructionsFor(db: Database, tenantId: TenantId, projectId: number, repositoryId: number) {
  const of = (scope: InstructionScope["scope"], scopeId: number) =>
    and(eq(instruction.scope, scope), eq(instruction.scopeId, scopeId));
  return db
    .select({ scope: instruction.scope, text: instruction.text })
    .from(instruction)
    .where(
      and(
        eq(instruction.tenantId, tenantId),
        or(of("tenant", 0), of("project", projectId), of("repository", repositoryId)),
      ),
    )
    .limit(3);
}

/** Sets the instruction of a scope. */
export function putInstruction(
  db: Database,
  tenantId: number,
  { scope, scopeId }: InstructionScope,
  text: string,
  nowMs: number,
): Statement {
  return db
    .insert(instruction)
    .values({ tenantId, scope, scopeId, text, updatedAtMs: nowMs })
    .onConflictDoUpdate({
      target: [instruction.tenantId, instruction.scope, instruction.scopeId],
      set: { text, updatedAtMs: nowMs },
    });
}
