import { beforeEach, expect, test } from "vitest";
import { SocketAccess } from "../../../durable-objects/socket-access.ts";
import type { SocketHub, Viewer } from "../../../durable-objects/socket-hub.ts";
import { socketGrantMs } from "../../../worker/ports/run-host.ts";

const grant = { key: "the-key", sessionKey: "4711", expiresAtMs: 100_000 };

let nowMs: number;
let accepted: Viewer[];
let access: SocketAccess;

beforeEach(() => {
  nowMs = 1_000;
  accepted = [];
  const hub = {
    accept: (viewer: Viewer) => {
      accepted.push(viewer);
      return new Response(null, { status: 200 });
    },
    viewers: () => [],
    closeWhere: () => undefined,
  };
  access = new SocketAccess({
    hub: hub as unknown as SocketHub,
    accessOf: async () => [],
    isWorking: () => false,
    nowMs: () => nowMs,
    plan: () => undefined,
    log: () => undefined,
  });
  access.keepGrant(grant);
});

const open = (key: string): number => access.open(new Headers({ "x-socket-grant": key }), () => []).status;

test("a grant opens the socket of the session that it names, once", () => {
  expect(open("the-key")).toBe(200);
  expect(accepted).toEqual([{ sessionKey: "4711", expiresAtMs: 100_000 }]);
  expect(open("the-key")).toBe(401);
});

test("another key opens nothing, and leaves the grant to its owner", () => {
  expect(open("another")).toBe(401);
  expect(open("")).toBe(401);
  expect(accepted).toEqual([]);
  expect(open("the-key")).toBe(200);
});

test("a grant is too old after its seconds", () => {
  nowMs += socketGrantMs;
  expect(open("the-key")).toBe(401);
  expect(accepted).toEqual([]);
});

test("a grant ends with its session, by the clock and by signing out", () => {
  access.keepGrant({ ...grant, expiresAtMs: nowMs });
  expect(open("the-key")).toBe(401);
  access.keepGrant(grant);
  access.close("4711", "signed_out");
  expect(open("the-key")).toBe(401);
  expect(accepted).toEqual([]);
});

test("a grant ends when its person has left the tenant, and not when another has", () => {
  access.close("4712", "forbidden");
  access.close("4711", "forbidden");
  expect(open("the-key")).toBe(401);
  access.keepGrant(grant);
  access.close("4712", "forbidden");
  expect(open("the-key")).toBe(200);
});
