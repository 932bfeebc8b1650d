import { and, eq, lte, sql } from "drizzle-orm";
import type { ProjectionWrite } from "../../../domain/run/projection.ts";
import { firstLookMs } from "../../../domain/run/watch.ts";
import type { Database } from "../client.ts";
import { run } from "../schema/index.ts";

/** The column beside a projection that leaves a pull request open: when its run is to look at it, if nothing tells of it before. */
export function pullsDue({ hasOpenPulls, updatedAtMs }: ProjectionWrite): { readonly pullsDueAtMs?: number } {
  return hasOpenPulls === true ? { pullsDueAtMs: updatedAtMs + firstLookMs } : {};
}

/** Ended runs with an open pull request whose look is due at `nowMs`, the longest due first, for the sweep. Over all tenants. */
export function listRunsToLook(db: Database, nowMs: number, limit: number) {
  return (
    db
      .select({ id: run.id, tenantId: run.tenantId, finishedAtMs: run.finishedAtMs })
      .from(run)
      // A literal: the partial index is not used for a parameter.
      .where(and(sql`${run.hasOpenPulls} = 1`, lte(run.pullsDueAtMs, nowMs)))
      .orderBy(run.pullsDueAtMs)
      .limit(limit)
  );
}

/** Plans the next look of one run, in UTC milliseconds. */
export function planLook(db: Database, tenantId: number, id: number, dueAtMs: number) {
  return db
    .update(run)
    .set({ pullsDueAtMs: dueAtMs })
    .where(and(eq(run.tenantId, tenantId), eq(run.id, id)));
}
