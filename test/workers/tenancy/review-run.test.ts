import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { problemSchema } from "../../../contracts/errors.ts";
import { runSchema } from "../../../contracts/run.ts";
import { createDatabase } from "../../../worker/db/client.ts";
import type { RunHost } from "../../../worker/ports/run-host.ts";
import { createTestApi, testConfig } from "../app.ts";
import { newMember, type Client } from "../client.ts";
import { as } from "../faults/run-world.ts";
import { memoryHost } from "../memory-host.ts";
import { insertRunRow } from "../run-row.ts";
import { newWorld, type World } from "../world.ts";

/** The host, answering nothing but starts. */
function startsOnly(host: RunHost): RunHost {
  return {
    ...host,
    command: (id, caller, command) =>
      command.kind === "start"
        ? host.command(id, caller, command)
        : Promise.reject(new Error("not part of these tests")),
  };
}

let world: World;
const clients = new Map<string, Client>();
beforeAll(async () => {
  world = await newWorld();
  const api = createTestApi(env.DB, testConfig, { runs: startsOnly(memoryHost(createDatabase(env.DB))) });
  for (const role of ["viewer", "qa", "dev"] as const)
    clients.set(role, as((await newMember(world.me.activeTenantId, role)).client, api));
});

function start(role: string, fields: object): Promise<Response> {
  const body = {
    projectId: world.project.id,
    repositoryId: world.repository.id,
    mode: "review",
    model: "claude-test",
    prompt: "Review it.",
    ...fields,
  };
  const client = clients.get(role);
  if (client === undefined) throw new Error(`no ${role}`);
  return client.send("POST", "/api/runs", body);
}

async function refusal(response: Response): Promise<readonly [number, string, string | undefined]> {
  const problem = problemSchema.parse(await response.json());
  return [response.status, problem.code, problem.issues?.[0]?.path];
}

describe("a review run", () => {
  test("is started by qa and above, with the pull request in its row", async () => {
    const response = await start("qa", { pullRequestNumber: 7 });
    expect(response.status).toBe(201);
    const run = runSchema.parse(await response.json());
    expect(run).toMatchObject({
      mode: "review",
      state: "QUEUED",
      pullRequest: { number: 7, branch: "topic", commit: "f".repeat(40), state: "open" },
      repository: { baseBranch: "release" },
    });
    expect((await start("viewer", { pullRequestNumber: 7 })).status).toBe(403);
    expect(await refusal(await start("qa", { mode: "implement" }))).toEqual([403, "forbidden", undefined]);
  });

  test.each([
    [{}, [400, "invalid_request", "pullRequestNumber"]],
    [{ pullRequestNumber: 0 }, [400, "invalid_request", "pullRequestNumber"]],
    [{ pullRequestNumber: "7" }, [400, "invalid_request", "pullRequestNumber"]],
    [{ pullRequestNumber: 9 }, [400, "invalid_request", "pullRequestNumber"]],
    [{ pullRequestNumber: 8 }, [400, "invalid_request", "pullRequestNumber"]],
    [{ pullRequestNumber: 7, mode: "plan" }, [400, "invalid_request", "pullRequestNumber"]],
    [{ pullRequestNumber: 7, baseBranch: "main" }, [400, "invalid_request", "baseBranch"]],
    [{ pullRequestNumber: 500 }, [503, "unavailable", undefined]],
  ])("%j is refused and makes no run", async (fields, expected) => {
    const count = () =>
      env.DB.prepare("select count(*) as n from run where tenant_id = ?").bind(world.me.activeTenantId);
    const before = await count().first("n");
    expect(await refusal(await start("dev", fields))).toEqual(expected);
    expect(await count().first("n")).toBe(before);
  });

  test("qa steers reviews alone, and approves none", async () => {
    const other = await insertRunRow(world);
    const qa = clients.get("qa");
    const decision = { decision: "approve", baseCommit: "f".repeat(40) };
    const of = (id: string, path: string, body?: object) => qa?.send("POST", `/api/runs/${id}/${path}`, body);
    const mine = runSchema.parse(await (await start("qa", { pullRequestNumber: 7 })).json()).id;
    for (const path of ["cancel", "resume", "pause"]) {
      expect((await of(other, path))?.status).toBe(403);
      // The host of these tests answers nothing: whoever gets there was let through.
      expect((await of(mine, path))?.status).toBe(500);
    }
    expect((await of(mine, `patch-sets/${"a".repeat(64)}/decision`, decision))?.status).toBe(403);
  });
});
