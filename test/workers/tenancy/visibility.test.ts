import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { connectorSchema } from "../../../contracts/connector.ts";
import { projectDeliverySchema } from "../../../contracts/delivery.ts";
import { boardSchema } from "../../../contracts/board.ts";
import { projectSchema, repositorySchema, ticketSchema } from "../../../contracts/project.ts";
import { systemScope } from "../../../worker/context.ts";
import { listRepositories } from "../../../worker/services/connector/list-repositories.ts";
import { createDeps, forgeRepositories, forgeRepository, seenByPerson, visibilityQuestions } from "../app.ts";
import { newMember, newPerson, type Client } from "../client.ts";
import { newInstallation } from "../world.ts";

const listSchema = z.object({ items: z.array(repositorySchema) });
const connectorsSchema = z.object({ items: z.array(connectorSchema) });

async function names(client: Client): Promise<readonly string[]> {
  const { items } = await client.ask(listSchema, 200, "GET", "/api/repositories");
  return items.map(({ name }) => name);
}

/** A tenant with three repositories: `open` is public, `shared` and `secret` are private. The admin sees all, the member not `secret`. */
async function twoPeople() {
  const installation = newInstallation();
  const own = String(installation);
  const [open, shared, secret] = [
    { ...forgeRepository(own, "open"), isPrivate: false },
    forgeRepository(own, "shared"),
    { ...forgeRepository(own, "secret"), description: "the hidden plan" },
  ] as const;
  forgeRepositories.set(own, [open, shared, secret]);
  const admin = await newPerson(installation);
  const connector = await admin.client.ask(connectorSchema, 201, "POST", "/api/connectors", { installationId: own });
  const { items } = await admin.client.ask(listSchema, 200, "GET", "/api/repositories");
  const [openId = "", sharedId = "", secretId = ""] = items.map(({ id }) => id);
  const project = await admin.client.ask(projectSchema, 201, "POST", "/api/projects", {
    key: "LIME",
    name: "Lime",
    repositoryIds: [openId, sharedId, secretId],
  });
  const member = await newMember(admin.me.activeTenantId, "admin");
  const key = `${member.me.user.id}@${own}`;
  seenByPerson.set(key, [shared.externalId]);
  return {
    admin: admin.client,
    me: admin.me,
    member: member.client,
    key,
    own,
    connector,
    project,
    openId,
    sharedId,
    secretId,
    open,
    shared,
    secret,
  };
}

/** The age of everything that the forge has answered about a connector, in milliseconds. */
async function age(connectorId: string, byMs: number): Promise<void> {
  await env.DB.prepare(
    "update connector_visibility set answered_at_ms = answered_at_ms - ?, asked_at_ms = asked_at_ms - ? where connector_id = ?",
  )
    .bind(byMs, byMs, Number(connectorId))
    .run();
}

const minuteMs = 60_000;

describe("a person who sees less at the forge than another", () => {
  test("gets public repositories and those that the forge shows them, in every list", async () => {
    const { admin, member, project, secretId } = await twoPeople();
    expect(await names(admin)).toEqual(["open", "shared", "secret"]);
    expect(await names(member)).toEqual(["open", "shared"]);
    const ticket = await admin.ask(ticketSchema, 201, "POST", `/api/projects/${project.id}/tickets`, {
      type: "task",
      title: "First",
      repositoryId: secretId,
    });
    const shown = await member.ask(projectSchema, 200, "GET", `/api/projects/${project.id}`);
    expect(shown.repositories.map(({ name }) => name)).toEqual(["open", "shared"]);
    expect(shown.hiddenRepositoryCount).toBe(1);
    const board = await member.ask(boardSchema, 200, "GET", `/api/projects/${project.id}/board`);
    expect(board.tickets.map(({ repository }) => repository)).toEqual([null]);
    const delivery = await member.ask(projectDeliverySchema, 200, "GET", `/api/projects/${project.id}/delivery`);
    expect(delivery.repositories.map(({ repositoryId }) => repositoryId)).not.toContain(secretId);
    for (const path of ["/api/projects", `/api/tickets/${ticket.id}`, "/api/repositories", "/api/connectors"]) {
      const text = await (await member.send("GET", path)).text();
      expect(text).not.toContain("secret");
      expect(text).not.toContain("the hidden plan");
    }
    expect((await admin.ask(ticketSchema, 200, "GET", `/api/tickets/${ticket.id}`)).repository?.name).toBe("secret");
  });

  test("can't put the hidden one anywhere: it is one that does not exist", async () => {
    const { member, project, secretId } = await twoPeople();
    const refused = async (method: string, path: string, body?: unknown) =>
      (await member.problem(method, path, body)).code;
    const repositoryIds = [secretId];
    expect(await refused("POST", "/api/projects", { key: "MINE", name: "Mine", repositoryIds })).toBe(
      "unknown_repository",
    );
    expect(await refused("POST", `/api/projects/${project.id}/repositories`, { repositoryIds })).toBe(
      "unknown_repository",
    );
    const ticket = { type: "task", title: "T", repositoryId: secretId };
    expect(await refused("POST", `/api/projects/${project.id}/tickets`, ticket)).toBe("unknown_repository");
    expect(await refused("GET", `/api/instructions?scope=repository&scopeId=${secretId}`)).toBe("not_found");
    const repositories = [{ repositoryId: secretId, dependsOn: [], testCommand: "true" }];
    const delivery = { delivery: "all_or_none", repositories };
    expect(await refused("PUT", `/api/projects/${project.id}/delivery`, delivery)).toBe("unknown_repository");
    const start = {
      projectId: project.id,
      repositoryId: secretId,
      mode: "implement",
      model: "claude-test",
      prompt: "x",
    };
    expect(await refused("POST", "/api/runs", start)).toBe("unknown_repository");
  });

  test("syncs without taking anything from the other, and a repository goes when the installation loses it", async () => {
    const { admin, member, connector, own, open, secret } = await twoPeople();
    const synced = await member.ask(connectorSchema, 200, "POST", `/api/connectors/${connector.id}/sync`);
    expect(synced.repositoryCount).toBe(3);
    expect(synced.visibility).toMatchObject({ state: "member", seenCount: 2, problem: null });
    expect(await names(admin)).toEqual(["open", "shared", "secret"]);
    forgeRepositories.set(own, [open, secret]);
    await member.ask(connectorSchema, 200, "POST", `/api/connectors/${connector.id}/sync`);
    expect(await names(admin)).toEqual(["open", "secret"]);
    expect(await names(member)).toEqual(["open"]);
  });

  test("gets a repository that came later once anybody has synced", async () => {
    const { admin, member, connector, key, own, open, shared, secret } = await twoPeople();
    const later = forgeRepository(own, "later");
    seenByPerson.set(key, [shared.externalId, later.externalId]);
    expect(await names(member)).toEqual(["open", "shared"]);
    forgeRepositories.set(own, [open, shared, secret, later]);
    await admin.ask(connectorSchema, 200, "POST", `/api/connectors/${connector.id}/sync`);
    expect(await names(member)).toEqual(["open", "shared", "later"]);
  });
});

describe("the forge's answer", () => {
  test("is asked for at the first list, kept, and asked for anew when it is old or the person asks", async () => {
    const { member, connector, key, shared, secret } = await twoPeople();
    await names(member);
    await names(member);
    expect(visibilityQuestions.get(key)).toBe(1);
    seenByPerson.set(key, [shared.externalId, secret.externalId]);
    await age(connector.id, 11 * minuteMs);
    expect(await names(member)).toEqual(["open", "shared", "secret"]);
    expect(visibilityQuestions.get(key)).toBe(2);
    seenByPerson.set(key, []);
    const { items } = await member.ask(connectorsSchema, 200, "POST", "/api/connectors/visibility");
    expect(items[0]?.visibility).toMatchObject({ state: "member", seenCount: 1 });
    expect(await names(member)).toEqual(["open"]);
  });

  test("that does not come leaves the one before, says so, and is not asked for at each list", async () => {
    const { member, connector, key } = await twoPeople();
    await names(member);
    seenByPerson.set(key, "server_error");
    await age(connector.id, 11 * minuteMs);
    expect(await names(member)).toEqual(["open", "shared"]);
    expect(await names(member)).toEqual(["open", "shared"]);
    expect(visibilityQuestions.get(key)).toBe(2);
    const visibility = async () =>
      (await member.ask(connectorsSchema, 200, "GET", "/api/connectors")).items[0]?.visibility;
    expect(await visibility()).toMatchObject({ state: "member", seenCount: 2 });
    expect((await visibility())?.problem).toContain("did not answer");
    await age(connector.id, 24 * 60 * minuteMs);
    expect(await names(member)).toEqual(["open"]);
    expect(await visibility()).toMatchObject({ state: "unknown", seenCount: 1 });
  });

  test("of an expired sign-in says what to do, and an installation that the person can't see is told apart", async () => {
    const { member, connector, key } = await twoPeople();
    seenByPerson.set(key, "unauthorized");
    const visibility = async () =>
      (await member.ask(connectorsSchema, 200, "GET", "/api/connectors")).items[0]?.visibility;
    expect(await visibility()).toMatchObject({ state: "unknown", seenCount: 1, answeredAtMs: null });
    expect((await visibility())?.problem).toContain("sign in again");
    expect(await names(member)).toEqual(["open"]);
    seenByPerson.set(key, "not_found");
    await age(connector.id, 2 * minuteMs);
    expect(await visibility()).toMatchObject({ state: "outside", seenCount: 1, problem: null });
  });

  test("of people who connected before there was a table for it is asked for at the next list", async () => {
    const { admin, connector } = await twoPeople();
    await env.DB.batch(
      ["repository_visibility", "connector_visibility"].map((table) =>
        env.DB.prepare(`delete from ${table} where connector_id = ?`).bind(Number(connector.id)),
      ),
    );
    expect(await names(admin)).toEqual(["open", "shared", "secret"]);
  });
});

test("the product's own work sees every repository of its tenant", async () => {
  const { me } = await twoPeople();
  const scope = systemScope(Number(me.activeTenantId), "sweep", "request");
  const { items } = await listRepositories(createDeps(env.DB), scope, undefined);
  expect(items.map(({ name }) => name)).toEqual(["open", "shared", "secret"]);
});

test("a person of another tenant gets nothing, whatever they see at the forge", async () => {
  const { own, secret } = await twoPeople();
  const stranger = await newPerson(Number(own));
  seenByPerson.set(`${stranger.me.user.id}@${own}`, [secret.externalId]);
  expect(await names(stranger.client)).toEqual([]);
});
