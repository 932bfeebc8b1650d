import { env } from "cloudflare:workers";
import * as z from "zod";
import type { RunMode } from "../../contracts/run.ts";
import type { World } from "./world.ts";

/** Takes the next run's number, as a start does. */
export async function takeRunNumber(tenantId: string): Promise<number> {
  const row = await env.DB.prepare("insert into run_number (tenant_id, taken_at_ms) values (?, 1) returning id")
    .bind(Number(tenantId))
    .first();
  return z.object({ id: z.int() }).parse(row).id;
}

/** Puts a run's row into a world's tenant, as its start does; its host is not called. Answers the run's id. */
export async function insertRunRow(
  world: Pick<World, "me" | "project" | "repository">,
  { finished, mode }: { readonly mode: RunMode; readonly finished: boolean } = { mode: "implement", finished: false },
): Promise<string> {
  const id = await takeRunNumber(world.me.activeTenantId);
  await env.DB.prepare(
    `insert into run (id, tenant_id, project_id, repository_id, base_branch, title, mode, state, prompt, provider, model, started_by, created_at_ms, updated_at_ms, finished_at_ms)
     values (?, ?, ?, ?, 'main', 'A secret run', ?, ?, 'a secret prompt', 'anthropic', 'claude-test', ?, 1, 1, ?)`,
  )
    .bind(
      id,
      world.me.activeTenantId,
      world.project.id,
      world.repository.id,
      mode,
      finished ? "DONE" : "CODING",
      world.me.user.id,
      finished ? 1 : null,
    )
    .run();
  return String(id);
}

/** Ends the tenant's runs in the database, so that no sweep of another test starts what this one only wrote down. */
export async function endRunsOf(tenantId: string): Promise<void> {
  await env.DB.prepare("update run set state = 'CANCELLED', finished_at_ms = 1 where tenant_id = ?")
    .bind(Number(tenantId))
    .run();
}
