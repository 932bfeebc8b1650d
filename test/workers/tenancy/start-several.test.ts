import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { projectSchema, repositorySchema, type Repository } from "../../../contracts/project.ts";
import { runSchema } from "../../../contracts/run.ts";
import { createDatabase } from "../../../worker/db/client.ts";
import { createTestApi, forgeRepositories, forgeRepository, testConfig } from "../app.ts";
import { Client } from "../client.ts";
import { memoryHost } from "../memory-host.ts";
import { endRunsOf } from "../run-row.ts";
import { newWorld, type World } from "../world.ts";

let world: World;
let client: Client;
let repositories: readonly Repository[];
let projectId: string;

/** A project with twelve repositories, two of them of one name from two owners. */
beforeAll(async () => {
  world = await newWorld();
  const names = ["one", ...Array.from({ length: 10 }, (_, index) => `part-${index}`)];
  const listed = names.map((name) => forgeRepository(String(world.installation), name));
  const twin = { ...forgeRepository(String(world.installation), "part-0"), externalId: "twin", owner: "acme" };
  forgeRepositories.set(String(world.installation), [...listed, twin]);
  await world.client.ask(z.unknown(), 200, "POST", `/api/connectors/${world.connector.id}/sync`);
  const list = z.object({ items: z.array(repositorySchema) });
  repositories = (await world.client.ask(list, 200, "GET", "/api/repositories")).items;
  const repositoryIds = repositories.map(({ id }) => id);
  const project = await world.client.ask(projectSchema, 201, "POST", "/api/projects", {
    ...{ key: "MANY", name: "Many", repositoryIds },
  });
  projectId = project.id;
  client = new Client(createTestApi(env.DB, testConfig, { runs: memoryHost(createDatabase(env.DB)) }));
  for (const [name, value] of world.client.cookies) client.cookies.set(name, value);
  return async () => endRunsOf(world.me.activeTenantId);
});

const asked = (fields: object) => ({ projectId, mode: "implement", model: "claude-test", prompt: "Do it.", ...fields });
const startedRuns = async (): Promise<number> => {
  const row = env.DB.prepare("select count(*) as n from run where project_id = ?").bind(Number(projectId));
  return (await row.first<{ n: number }>())?.n ?? -1;
};

test("a run over twelve repositories is refused with the limit, named ones and ones to choose among alike", async () => {
  expect(repositories).toHaveLength(12);
  const named = await client.problem("POST", "/api/runs", asked({ repositoryIds: repositories.map(({ id }) => id) }));
  expect(named).toMatchObject({
    code: "invalid_request",
    issues: [{ path: "repositoryIds", message: "A run works on at most 8 repositories." }],
  });
  const open = await client.problem("POST", "/api/runs", asked({ chooseRepositories: true }));
  expect(open).toMatchObject({ code: "invalid_request", issues: [{ path: "chooseRepositories" }] });
  expect(open.detail).toContain("(8)");
  expect(await startedRuns()).toBe(0);
});

test("two repositories of one name from two owners have a folder each", async () => {
  const twins = repositories.filter(({ name }) => name === "part-0");
  const run = await client.ask(
    runSchema,
    201,
    "POST",
    "/api/runs",
    asked({ repositoryIds: twins.map(({ id }) => id) }),
  );
  expect(run.repositories.map(({ folder }) => folder)).toEqual(twins.map(({ owner }) => `${owner}-part-0`));
});

test("a run with one repository that the person may not see, or that is another tenant's, is refused at its place", async () => {
  const other = await newWorld();
  const before = await startedRuns();
  const [first] = repositories;
  for (const id of [other.repository.id, "999999"]) {
    const problem = await client.problem("POST", "/api/runs", asked({ repositoryIds: [first?.id, id] }));
    expect(problem).toMatchObject({ code: "unknown_repository", issues: [{ path: "repositoryIds.1" }] });
  }
  expect(await startedRuns()).toBe(before);
});
