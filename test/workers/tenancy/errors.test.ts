import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ticketSchema } from "../../../contracts/project.ts";
import { createTestApi, testConfig } from "../app.ts";
import { Client, newPerson, readProblem } from "../client.ts";
import { failingD1 } from "../d1.ts";
import { newWorld } from "../world.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("bad input", () => {
  test("names every wrong field at its path, unknown ones too", async () => {
    const { client } = await newPerson();
    const problem = await client.problem("POST", "/api/projects", {
      key: "lower",
      name: " ",
      repositoryIds: ["0"],
      colour: "red",
    });
    expect(problem).toMatchObject({
      status: 400,
      code: "invalid_request",
      type: "urn:assembly-lime:problem:invalid_request",
    });
    expect(problem.issues).toEqual([
      { path: "key", message: "must be 2 to 6 capital letters" },
      { path: "name", message: "must not be empty" },
      { path: "repositoryIds.0", message: "must be a positive integer" },
      { path: "colour", message: "is not a known field" },
    ]);
    expect(problem.detail).toContain("key: must be 2 to 6 capital letters");
    expect(problem.detail).toContain("and 1 more");
  });

  test.each([
    ["an id that is none", "GET", "/api/tickets/abc", undefined, "id"],
    ["a negative id", "GET", "/api/projects/-1", undefined, "id"],
    ["a cursor that was never given", "GET", "/api/projects?cursor=x", undefined, "cursor"],
    ["an array for a body", "POST", "/api/projects", [], "body"],
    ["no installation", "POST", "/api/connectors", {}, "installationId"],
    ["a tenant that is no id", "POST", "/api/me/active-tenant", { tenantId: "1 or 1=1" }, "tenantId"],
  ])("%s is refused at its field", async (_, method, path, body, field) => {
    const { client } = await newPerson();
    const problem = await client.problem(method, path, body);
    expect(problem.code).toBe("invalid_request");
    expect(problem.issues?.[0]?.path).toBe(field);
  });

  test("a NUL in an address is refused, and in a body it becomes a character that can be kept", async () => {
    const { client, project } = await newWorld();
    for (const path of ["/api/runs?q=abc%00def", "/api/tickets/1%00"])
      expect(await client.problem("GET", path)).toMatchObject({ status: 400, code: "invalid_request" });
    const body = '{"type":"task","title":"a\\u0000b","description":"c\\ud800d"}';
    const made = await client.ask(ticketSchema, 201, "POST", `/api/projects/${project.id}/tickets`, JSON.parse(body));
    expect(made).toMatchObject({ title: "a\ufffdb", description: "c\ufffdd" });
  });

  test("in a ticket is refused field by field", async () => {
    const { client, project } = await newWorld();
    const path = `/api/projects/${project.id}/tickets`;
    const problem = await client.problem("POST", path, {
      type: "wish",
      title: "x".repeat(201),
      labels: ["", "ok"],
      column: "in limbo!",
    });
    expect(problem.issues?.map((issue) => issue.path)).toEqual(["type", "title", "column", "labels.0"]);
  });

  test("that is no JSON, or not called JSON, is said to be so", async () => {
    const { client } = await newPerson();
    expect((await client.problem("POST", "/api/projects", "{not json")).code).toBe("invalid_request");
    const text = await client.problem("POST", "/api/projects", "key=LIME", { "content-type": "text/plain" });
    expect(text.code).toBe("invalid_request");
    expect(text.detail).toContain("application/json");
    expect((await client.problem("POST", "/api/projects")).code).toBe("invalid_request");
  });

  test("with a key that is taken is a conflict, and a project of another tenant does not take it", async () => {
    const { client } = await newWorld();
    const problem = await client.problem("POST", "/api/projects", { key: "LIME", name: "Again" });
    expect(problem).toMatchObject({ code: "conflict", status: 409, issues: [{ path: "key", message: "is taken" }] });
  });
});

describe("a body", () => {
  const large = JSON.stringify({ key: "BIG", name: "Big", description: "x".repeat(1_000_001) });

  test("over a megabyte is too large, by its length", async () => {
    const { client } = await newPerson();
    const problem = await client.problem("POST", "/api/projects", large, { "content-length": String(large.length) });
    expect(problem).toMatchObject({ code: "payload_too_large", status: 413 });
  });

  test("over a megabyte is too large when it comes in pieces without a length", async () => {
    const { client } = await newPerson();
    const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(new Uint8Array(100_000));
        if (sent === 50) controller.close();
      },
    });
    const headers = { cookie, origin: testConfig.publicUrl, "content-type": "application/json" };
    const response = await client.api.fetch(
      new Request("http://lime.test/api/projects", { method: "POST", body, headers }),
    );
    expect((await readProblem(response)).code).toBe("payload_too_large");
    expect(sent).toBeLessThan(20);
  });
});

describe("an address", () => {
  test("that there is not is not found, as a problem", async () => {
    const { client } = await newPerson();
    expect(await client.problem("GET", "/api/nothing")).toMatchObject({ code: "not_found", status: 404 });
  });

  test("with another method says which ones there are", async () => {
    const { client } = await newPerson();
    const response = await client.send("DELETE", "/api/projects/1");
    expect(response.headers.get("allow")).toBe("GET, PATCH");
    expect((await readProblem(response)).code).toBe("method_not_allowed");
    const both = await client.send("PUT", "/api/projects", {});
    expect(both.headers.get("allow")).toBe("GET, POST");
  });
});

describe("a change", () => {
  test.each([
    "https://evil.example",
    "http://lime.test.evil.example",
    "https://lime.test",
    "null",
    "http://lime.test:8080",
  ])("from a page of %s is refused and does nothing", async (origin) => {
    const { client } = await newPerson();
    client.origin = origin;
    expect((await client.problem("POST", "/api/projects", { key: "CSRF", name: "x" })).code).toBe("foreign_origin");
    expect(await (await client.send("GET", "/api/projects")).json()).toEqual({ items: [], nextCursor: null });
  });

  test("with a cookie and no Origin is refused; with neither it only lacks a session", async () => {
    const { client } = await newPerson();
    client.origin = null;
    expect((await client.problem("POST", "/api/projects", { key: "CSRF", name: "x" })).code).toBe("foreign_origin");
    client.cookies.clear();
    expect((await client.problem("POST", "/api/projects", { key: "CSRF", name: "x" })).code).toBe("unauthenticated");
  });

  test.each(["POST", "DELETE", "PUT", "PATCH"])("by %s from elsewhere is refused on any address", async (method) => {
    const { client } = await newPerson();
    client.origin = "https://evil.example";
    expect((await client.problem(method, "/api/anything")).code).toBe("foreign_origin");
  });
});

describe("a socket", () => {
  const open = async (run: number, origin: string | null): Promise<string> => {
    const { client } = await newPerson();
    const headers = { upgrade: "websocket", ...(origin === null ? {} : { origin }) };
    return (await client.problem("GET", `/api/runs/${run}/socket`, undefined, headers)).code;
  };

  test.each(["https://evil.example", "http://lime.test.evil.example", "null", null])(
    "that a page of %s opens with a person's cookie is refused",
    async (origin) => {
      expect(await open(1, origin)).toBe("foreign_origin");
    },
  );

  test("of the deployment's own page is refused only when there is no such run", async () => {
    expect(await open(999_999, testConfig.publicUrl)).toBe("not_found");
  });
});

describe("every answer", () => {
  test("carries a request id: the caller's when it is harmless, else a new one", async () => {
    const client = new Client();
    const given = await client.send("GET", "/api/deployment", undefined, { "x-request-id": "my-request-1" });
    expect(given.headers.get("x-request-id")).toBe("my-request-1");
    const odd = await client.send("GET", "/api/deployment", undefined, { "x-request-id": "a b<script>" });
    expect(odd.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    const problem = await client.problem("GET", "/api/me", undefined, { "x-request-id": "my-request-2" });
    expect(problem.requestId).toBe("my-request-2");
  });

  test("can't be framed, sniffed or cached, and is kept to https where there is https", async () => {
    const response = await new Client().send("GET", "/api/deployment");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("x-frame-options")).toBe("DENY");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(response.headers.has("strict-transport-security")).toBe(false);
    const secure = new Client(createTestApi(env.DB, { ...testConfig, publicUrl: "https://lime.test" }));
    expect((await secure.send("GET", "/api/deployment")).headers.get("strict-transport-security")).toContain(
      "max-age=",
    );
  });

  test("is logged as one line of JSON with the route's pattern, and never with a cookie", async () => {
    const { client, me } = await newPerson();
    const log = vi.spyOn(console, "log");
    await client.send("GET", "/api/tickets/12345?secret=1", undefined, { "x-request-id": "logged-request" });
    const lines = log.mock.calls.map(([line]) => String(line)).filter((line) => line.includes("logged-request"));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      message: "request",
      method: "GET",
      route: "/api/tickets/:id",
      status: 404,
      tenantId: Number(me.activeTenantId),
      actor: `person:${me.user.id}`,
    });
    expect(lines[0]).not.toContain("secret");
  });

  test("to an unexpected error hides its details, and the log has all of them", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const identity = {
      handler: () => Promise.reject(new Error("a secret from inside")),
      sessionToken: () => Promise.reject(new Error("a secret from inside")),
      socketGrantCookie: () => Promise.reject(new Error("a secret from inside")),
      socketGrant: () => Promise.reject(new Error("a secret from inside")),
      getSession: () => Promise.reject(new Error("a secret from inside")),
      listInstallations: () => Promise.reject(new Error("a secret from inside")),
      listRepositoryIds: () => Promise.reject(new Error("a secret from inside")),
      noreplyEmail: () => Promise.reject(new Error("a secret from inside")),
      canSeeRepository: () => Promise.reject(new Error("a secret from inside")),
    };
    const client = new Client(createTestApi(env.DB, testConfig, { identity }));
    const problem = await client.problem("GET", "/api/me", undefined, { "x-request-id": "broken-request" });
    expect(problem).toMatchObject({ code: "internal", status: 500, requestId: "broken-request" });
    expect(JSON.stringify(problem)).not.toContain("secret");
    expect(String(log.mock.calls[0]?.[0])).toMatch(/broken-request.*a secret from inside/);
  });
});

test("a failed query is logged without its parameters, which hold what people wrote", async () => {
  const { client } = await newWorld();
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const broken = new Client(createTestApi(failingD1(env.DB, /^insert into "project" /)));
  for (const [name, value] of client.cookies) broken.cookies.set(name, value);
  const problem = await broken.problem("POST", "/api/projects", { key: "FAIL", name: "a very private name" });
  expect(problem.code).toBe("internal");
  const logged = JSON.stringify(log.mock.calls);
  expect(logged).toContain("no such table");
  expect(logged).not.toContain("a very private name");
});

describe("the OpenAPI document", () => {
  test("is 3.1 and names the contracts as components, used by reference", async () => {
    const response = await new Client().send("GET", "/api/openapi.json");
    const document: unknown = await response.json();
    const names = [
      "Problem",
      "Me",
      "SwitchTenant",
      "Project",
      "ProjectPage",
      "CreateProject",
      "Board",
      "Ticket",
      "CreateTicket",
    ];
    for (const name of [
      ...names,
      "Repository",
      "RepositoryPage",
      "Connector",
      "ConnectorPage",
      "Connect",
      "Model",
      "Deployment",
    ]) {
      expect(document).toHaveProperty(["components", "schemas", name]);
    }
    const reference = (name: string) => ({ schema: { $ref: `#/components/schemas/${name}` } });
    expect(document).toMatchObject({
      openapi: "3.1.0",
      paths: {
        "/api/projects": {
          post: {
            requestBody: { content: { "application/json": reference("CreateProject") } },
            responses: {
              201: { content: { "application/json": reference("Project") } },
              409: { content: { "application/problem+json": reference("Problem") } },
            },
          },
        },
      },
      components: { schemas: { Board: { properties: { project: reference("Project").schema } } } },
    });
  });
});
