import { expect, test } from "vitest";
import * as z from "zod";
import { projectSchema, repositorySchema, type Project, type Repository } from "../../../contracts/project.ts";
import { forgeRepositories, forgeRepository } from "../app.ts";
import { auditOf } from "../client.ts";
import { newWorld, type World } from "../world.ts";

/** The repositories of a world whose installation reaches a second one. */
async function repositoriesOf({ client, connector, installation }: World): Promise<readonly Repository[]> {
  forgeRepositories.set(
    String(installation),
    ["one", "two"].map((name) => forgeRepository(String(installation), name)),
  );
  await client.ask(z.unknown(), 200, "POST", `/api/connectors/${connector.id}/sync`);
  return (await client.ask(z.object({ items: z.array(repositorySchema) }), 200, "GET", "/api/repositories")).items;
}

function add({ client }: World, project: Project, repositoryIds: readonly string[]): Promise<Project> {
  return client.ask(projectSchema, 200, "POST", `/api/projects/${project.id}/repositories`, { repositoryIds });
}

test("a repository is added behind the one that the project has, and once only", async () => {
  const world = await newWorld();
  const other = (await repositoriesOf(world)).find(({ id }) => id !== world.repository.id);
  if (other === undefined) throw new Error("the installation has one repository only");
  const first = await add(world, world.project, [other.id, world.repository.id]);
  expect(first.repositories.map(({ id }) => id)).toEqual([world.repository.id, other.id]);
  expect(await add(world, world.project, [other.id])).toEqual(first);
  const added = (await auditOf(world.me.activeTenantId)).filter(
    ({ action }) => action === "project.repositories_added",
  );
  expect(added).toHaveLength(2);
});

test("the first repository of a project without any is its primary one, whatever its number", async () => {
  const world = await newWorld();
  const [one, two] = await repositoriesOf(world);
  if (one === undefined || two === undefined) throw new Error("the installation has one repository only");
  const project = await world.client.ask(projectSchema, 201, "POST", "/api/projects", { key: "BARE", name: "Bare" });
  const filled = await add(world, project, [two.id, one.id]);
  expect(filled.repositories.map(({ id }) => id)).toEqual([two.id, one.id]);
});

test("a repository that the tenant lacks is refused with its place in the list, and nothing is added", async () => {
  const world = await newWorld();
  const theirs = await newWorld();
  const problem = await world.client.problem("POST", `/api/projects/${world.project.id}/repositories`, {
    repositoryIds: [world.repository.id, theirs.repository.id],
  });
  expect(problem).toMatchObject({ code: "unknown_repository", issues: [{ path: "repositoryIds.1" }] });
  const project = await world.client.ask(projectSchema, 200, "GET", `/api/projects/${world.project.id}`);
  expect(project.repositories).toEqual(world.project.repositories);
});
