import { env } from "cloudflare:workers";
import * as z from "zod";
import type { World } from "./world.ts";

/** Puts a run's row into a world's tenant, as its start does; its host is not called. Answers the run's id. */
export async function insertRunRow(world: Pick<World, "me" | "project" | "repository">): Promise<string> {
  const row = await env.DB.prepare(
    `insert into run (tenant_id, project_id, repository_id, base_branch, title, mode, state, prompt, provider, model, started_by, created_at_ms, updated_at_ms)
     values (?, ?, ?, 'main', 'A secret run', 'implement', 'CODING', 'a secret prompt', 'anthropic', 'claude-test', ?, 1, 1) returning id`,
  )
    .bind(world.me.activeTenantId, world.project.id, world.repository.id, world.me.user.id)
    .first();
  return String(z.object({ id: z.int() }).parse(row).id);
}
