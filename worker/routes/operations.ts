import * as z from "zod";
import { rebuildRunsSchema } from "../../contracts/operations.ts";
import { ServiceError, issuesOf } from "../errors.ts";
import { rebuildProjections } from "../services/run/rebuild-projections.ts";
import type { ApiApp } from "./shared.ts";

/**
 * `POST /api/operations/run-projections`: for who runs the deployment, over all tenants, under the deployment's own token. To be
 * registered before the session middleware; a person's session opens nothing here, and without a token in the settings it is closed.
 */
export function registerOperations(app: ApiApp): void {
  app.post("/api/operations/run-projections", async (c) => {
    const { deps } = c.var;
    if (!(await deps.isOperator(c.req.header("authorization") ?? "")))
      throw new ServiceError("unauthenticated", "This needs the deployment's operations token.");
    const parsed = rebuildRunsSchema.safeParse(await c.req.json<unknown>().catch(() => undefined));
    if (!parsed.success)
      throw new ServiceError("invalid_request", z.prettifyError(parsed.error), { issues: issuesOf(parsed.error) });
    return c.json(await rebuildProjections(deps, parsed.data), 200);
  });
}
