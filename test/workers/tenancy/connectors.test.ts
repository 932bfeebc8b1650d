import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { connectorSchema } from "../../../contracts/connector.ts";
import { repositorySchema } from "../../../contracts/project.ts";
import type { ForgeRepository } from "../../../worker/ports/forge.ts";
import { forgeRepositories, forgeRepository, seenRepositories } from "../app.ts";
import { auditOf, Client, newPerson } from "../client.ts";
import { newInstallation, newWorld } from "../world.ts";

const repositoriesSchema = z.object({ items: z.array(repositorySchema), nextCursor: z.string().nullable() });
const connectorsSchema = z.object({ items: z.array(connectorSchema), nextCursor: z.null() });

async function repositoryNames(client: Client): Promise<readonly string[]> {
  const { items } = await client.ask(repositoriesSchema, 200, "GET", "/api/repositories");
  return items.map((item) => item.name);
}

describe("connecting an installation", () => {
  test("imports its repositories, with where they are", async () => {
    const { client, me, installation, connector, repository } = await newWorld();
    expect(connector).toMatchObject({ kind: "github", accountLogin: `org-${installation}`, repositoryCount: 1 });
    expect(repository).toMatchObject({
      owner: `org-${installation}`,
      name: "one",
      isPrivate: true,
      primaryLanguage: "TypeScript",
    });
    expect(repository.url).toBe(`http://github.test/org-${installation}/one`);
    expect((await auditOf(me.activeTenantId)).map((row) => row.action)).toContain("connector.created");
    expect((await auditOf(me.activeTenantId)).find((row) => row.action === "connector.created")?.subject).toBe(
      `connector:${connector.id}`,
    );
    expect((await client.ask(connectorsSchema, 200, "GET", "/api/connectors")).items).toEqual([connector]);
  });

  test("imports only those of its repositories that the person can see at GitHub, and a sync takes back what is lost", async () => {
    const installation = newInstallation();
    const own = String(installation);
    const [open, secret] = [forgeRepository(own, "open"), forgeRepository(own, "secret")];
    forgeRepositories.set(own, [open, secret]);
    seenRepositories.set(own, [open.externalId]);
    const { client } = await newPerson(installation);
    const connector = await client.ask(connectorSchema, 201, "POST", "/api/connectors", { installationId: own });
    expect(await repositoryNames(client)).toEqual(["open"]);
    const sync = async (...seen: readonly ForgeRepository[]): Promise<readonly string[]> => {
      seenRepositories.set(
        own,
        seen.map(({ externalId }) => externalId),
      );
      await client.ask(connectorSchema, 200, "POST", `/api/connectors/${connector.id}/sync`);
      return repositoryNames(client);
    };
    expect(await sync(open, secret)).toEqual(["open", "secret"]);
    expect(await sync(secret)).toEqual(["secret"]);
    expect(await sync()).toEqual([]);
  });

  test("that the person can't see at GitHub is forbidden, and leaves nothing", async () => {
    const { client, me } = await newPerson(newInstallation());
    const problem = await client.problem("POST", "/api/connectors", { installationId: String(newInstallation()) });
    expect(problem.code).toBe("forbidden");
    expect(await auditOf(me.activeTenantId)).toHaveLength(1);
  });

  test("that another tenant has is a conflict", async () => {
    const world = await newWorld();
    const { client } = await newPerson(world.installation);
    const problem = await client.problem("POST", "/api/connectors", { installationId: String(world.installation) });
    expect(problem.code).toBe("conflict");
    expect(await repositoryNames(client)).toEqual([]);
  });

  test("twice at the same instant makes one connector", async () => {
    const installation = newInstallation();
    const { client } = await newPerson(installation);
    const body = { installationId: String(installation) };
    const both = await Promise.all([
      client.send("POST", "/api/connectors", body),
      client.send("POST", "/api/connectors", body),
    ]);
    expect(both.map((response) => response.status)).toEqual([201, 201]);
    expect((await client.ask(connectorsSchema, 200, "GET", "/api/connectors")).items).toHaveLength(1);
    expect(await repositoryNames(client)).toEqual(["one"]);
  });

  test("with a GitHub sign-in that is not accepted any more asks to sign in again", async () => {
    const client = new Client();
    await client.signIn(`expired${crypto.randomUUID().slice(0, 8)}-7`);
    const problem = await client.problem("POST", "/api/connectors", { installationId: "7" });
    expect(problem.code).toBe("forbidden");
    expect(problem.detail).toContain("sign in again");
  });

  test("while GitHub is down says so, without GitHub's own words", async () => {
    const { client } = await newPerson(500);
    const problem = await client.problem("POST", "/api/connectors", { installationId: "500" });
    expect(problem).toMatchObject({ code: "unavailable", status: 503 });
    expect(JSON.stringify(problem)).not.toContain("secret detail");
  });

  test("imports thousands of repositories, listed page by page without a gap", async () => {
    const installation = newInstallation();
    const names = Array.from({ length: 2500 }, (_, index) => `repository-${index}`);
    forgeRepositories.set(
      String(installation),
      names.map((name) => forgeRepository(String(installation), name)),
    );
    const { client } = await newPerson(installation);
    await client.send("POST", "/api/connectors", { installationId: String(installation) });
    const found: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const query: string = cursor === "" ? "" : `?cursor=${cursor}`;
      const page: z.infer<typeof repositoriesSchema> = await client.ask(
        repositoriesSchema,
        200,
        "GET",
        `/api/repositories${query}`,
      );
      found.push(...page.items.map((item) => item.name));
      cursor = page.nextCursor;
    }
    expect(found).toEqual(names);
  });
});

describe("a connector", () => {
  test("follows the forge when it is synced: renamed, added, removed, come back", async () => {
    const { client, connector, installation, repository } = await newWorld();
    const own = String(installation);
    const sync = async (...listed: readonly ForgeRepository[]): Promise<readonly string[]> => {
      forgeRepositories.set(own, listed);
      const synced = await client.ask(connectorSchema, 200, "POST", `/api/connectors/${connector.id}/sync`);
      expect(synced.repositoryCount).toBe(listed.length);
      return repositoryNames(client);
    };
    const one = forgeRepository(own, "one");
    const two = forgeRepository(own, "two");
    expect(await sync({ ...one, name: "renamed" })).toEqual(["renamed"]);
    const { items } = await client.ask(repositoriesSchema, 200, "GET", "/api/repositories");
    expect(items).toEqual([{ ...repository, name: "renamed", url: repository.url.replace(/one$/, "renamed") }]);
    expect(await sync(one, two)).toEqual(["one", "two"]);
    expect(await sync(two)).toEqual(["two"]);
    expect(await sync(one, two)).toEqual(["one", "two"]);
    expect(await sync()).toEqual([]);
  });

  test("that is revoked is gone with its repositories, once, and another tenant may have the installation", async () => {
    const { client, me, connector, installation, project } = await newWorld();
    expect((await client.send("DELETE", `/api/connectors/${connector.id}`)).status).toBe(204);
    expect(await repositoryNames(client)).toEqual([]);
    expect((await client.problem("DELETE", `/api/connectors/${connector.id}`)).code).toBe("not_found");
    expect((await auditOf(me.activeTenantId)).filter((row) => row.action === "connector.revoked")).toHaveLength(1);
    const shown = await client.ask(
      z.object({ repositories: z.array(z.unknown()) }),
      200,
      "GET",
      `/api/projects/${project.id}`,
    );
    expect(shown.repositories).toEqual([]);
    const other = await newPerson(installation);
    expect((await other.client.send("POST", "/api/connectors", { installationId: String(installation) })).status).toBe(
      201,
    );
    expect(await repositoryNames(other.client)).toEqual(["one"]);
    expect(await repositoryNames(client)).toEqual([]);
  });

  test("that is connected again brings the same repositories back under their old ids", async () => {
    const { client, connector, installation, repository } = await newWorld();
    await client.send("DELETE", `/api/connectors/${connector.id}`);
    const again = await client.ask(connectorSchema, 201, "POST", "/api/connectors", {
      installationId: String(installation),
    });
    expect(again.id).not.toBe(connector.id);
    const { items } = await client.ask(repositoriesSchema, 200, "GET", "/api/repositories");
    expect(items).toEqual([repository]);
    const kept = await env.DB.prepare("select count(*) as n from connector where installation_id = ?")
      .bind(String(installation))
      .first<number>("n");
    expect(kept).toBe(2);
  });
});
