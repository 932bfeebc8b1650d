import { env } from "cloudflare:workers";
import * as z from "zod";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import type { Actor, PersonActor } from "../../../contracts/actor.ts";
import { runSchema } from "../../../contracts/run.ts";
import { permissionNames } from "../../../domain/tenancy/permissions.ts";
import {
  apiKeyScope,
  requirePermission,
  requirePerson,
  ruleScope,
  systemScope,
  type ActorScope,
  type PersonScope,
  type Scope,
  type ServiceDeps,
} from "../../../worker/context.ts";
import { createTicket } from "../../../worker/services/board/create-ticket.ts";
import { getBoard } from "../../../worker/services/board/get-board.ts";
import { getTicket } from "../../../worker/services/board/get-ticket.ts";
import { getProjectBudget } from "../../../worker/services/budget/project-budget.ts";
import { listConnectors } from "../../../worker/services/connector/list-connectors.ts";
import { listRepositories } from "../../../worker/services/connector/list-repositories.ts";
import { getInstruction } from "../../../worker/services/instruction/instructions.ts";
import { getProviderKeys, removeProviderKey } from "../../../worker/services/model/provider-keys.ts";
import { tenantModels } from "../../../worker/services/model/tenant-models.ts";
import { getProject } from "../../../worker/services/project/get-project.ts";
import { listProjects } from "../../../worker/services/project/list-projects.ts";
import {
  readEvents,
  readLedger,
  readModelCall,
  readModelCalls,
  readPatchSets,
} from "../../../worker/services/run/read-log.ts";
import { getRun, getRuns } from "../../../worker/services/run/read-run.ts";
import { startRun } from "../../../worker/services/run/start-run.ts";
import { readImage } from "../../../worker/services/upload/images.ts";
import { createDeps } from "../app.ts";
import { newMember } from "../client.ts";
import { memoryHost, type MemoryHost } from "../memory-host.ts";
import { endRunsOf } from "../run-row.ts";
import { newWorld, type World } from "../world.ts";

let world: World;
let tenantId: number;
let host: MemoryHost;
let deps: ServiceDeps;
beforeAll(async () => {
  world = await newWorld();
  tenantId = Number(world.me.activeTenantId);
  const own = createDeps(env.DB);
  host = memoryHost(own.db);
  deps = { ...own, runs: host };
});

afterAll(() => endRunsOf(world.me.activeTenantId));

function keyOf(scopes: readonly ("read" | "write" | "admin")[]): ActorScope<"api_key"> {
  const actor = { id: "12", name: "nightly", ownerId: world.me.user.id };
  return apiKeyScope({ tenantId, actor, scopes, ownerRole: "admin", requestId: "of-the-key" });
}

function rule(grants: Parameters<typeof ruleScope>[0]["grants"]): ActorScope<"rule"> {
  return ruleScope({ tenantId, actor: { id: "4", name: "labelled bug" }, grants, requestId: "of-the-rule" });
}

async function auditOf(subject: string): Promise<unknown> {
  return env.DB.prepare(
    "select action, actor_id, actor_kind, actor_key, session_id, request_id from audit where tenant_id = ? and subject = ?",
  )
    .bind(tenantId, subject)
    .all()
    .then(({ results }) => results);
}

const started = () => ({
  projectId: world.project.id,
  repositoryId: world.repository.id,
  mode: "implement" as const,
  model: "claude-test",
  prompt: "Do it.",
});

describe("an actor that is no person", () => {
  const actors = [
    {
      kind: "rule",
      scope: () => rule(["ticket.create", "run.start"]),
      actor: { kind: "rule", id: "4", name: "labelled bug" },
      audited: { actor_id: 4, actor_kind: "rule", actor_key: "rule:4", session_id: null, request_id: "of-the-rule" },
    },
    {
      kind: "api_key",
      scope: () => keyOf(["write"]),
      actor: { kind: "api_key", id: "12", name: "nightly" },
      audited: {
        actor_id: 12,
        actor_kind: "api_key",
        actor_key: "api_key:12",
        session_id: null,
        request_id: "of-the-key",
      },
    },
    {
      kind: "system",
      scope: () => systemScope(tenantId, "sweep", "of-the-sweep"),
      actor: { kind: "system", name: "sweep" },
      audited: {
        actor_id: null,
        actor_kind: "system",
        actor_key: "system:sweep",
        session_id: null,
        request_id: "of-the-sweep",
      },
    },
  ] as const;

  test.each(actors)("($kind) makes a ticket and starts a run, and the audit log names it", async (each) => {
    const scope = each.scope();
    const ticket = await createTicket(deps, scope, Number(world.project.id), {
      type: "bug",
      title: `Of ${each.kind}`,
      description: "",
      acceptanceCriteria: "",
      column: "backlog",
      priority: "none",
      labels: [],
    });
    expect(await auditOf(`ticket:${ticket.id}`)).toEqual([{ action: "ticket.created", ...each.audited }]);
    const run = await startRun(deps, scope, started());
    expect(run.startedBy).toMatchObject(each.actor);
    expect(host.started.map(({ spec }) => spec.runId)).toContain(run.id);
    expect(await auditOf(`run:${run.id}`)).toEqual([{ action: "run.started", ...each.audited }]);
    // The API shows the actor that the verb recorded.
    const shown = await world.client.ask(runSchema, 200, "GET", `/api/runs/${run.id}`);
    expect(shown.startedBy).toEqual(run.startedBy);
  });

  test("whose owner has left the tenant is still named by the run that it started, and starts none once its owner may not", async () => {
    const owner = await newMember(world.me.activeTenantId, "dev");
    const actor = { id: "13", name: "of a leaver", ownerId: owner.me.user.id };
    const ofLeaver = (ownerRole: "dev" | "viewer") =>
      apiKeyScope({ tenantId, actor, scopes: ["write"], ownerRole, requestId: "of-the-leaver" });
    const run = await startRun(deps, ofLeaver("dev"), started());
    await env.DB.prepare("delete from member where user_id = ?").bind(Number(actor.ownerId)).run();
    const shown = await world.client.ask(runSchema, 200, "GET", `/api/runs/${run.id}`);
    expect(shown.startedBy).toEqual({ kind: "api_key", ...actor });
    const page = z.object({ items: z.array(runSchema) });
    const { items } = await world.client.ask(page, 200, "GET", "/api/runs");
    expect(items.find(({ id }) => id === run.id)?.startedBy).toEqual(shown.startedBy);
    await expect(startRun(deps, ofLeaver("viewer"), started())).rejects.toMatchObject({ code: "forbidden" });
  });

  test("approves nothing, whatever it was given: by type and when it runs", () => {
    expectTypeOf<Extract<Actor, PersonScope["actor"]>>().toEqualTypeOf<PersonActor>();
    expectTypeOf<ActorScope<"rule"> extends PersonScope ? true : false>().toEqualTypeOf<false>();
    expectTypeOf<ActorScope<"api_key"> extends PersonScope ? true : false>().toEqualTypeOf<false>();
    expectTypeOf<ActorScope<"system"> extends PersonScope ? true : false>().toEqualTypeOf<false>();
    expectTypeOf<Scope extends PersonScope ? true : false>().toEqualTypeOf<false>();
    for (const scope of [
      rule(permissionNames),
      keyOf(["read", "write", "admin"]),
      systemScope(tenantId, "sweep", "r"),
    ]) {
      expect(() => requirePermission(scope, "patch_set.decide")).toThrow(/Only a person may do this/);
      expect(() => requirePerson(scope)).toThrow("Only a person who is signed in may do this.");
      for (const name of ["connector.manage", "provider_key.manage", "pull_request.close"] as const)
        expect(scope.can(name)).toBe(false);
    }
  });

  test("gets the missing permission in the error", () => {
    expect(() => requirePermission(keyOf(["read"]), "run.start")).toThrow(/API key with the scope write/);
    expect(() => requirePermission(rule([]), "run.start")).toThrow(/the rule labelled bug does not have/);
    const small = apiKeyScope({
      tenantId,
      actor: { id: "1", name: "k", ownerId: "1" },
      scopes: ["admin"],
      ownerRole: "viewer",
      requestId: "r",
    });
    expect(small.can("ticket.create")).toBe(false);
    expect(small.can("ticket.read")).toBe(true);
  });
});

describe("a verb", () => {
  const [id, runId] = [() => Number(world.project.id), () => Number(world.runId)];
  const verbs: readonly (readonly [string, (scope: Scope) => Promise<unknown>])[] = [
    ["getProject", (scope) => getProject(deps, scope, id())],
    ["listProjects", (scope) => listProjects(deps, scope, undefined)],
    ["getBoard", (scope) => getBoard(deps, scope, id())],
    ["getTicket", (scope) => getTicket(deps, scope, Number(world.ticket.id))],
    ["getProjectBudget", (scope) => getProjectBudget(deps, scope, id())],
    ["listConnectors", (scope) => listConnectors(deps, scope, undefined)],
    ["listRepositories", (scope) => listRepositories(deps, scope, undefined)],
    ["getInstruction", (scope) => getInstruction(deps, scope, { scope: "project", scopeId: id() })],
    ["tenantModels", (scope) => tenantModels(deps, scope)],
    ["getProviderKeys", (scope) => getProviderKeys(deps, scope)],
    ["removeProviderKey", (scope) => removeProviderKey(deps, scope, "openai")],
    ["getRun", (scope) => getRun(deps, scope, runId())],
    [
      "getRuns",
      (scope) =>
        getRuns(deps, scope, { limit: 1, projectId: undefined, state: undefined, before: undefined, text: undefined }),
    ],
    ["readEvents", (scope) => readEvents(deps, scope, runId(), { since: 0, limit: 1 })],
    ["readPatchSets", (scope) => readPatchSets(deps, scope, runId())],
    ["readLedger", (scope) => readLedger(deps, scope, runId())],
    ["readModelCall", (scope) => readModelCall(deps, scope, runId(), "call")],
    ["readModelCalls", (scope) => readModelCalls(deps, scope, runId())],
    ["readImage", (scope) => readImage(deps, scope, world.imageId)],
    ["startRun", (scope) => startRun(deps, scope, started())],
  ];

  test.each(verbs)("%s refuses a key without scopes before it reads", async (_name, call) => {
    await expect(call(keyOf([]))).rejects.toMatchObject({ code: "forbidden" });
  });
});

test("a person's audit entry names the session", async () => {
  const entries = await auditOf(`project:${world.project.id}`);
  expect(entries).toEqual([
    expect.objectContaining({
      actor_kind: "person",
      actor_key: `person:${world.me.user.id}`,
      session_id: expect.any(Number) as number,
    }),
  ]);
});
