import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import * as z from "zod";
import { repositorySchema } from "../../../contracts/project.ts";
import { PortError } from "../../../worker/ports/errors.ts";
import type { ForgeReader, ForgeRepository } from "../../../worker/ports/forge.ts";
import { refreshInstallation, refreshRepository } from "../../../worker/services/connector/refresh-repositories.ts";
import { createDeps, forgeRepository } from "../app.ts";
import { auditOf, type Client } from "../client.ts";
import { newInstallation, newWorld, type World } from "../world.ts";

const list = z.object({ items: z.array(repositorySchema) });

async function names(client: Client): Promise<readonly string[]> {
  const { items } = await client.ask(list, 200, "GET", "/api/repositories");
  return items.map(({ name, owner }) => `${owner}/${name}`);
}

/** The acts of the product itself in the world's audit log. */
async function acts({ me }: World): Promise<readonly string[]> {
  return (await auditOf(me.activeTenantId, "system:webhooks")).map(({ action }) => action);
}

/** The world's parts over a forge that answers this. */
function depsWith(change: Partial<ForgeReader>) {
  const deps = createDeps(env.DB);
  return { ...deps, forge: { ...deps.forge, ...change } };
}

const rowOf = ({ installation }: World): ForgeRepository => forgeRepository(String(installation), "one");
const delivery = "0b1c2d3e-delivery";
const gone = async (): Promise<never> => {
  throw new PortError("forge", "permanent", "repository_gone", "not reached");
};

test("a rename shows in the list, however often and late its event comes", async () => {
  const world = await newWorld();
  const { externalId } = rowOf(world);
  const event = { installationId: String(world.installation), externalId };
  const renamed = depsWith({ getRepository: async () => ({ ...rowOf(world), name: "two", isPrivate: false }) });
  await refreshRepository(renamed, event, delivery);
  await refreshRepository(renamed, event, delivery);
  expect(await names(world.client)).toEqual([`org-${world.installation}/two`]);
  expect(await acts(world)).toEqual(["repository.refreshed"]);
});

test("a repository that the installation does not reach any more is gone, and an event does not bring it back", async () => {
  const world = await newWorld();
  const event = { installationId: String(world.installation), externalId: rowOf(world).externalId };
  await refreshRepository(depsWith({ getRepository: gone }), event, delivery);
  expect(await names(world.client)).toEqual([]);
  await refreshRepository(depsWith({ getRepository: async () => rowOf(world) }), event, delivery);
  expect(await names(world.client)).toEqual([]);
  expect(await acts(world)).toEqual(["repository.removed"]);
});

test("an event brings no repository that the tenant does not have, and touches no other tenant's", async () => {
  const world = await newWorld();
  const other = await newWorld();
  const foreign = { ...rowOf(other), name: "taken" };
  const deps = depsWith({
    getRepository: async () => foreign,
    listInstallationRepositories: async () => [rowOf(world), foreign],
  });
  const installationId = String(world.installation);
  await refreshRepository(deps, { installationId, externalId: foreign.externalId }, delivery);
  await refreshInstallation(deps, installationId, delivery);
  expect(await names(world.client)).toEqual([`org-${world.installation}/one`]);
  expect(await names(other.client)).toEqual([`org-${other.installation}/one`]);
  expect([await acts(world), await acts(other)]).toEqual([[], []]);
});

test("repositories taken out of the installation are gone; those that stay keep their place", async () => {
  const world = await newWorld();
  const deps = depsWith({ listInstallationRepositories: async () => [] });
  await refreshInstallation(deps, String(newInstallation()), delivery);
  expect(await names(world.client)).toHaveLength(1);
  await refreshInstallation(deps, String(world.installation), delivery);
  await refreshInstallation(deps, String(world.installation), delivery);
  expect(await names(world.client)).toEqual([]);
  expect(await acts(world)).toEqual(["repository.removed"]);
});

test("an installation that is gone takes its connector with it; a suspended one keeps it", async () => {
  const world = await newWorld();
  const failing = (code: string) =>
    depsWith({
      listInstallationRepositories: async () => {
        throw new PortError("forge", "permanent", code, "refused");
      },
    });
  await refreshInstallation(failing("installation_suspended"), String(world.installation), delivery);
  expect(await names(world.client)).toHaveLength(1);
  const deliveries = [1, 2].map(async () =>
    refreshInstallation(failing("installation_gone"), String(world.installation), delivery),
  );
  await Promise.all(deliveries);
  expect(await names(world.client)).toEqual([]);
  expect(await acts(world)).toEqual(["connector.revoked"]);
});
