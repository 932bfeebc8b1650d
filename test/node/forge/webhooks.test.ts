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
import { startReceiver, type Received, type Receiver } from "./receiver.ts";

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

it("sends a signed event for every change", async () => {
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

/** The deliveries of `issues` that carry this title. */
function issuesNamed(title: string): Received[] {
  return receiver.received.filter(({ event, payload }) => {
    const issue = payload["issue"];
    return (
      event === "issues" && typeof issue === "object" && issue !== null && "title" in issue && issue.title === title
    );
  });
}

it("delivers events of the installation's repositories, and of no others", async () => {
  await fixture.forge.createInstallation({ owner: "octo", repositories: ["empty"] });
  const mona = await personOf(fixture, "mona");
  const unseen = mona.request("POST /repos/{owner}/{repo}/issues", { ...lib, title: "unseen" });
  await expect(unseen).rejects.toMatchObject({ status: 404 });
  await fixture.forge.createInstallation({ owner: "octo", repositories: ["lib", "empty"] });
  await until("installation_repositories.removed", "installation_repositories.added");
  const names = (action: string, list: string) =>
    receiver.received.find(({ payload }) => payload["action"] === action)?.payload[list];
  expect(names("removed", "repositories_removed")).toMatchObject([{ full_name: "octo/lib" }]);
  expect(names("added", "repositories_added")).toMatchObject([{ full_name: "octo/lib" }]);
  await mona.request("POST /repos/{owner}/{repo}/issues", { ...lib, title: "seen" });
  await eventually(() => issuesNamed("seen")[0], "the event");
  expect(issuesNamed("unseen")).toEqual([]);
});

it("tries again with the same GUID after a failure, and on demand", async () => {
  const app = appOf(fixture).octokit;
  receiver.status = 503;
  await octokit.request("POST /repos/{owner}/{repo}/issues", { ...lib, title: "unlucky" });
  const list = async () => (await app.request("GET /app/hook/deliveries", { per_page: 10 })).data;
  const failed = await eventually(
    async () => (await list()).findLast(({ status_code, event }) => status_code === 503 && event === "issues"),
    "a failed delivery",
  );
  expect(failed).toMatchObject({ event: "issues", action: "opened", redelivery: false });
  receiver.status = 200;
  const late = await eventually(() => issuesNamed("unlucky")[0], "the retry");
  expect(late).toMatchObject({ guid: failed.guid, isGenuine: true });
  await app.request("POST /app/hook/deliveries/{delivery_id}/attempts", { delivery_id: Number(failed.id) });
  expect(await eventually(() => issuesNamed("unlucky")[1], "the redelivery")).toEqual(late);
  const { data } = await app.request("GET /app/hook/deliveries/{delivery_id}", { delivery_id: Number(failed.id) });
  expect(data).toMatchObject({
    request: { payload: { issue: { title: "unlucky" } } },
    response: { payload: "noted" },
  });
});

it("sends deliveries that were due when the forge ended", async () => {
  receiver.status = 500;
  await octokit.request("POST /repos/{owner}/{repo}/issues", { ...lib, title: "left over" });
  await fixture.restart();
  receiver.status = 200;
  const late = await eventually(() => issuesNamed("left over")[0], "the delivery after the restart");
  expect(late.isGenuine).toBe(true);
});
