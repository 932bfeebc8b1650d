import type { Octokit } from "@octokit/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  appOf,
  clientOf,
  commitOn,
  eventually,
  lib,
  personOf,
  startFixture,
  webhookSecret,
  type Fixture,
} from "./fixture.ts";
import { startReceiver, type Receiver } from "./receiver.ts";

let fixture: Fixture;
let receiver: Receiver;
let octokit: Octokit;
beforeAll(async () => {
  receiver = await startReceiver(webhookSecret);
  fixture = await startFixture({ webhookUrl: receiver.url });
  ({ octokit } = await clientOf(fixture));
});
afterAll(async () => {
  await fixture.close();
  await receiver.close();
});

function kinds(): string[] {
  return receiver.received.map(({ event, payload }) =>
    typeof payload["action"] === "string" ? `${event}.${payload["action"]}` : event,
  );
}

async function until(...wanted: string[]): Promise<void> {
  await eventually(
    () => wanted.every((kind) => kinds().includes(kind)) || undefined,
    `${wanted.join(", ")} among ${kinds().join(", ")}`,
  );
}

it("tells of everything that happens, signed", async () => {
  await until("installation.created");
  await commitOn(octokit, "told", fixture.base, [
    { path: "src/add.js", content: "export const add = (a, b) => a + b;\n" },
  ]);
  await until(
    "push",
    "workflow_run.requested",
    "workflow_run.in_progress",
    "workflow_run.completed",
    "check_run.created",
    "check_run.completed",
  );
  const { data: pull } = await octokit.request("POST /repos/{owner}/{repo}/pulls", {
    ...lib,
    head: "told",
    base: "main",
    title: "t",
  });
  await octokit.request("POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews", {
    ...lib,
    pull_number: pull.number,
    event: "COMMENT",
    body: "b",
  });
  await octokit.request("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", {
    ...lib,
    pull_number: pull.number,
    state: "closed",
  });
  const mona = await personOf(fixture, "mona");
  const issue = await mona.request("POST /repos/{owner}/{repo}/issues", { ...lib, title: "i" });
  await mona.request("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", {
    ...lib,
    issue_number: issue.data.number,
    body: "c",
  });
  await until(
    "pull_request.opened",
    "pull_request_review.submitted",
    "pull_request.closed",
    "issues.opened",
    "issue_comment.created",
  );
  expect(receiver.received.every(({ isGenuine }) => isGenuine)).toBe(true);
  expect(new Set(receiver.received.map(({ guid }) => guid)).size).toBe(receiver.received.length);
  const push = receiver.received.find(({ event }) => event === "push")?.payload;
  expect(push).toMatchObject({
    ref: "refs/heads/told",
    created: true,
    installation: { id: fixture.installationId },
    repository: { full_name: "octo/lib" },
    sender: { login: "assembly-lime[bot]", type: "Bot" },
    head_commit: { modified: ["src/add.js"] },
  });
  expect(kinds().indexOf("workflow_run.requested")).toBeLessThan(kinds().indexOf("workflow_run.completed"));
});

it("says nothing of a repository that the installation doesn't reach", async () => {
  const before = receiver.received.length;
  await fixture.forge.createInstallation({ owner: "octo", repositories: ["empty"] });
  const mona = await personOf(fixture, "mona");
  await expect(mona.request("POST /repos/{owner}/{repo}/issues", { ...lib, title: "unseen" })).rejects.toMatchObject({
    status: 404,
  });
  await fixture.forge.createInstallation({ owner: "octo", repositories: ["lib", "empty"] });
  await mona.request("POST /repos/{owner}/{repo}/issues", { ...lib, title: "seen" });
  await eventually(() => receiver.received.length > before || undefined, "the event");
  expect(receiver.received.slice(before).map(({ payload }) => payload["issue"])).toMatchObject([{ title: "seen" }]);
});

it("tries again with the same GUID after a failure, and on demand", async () => {
  const app = appOf(fixture).octokit;
  receiver.status = 503;
  const before = receiver.received.length;
  await octokit.request("POST /repos/{owner}/{repo}/issues", { ...lib, title: "unlucky" });
  const list = async () => (await app.request("GET /app/hook/deliveries", { per_page: 10 })).data;
  const failed = await eventually(
    async () => (await list()).find(({ status_code }) => status_code === 503),
    "a failed delivery",
  );
  expect(failed).toMatchObject({ event: "issues", action: "opened", redelivery: false });
  receiver.status = 200;
  const late = await eventually(() => receiver.received[before], "the retry");
  expect(late).toMatchObject({ guid: failed.guid, isGenuine: true });
  await app.request("POST /app/hook/deliveries/{delivery_id}/attempts", { delivery_id: Number(failed.id) });
  const again = await eventually(() => receiver.received[before + 1], "the redelivery");
  expect(again).toEqual(late);
  const { data } = await app.request("GET /app/hook/deliveries/{delivery_id}", { delivery_id: Number(failed.id) });
  expect(data).toMatchObject({ request: { payload: { issue: { title: "unlucky" } } }, response: { payload: "noted" } });
});

it("sends what was due when the forge ended", async () => {
  const before = receiver.received.length;
  receiver.status = 500;
  await octokit.request("POST /repos/{owner}/{repo}/issues", { ...lib, title: "left over" });
  await fixture.restart();
  receiver.status = 200;
  const late = await eventually(() => receiver.received[before], "the delivery after the restart");
  expect(late.payload).toMatchObject({ issue: { title: "left over" } });
});
