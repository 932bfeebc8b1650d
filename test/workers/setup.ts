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
});
