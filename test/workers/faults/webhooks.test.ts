import { env } from "cloudflare:workers";
import { beforeEach, expect, test } from "vitest";
import type { Client } from "../client.ts";
import { FaultyDatabase } from "./d1-faults.ts";
import { checkRun } from "./invariants.ts";
import { resetOutside, setCi, until } from "./outside-control.ts";
import { as, closedQueue, ProductApi, RunWorld, sweepNow } from "./run-world.ts";

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
  const body = JSON.stringify({
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
    repository: { id: world.installation, name: "one", owner: { login: `org-${world.installation}` } },
    installation: { id: world.installation },
  });
  const response = await client.api.fetch(
    new Request("http://lime.test/api/webhooks/github", {
      method: "POST",
      body,
      headers: {
        "x-github-event": "workflow_run",
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
