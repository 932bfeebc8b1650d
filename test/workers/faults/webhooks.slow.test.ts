import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import * as z from "zod";
import { runSchema } from "../../../contracts/run.ts";
import type { Client } from "../client.ts";
import { outside } from "../outside/addresses.ts";
import { FaultyDatabase } from "./d1-faults.ts";
import { checkRun } from "./invariants.ts";
import { resetOutside, setCi, until } from "./outside-control.ts";
import { as, closedQueue, ProductApi, RunWorld, sweepNow } from "./run-world.ts";
import { Watcher } from "./watcher.ts";

beforeEach(resetOutside);

interface Delivery {
  readonly id: string;
  readonly status: "requested" | "in_progress" | "completed";
}

async function sign(body: string): Promise<string> {
  const secret = new TextEncoder().encode(env.GITHUB_WEBHOOK_SECRET);
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(body)));
  return `sha256=${[...signature].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** Sends a workflow_run event of the run's commit, as GitHub does. */
async function post(client: Client, world: RunWorld, commit: string, { id, status }: Delivery): Promise<number> {
  return send(client, world, "workflow_run", id, {
    action: status,
    workflow_run: {
      id: 7,
      name: "test",
      head_sha: commit,
      head_branch: "b",
      status: status === "requested" ? "queued" : status,
      conclusion: status === "completed" ? "success" : null,
      html_url: "http://github.test/runs/7",
    },
  });
}

/** Sends an event of the run's repository. */
async function send(client: Client, world: RunWorld, event: string, id: string, payload: object): Promise<number> {
  const body = JSON.stringify({
    ...payload,
    repository: { id: world.installation, name: "one", owner: { login: `org-${world.installation}` } },
    installation: { id: world.installation },
  });
  const response = await client.api.fetch(
    new Request("http://lime.test/api/webhooks/github", {
      method: "POST",
      body,
      headers: {
        "x-github-event": event,
        "x-github-delivery": id,
        "x-hub-signature-256": await sign(body),
      },
    }),
  );
  return response.status;
}

/** A run that watches its pull request's CI, which has not ended. */
async function watching(): Promise<{ readonly world: RunWorld; readonly id: string; readonly commit: string }> {
  const world = await RunWorld.make();
  await setCi("in_progress", null);
  const { id } = await world.start("note-webhook");
  await world.reaches(id, ["WAITING_APPROVAL"]);
  await world.decide(id);
  const { pullRequest } = await world.reaches(id, ["VERIFYING_CI"]);
  const asked = async (): Promise<true | undefined> =>
    (await world.events(id)).some(({ type }) => type === "ci.updated") ? true : undefined;
  expect(await until(asked)).toBe(true);
  return { world, id, commit: pullRequest?.commit ?? "" };
}

const delivery = (status: Delivery["status"]): Delivery => ({ id: crypto.randomUUID(), status });

test("a webhook delivered three times counts once", async () => {
  const { commit, id, world } = await watching();
  await setCi("completed", "success");
  const same = delivery("completed");
  const statuses = await Promise.all([1, 2, 3].map(() => post(world.client, world, commit, same)));
  expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 200, 202]);
  await world.reaches(id, ["DONE"]);
  await checkRun(world, id);
});

test("webhooks out of order do no harm: what counts is what the forge says now", async () => {
  const { commit, id, world } = await watching();
  for (const status of ["completed", "in_progress", "requested"] as const)
    expect(await post(world.client, world, commit, delivery(status))).toBe(202);
  const early = await world.run(id);
  expect(early.state, "a webhook's word is not believed: the forge says that CI runs").toBe("VERIFYING_CI");
  await setCi("completed", "success");
  await post(world.client, world, commit, delivery("in_progress"));
  await world.reaches(id, ["DONE"]);
  await post(world.client, world, commit, delivery("completed"));
  const { events } = await checkRun(world, id);
  expect(events.filter((event) => event.type === "run.state_changed" && event.data.to === "DONE")).toHaveLength(1);
});

test("a status, a check suite, a push to its branch and an event of its pull request each make a run look", async () => {
  const { commit, id, world } = await watching();
  const { pullRequest } = await world.run(id);
  const branch = pullRequest?.branch ?? "";
  const sender = { login: "ada" };
  const repo = { id: world.installation };
  const pull = {
    ...{ number: 1, html_url: "http://github.test/1", state: "open" },
    ...{ head: { ref: branch, sha: commit, repo }, base: { ref: "main", repo } },
  };
  const events: readonly (readonly [string, object])[] = [
    ["status", { sha: commit, context: "ci", state: "pending" }],
    ["check_suite", { action: "requested", check_suite: { head_sha: commit } }],
    ["push", { ref: `refs/heads/${branch}`, before: "0".repeat(40), after: commit, sender }],
    ["pull_request", { action: "synchronize", pull_request: pull, sender }],
  ];
  const conclusions = ["neutral", "skipped", "stale"] as const;
  for (const [index, [event, payload]] of events.entries()) {
    const conclusion = conclusions[index];
    // Each look finds another news; the last one finds the end.
    if (conclusion === undefined) await setCi("completed", "success");
    else await setCi("in_progress", conclusion);
    expect(await send(world.client, world, event, crypto.randomUUID(), payload)).toBe(202);
    const hasLooked = async (): Promise<true | undefined> =>
      (await world.events(id)).some(
        (each) => each.type === "ci.updated" && each.data.conclusion === (conclusion ?? "success"),
      )
        ? true
        : undefined;
    expect(await until(hasLooked), event).toBe(true);
  }
  await world.reaches(id, ["DONE"]);
  await checkRun(world, id);
});

/** A run that is done, and its pull request as a person leaves it at the forge, told by a webhook unless that is lost. */
async function doneRun(): Promise<{
  readonly id: string;
  readonly world: RunWorld;
  readonly leave: (state: "open" | "closed", options?: { readonly isDelivered: boolean }) => Promise<void>;
  readonly shown: (state: "open" | "closed") => Promise<true | undefined>;
}> {
  const { id, world } = await watching();
  await setCi("completed", "success");
  await world.afterAlarm(id);
  const { pullRequest } = await world.reaches(id, ["DONE"]);
  const owner = `org-${world.installation}`;
  const repo = { id: world.installation };
  const leave = async (state: "open" | "closed", { isDelivered } = { isDelivered: true }): Promise<void> => {
    const { branch = "", commit = "", number = 0 } = pullRequest ?? {};
    const address = `${outside.forge}/repos/${owner}/one/pulls/${number}`;
    expect((await fetch(address, { method: "PATCH", body: JSON.stringify({ state }) })).status).toBe(200);
    if (!isDelivered) return;
    const pull = {
      ...{ number, html_url: "http://github.test/1", state },
      ...{ head: { ref: branch, sha: commit, repo }, base: { ref: "main", repo } },
    };
    const action = state === "open" ? "reopened" : "closed";
    const payload = { action, pull_request: pull, sender: { login: "ada" } };
    expect(await send(world.client, world, "pull_request", crypto.randomUUID(), payload)).toBe(202);
  };
  const shown = async (state: "open" | "closed"): Promise<true | undefined> => {
    const lists = z.object({ items: z.array(runSchema) });
    return until(async () => {
      const { items } = await world.client.ask(lists, 200, "GET", "/api/runs");
      return items.find((run) => run.id === id)?.pullRequest?.state === state ? true : undefined;
    }, 5_000);
  };
  return { id, world, leave, shown };
}

test("a pull request that is closed and reopened after the run is done is told to lists and open pages", async () => {
  const { id, leave, shown, world } = await doneRun();
  const { finishedAtMs } = await world.run(id);
  for (const state of ["closed", "open"] as const) {
    await leave(state);
    expect(await shown(state), state).toBe(true);
  }
  const run = await world.run(id);
  expect(run).toMatchObject({ state: "DONE", finishedAtMs, pullRequest: { state: "open" } });
  const { events } = await checkRun(world, id);
  expect(events.slice(-2).map(({ type }) => type)).toEqual(["pull_request.updated", "pull_request.updated"]);
});

test("where that webhook is lost, opening the run's page learns it", async () => {
  const { id, leave, shown, world } = await doneRun();
  await leave("closed", { isDelivered: false });
  expect((await world.run(id)).pullRequest?.state, "nothing polls a run that has ended").toBe("open");
  const watcher = new Watcher(world.client, id);
  await watcher.connect();
  expect(await until(() => (watcher.seen.at(-1)?.type === "pull_request.updated" ? true : undefined))).toBe(true);
  watcher.close();
  expect(await shown("closed")).toBe(true);
});

test("where nobody opens the page either, a sweep learns it once the run is due, and asks for the run no more", async () => {
  const { id, leave, shown, world } = await doneRun();
  await leave("closed", { isDelivered: false });
  await sweepNow();
  expect((await world.run(id)).pullRequest?.state, "it is not due for six hours").toBe("open");
  const due = (): Promise<{ due: number; finished: number; open: number } | null> =>
    env.DB.prepare("select pulls_due_at_ms due, finished_at_ms finished, has_open_pulls open from run where id = ?")
      .bind(Number(id))
      .first();
  const { due: first = 0, finished = 0 } = (await due()) ?? {};
  expect(first - finished).toBe(6 * 3_600_000);
  await env.DB.prepare("update run set pulls_due_at_ms = 1 where id = ?").bind(Number(id)).run();
  await sweepNow();
  expect(await shown("closed")).toBe(true);
  expect(await due()).toMatchObject({ open: 0 });
  await checkRun(world, id);
});

test("a webhook that is lost only costs the time until the run asks by itself", async () => {
  const { id, world } = await watching();
  await setCi("completed", "success");
  expect(await world.afterAlarm(id), "the next look is planned").toBe(true);
  await world.reaches(id, ["DONE"]);
  await checkRun(world, id);
});

test("a webhook that could not be handled at once is handled later", async () => {
  const { commit, id, world } = await watching();
  await setCi("completed", "success");
  const database = new FaultyDatabase();
  database.failAt(1, "fails", { times: 5, match: /from "run"/u });
  const client = as(world.client, new ProductApi({ DB: database.over(env.DB), QUEUE: closedQueue }));
  const one = delivery("completed");
  expect(await post(client, world, commit, one)).toBe(202);
  const row = (): Promise<{ status: string; attempts: number } | null> =>
    env.DB.prepare("select status, attempts from webhook_delivery where delivery_id = ?").bind(one.id).first();
  expect(await until(async () => ((await row())?.attempts === 1 ? true : undefined))).toBe(true);
  expect(await row()).toMatchObject({ status: "pending" });
  await env.DB.prepare("update webhook_delivery set next_attempt_at_ms = 0 where delivery_id = ?").bind(one.id).run();
  await sweepNow();
  await world.reaches(id, ["DONE"]);
  expect(await row()).toMatchObject({ status: "done" });
  await checkRun(world, id);
});

/** A body of 60 MB in pieces of 64 KiB, and how much of it was taken. */
function largeBody(): { readonly stream: ReadableStream<Uint8Array>; readonly taken: () => number } {
  const piece = new Uint8Array(65_536);
  const size = 60_000_000;
  let taken = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      taken += piece.length;
      controller.enqueue(piece);
      if (taken >= size) controller.close();
    },
  });
  return { stream, taken: () => taken };
}

test.each([
  ["by its declared length", { "content-length": "60000000" }, 200_000],
  ["while it is read, when it declares none", {}, 5_200_000],
])("a delivery that is too large is refused %s, before its signature is looked at", async (_, own, atMost) => {
  const { stream, taken } = largeBody();
  const headers = { "x-github-event": "push", "x-github-delivery": crypto.randomUUID(), ...own };
  const request = new Request("http://lime.test/api/webhooks/github", { method: "POST", body: stream, headers });
  const response = await new ProductApi().fetch(request);
  expect(response.status).toBe(413);
  expect(taken()).toBeLessThan(atMost);
});

test("an event that the product does not know is taken and left alone", async () => {
  const body = JSON.stringify({ action: "edited" });
  const headers = {
    "x-github-event": "projects_v2_item",
    "x-github-delivery": crypto.randomUUID(),
    "x-hub-signature-256": await sign(body),
  };
  const request = new Request("http://lime.test/api/webhooks/github", { method: "POST", body, headers });
  expect((await new ProductApi().fetch(request)).status).toBe(202);
});
