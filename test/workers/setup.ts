import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll } from "vitest";
import type { Env as ProductEnv } from "../../worker/compose.ts";

declare global {
  namespace Cloudflare {
    interface Env extends ProductEnv {
      readonly MIGRATIONS: D1Migration[];
    }
  }
}

beforeAll(async () => {
  await applyD1Migrations(env.DB, env.MIGRATIONS);
  // The files share one database: without this, a sweep would wake the runs that earlier files left in mid-work.
  await env.DB.exec("update run set finished_at_ms = updated_at_ms where finished_at_ms is null");
});
