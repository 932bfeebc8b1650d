import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGitHub } from "../../../worker/adapters/github/index.ts";
import { parseWebhook, verifyWebhookSignature } from "../../../worker/adapters/github/webhook.ts";
import type { ForgeEvent } from "../../../worker/ports/forge-events.ts";
import { added, approved, plan } from "./approved.ts";
import { caught } from "./fake-server.ts";
import { eventually, startFixture, webhookSecret } from "./forge-fixture.ts";
import type { ForgeFixture } from "./forge-fixture.ts";

const events: ForgeEvent[] = [];
const badSignatures: string[] = [];
const hooks = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    void takeDelivery(Uint8Array.from(Buffer.concat(chunks)), request.headers).then(() =>
      response.writeHead(204).end(),
    );
  });
});

async function takeDelivery(
  body: Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Promise<void> {
  const name = String(headers["x-github-event"]);
  if (!(await verifyWebhookSignature(webhookSecret, body, String(headers["x-hub-signature-256"]))))
    badSignatures.push(name);
  const event = parseWebhook(name, new TextDecoder().decode(body));
  if (event !== undefined) events.push(event);
}

let fixture: ForgeFixture;
beforeAll(async () => {
  await new Promise<void>((resolve) => hooks.listen(0, "127.0.0.1", resolve));
  fixture = await startFixture();
  const address = hooks.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  fixture.forge.setWebhookUrl(`http://127.0.0.1:${address.port}/hooks`);
});
afterAll(async () => {
  await fixture.close();
  hooks.closeAllConnections();
  hooks.close();
});

describe("continuous integration and webhooks", () => {
  it("reports the run of a pushed branch, its log, and signs what it sends", async () => {
    const { reader, writer } = createGitHub(fixture.options);
    const set = approved(fixture.base, [added("new.txt", "new")]);
    const { commit } = await writer.writeCommit(fixture.lib, set, { ...plan, message: "For CI" });
    await writer.createBranch(fixture.lib, set, "ci", commit);
    const pull = await writer.openPullRequest(fixture.lib, set, {
      headBranch: "ci",
      baseBranch: "main",
      title: "CI",
      body: "",
    });
    const run = await eventually(
      async () =>
        (await reader.listChecks(fixture.lib, commit)).find(
          ({ source, status }) => source === "workflow_run" && status === "completed",
        ),
      "the workflow run",
    );
    expect(run).toMatchObject({ commit, conclusion: "failure" });
    const log = await reader.getWorkflowRunLog(fixture.lib, run.checkId, 100_000);
    expect(log).toContain("expected 4 but got 5");
    const tail = await reader.getWorkflowRunLog(fixture.lib, run.checkId, 20);
    expect(tail.length).toBe(20);
    expect(log.endsWith(tail)).toBe(true);
    expect(await caught(reader.getWorkflowRunLog(fixture.lib, "999999", 10))).toMatchObject({ code: "not_found" });

    const from = { installationId: fixture.lib.installationId, owner: "octo", name: "lib" };
    const completed = await eventually(
      () =>
        events.find(
          (event) =>
            event.type === "workflow_run" && event.action === "completed" && event.workflowRun.id === run.checkId,
        ),
      "the event of the workflow run",
    );
    expect(completed).toMatchObject({
      repository: from,
      headBranch: "ci",
      workflowRun: { conclusion: "failure", headCommit: commit },
    });
    const pushed = await eventually(
      () => events.find((event) => event.type === "push" && event.branch === "ci"),
      "the event of the push",
    );
    expect(pushed).toMatchObject({ repository: from, beforeCommit: null, afterCommit: commit, isDefaultBranch: false });
    const openedEvent = await eventually(
      () => events.find((event) => event.type === "pull_request" && event.pullRequest.number === pull.number),
      "the event of the pull request",
    );
    expect(openedEvent).toMatchObject({ action: "opened", repository: from, isFromFork: false, pullRequest: pull });
    await eventually(
      () => events.find((event) => event.type === "check_run" && event.checkRun.headCommit === commit),
      "the event of the check",
    );
    expect(badSignatures).toEqual([]);
  });
});
