import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parseWebhook, verifyWebhookSignature } from "../../../worker/adapters/github/webhook.ts";

const encode = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text));
const sign = (secret: string, body: string): string =>
  `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;

describe("verifyWebhookSignature", () => {
  it("accepts GitHub's own example", async () => {
    // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
    const signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    expect(await verifyWebhookSignature("It's a Secret to Everybody", encode("Hello, World!"), signature)).toBe(true);
  });

  it("refuses an altered body, another secret, and anything that is no signature", async () => {
    const body = '{"a":1}';
    const good = sign("s", body);
    expect(await verifyWebhookSignature("s", encode(body), good)).toBe(true);
    expect(await verifyWebhookSignature("s", encode('{"a":2}'), good)).toBe(false);
    expect(await verifyWebhookSignature("t", encode(body), good)).toBe(false);
    const sha1 = `sha1=${createHmac("sha1", "s").update(body).digest("hex")}`;
    for (const signature of [
      null,
      "",
      "sha256=",
      good.slice(0, -1),
      `${good}0`,
      good.slice(7),
      sha1,
      `sha256=${"0".repeat(64)}`,
    ]) {
      expect(await verifyWebhookSignature("s", encode(body), signature)).toBe(false);
    }
    expect(await verifyWebhookSignature("", encode(body), sign("", body))).toBe(false);
  });
});

const sha = (digit: string): string => digit.repeat(40);
const repository = {
  id: 42,
  name: "lib",
  full_name: "octo/lib",
  owner: { login: "octo" },
  default_branch: "main",
  private: true,
};
const installation = { id: 7, node_id: "x" };
const sender = { login: "ada", id: 1 };
const from = { installationId: "7", externalId: "42", owner: "octo", name: "lib" };
const parse = (event: string, payload: object): unknown => parseWebhook(event, JSON.stringify(payload));

describe("parseWebhook", () => {
  it("push", () => {
    const push = { ref: "refs/heads/feature/x", before: sha("0"), after: sha("1"), repository, sender, installation };
    const expected = {
      type: "push",
      repository: from,
      branch: "feature/x",
      isDefaultBranch: false,
      beforeCommit: null,
      afterCommit: sha("1"),
      senderLogin: "ada",
    };
    expect(parse("push", push)).toEqual(expected);
    expect(parse("push", { ...push, ref: "refs/heads/main", before: sha("2") })).toMatchObject({
      isDefaultBranch: true,
      beforeCommit: sha("2"),
    });
    expect(parse("push", { ...push, ref: "refs/tags/v1" })).toBeUndefined();
    expect(parse("push", { ...push, installation: undefined })).toBeUndefined();
  });

  it("pull_request, also from a fork and from one that is gone", () => {
    const pull = {
      number: 3,
      html_url: "https://forge.test/octo/lib/pull/3",
      state: "closed",
      merged_at: "2026-01-01T00:00:00Z",
      head: { ref: "lime/run-1", sha: sha("1"), repo: { id: 42 } },
      base: { ref: "main", sha: sha("2"), repo: { id: 42 } },
    };
    const event = { action: "closed", number: 3, pull_request: pull, repository, sender, installation };
    expect(parse("pull_request", event)).toEqual({
      type: "pull_request",
      action: "closed",
      repository: from,
      isFromFork: false,
      pullRequest: {
        number: 3,
        url: pull.html_url,
        state: "closed",
        merged: true,
        headBranch: "lime/run-1",
        headCommit: sha("1"),
        baseBranch: "main",
      },
      senderLogin: "ada",
    });
    for (const repo of [{ id: 43 }, null]) {
      expect(
        parse("pull_request", { ...event, pull_request: { ...pull, head: { ...pull.head, repo } } }),
      ).toMatchObject({ isFromFork: true });
    }
  });

  it("workflow_run and check_run", () => {
    const run = {
      id: 9,
      name: null,
      head_branch: "b",
      head_sha: sha("1"),
      status: "requested",
      conclusion: null,
      html_url: "u",
    };
    expect(parse("workflow_run", { action: "requested", workflow_run: run, repository, installation })).toEqual({
      type: "workflow_run",
      action: "requested",
      repository: from,
      headBranch: "b",
      workflowRun: { id: "9", name: "", headCommit: sha("1"), status: "queued", conclusion: null, url: "u" },
    });
    const check = {
      id: 8,
      name: "test",
      head_sha: sha("1"),
      status: "completed",
      conclusion: "failure",
      html_url: null,
    };
    expect(parse("check_run", { action: "completed", check_run: check, repository, installation })).toEqual({
      type: "check_run",
      action: "completed",
      repository: from,
      checkRun: { id: "8", name: "test", headCommit: sha("1"), status: "completed", conclusion: "failure", url: null },
    });
  });

  it("repository", () => {
    const renamed = { action: "renamed", changes: { repository: { name: { from: "old" } } }, repository, installation };
    expect(parse("repository", renamed)).toEqual({ type: "repository", action: "renamed", repository: from });
    expect(parse("repository", { ...renamed, installation: undefined })).toBeUndefined();
  });

  it("status and check_suite, of which only the commit matters", () => {
    expect(parse("status", { sha: sha("1"), context: "ci/build", state: "failure", repository, installation })).toEqual(
      {
        type: "status",
        repository: from,
        headCommit: sha("1"),
      },
    );
    const suite = { id: 3, head_sha: sha("1"), status: "completed", conclusion: "success" };
    expect(parse("check_suite", { action: "completed", check_suite: suite, repository, installation })).toEqual({
      type: "check_suite",
      repository: from,
      headCommit: sha("1"),
    });
  });

  it("installation and installation_repositories", () => {
    const granted = { id: 42, name: "lib", full_name: "octo/lib", private: true };
    const grant = { externalId: "42", owner: "octo", name: "lib", isPrivate: true };
    const account = { ...installation, account: { login: "octo" } };
    expect(parse("installation", { action: "created", installation: account, repositories: [granted] })).toEqual({
      type: "installation",
      action: "created",
      installationId: "7",
      accountLogin: "octo",
      repositories: [grant],
    });
    expect(parse("installation", { action: "deleted", installation: account })).toMatchObject({
      action: "deleted",
      repositories: [],
    });
    const change = {
      action: "removed",
      installation: account,
      repositories_added: [],
      repositories_removed: [granted],
    };
    expect(parse("installation_repositories", change)).toEqual({
      type: "installation_repositories",
      installationId: "7",
      accountLogin: "octo",
      added: [],
      removed: [grant],
    });
  });

  it("leaves other events alone and names what is wrong with one of ours", () => {
    expect(parse("star", {})).toBeUndefined();
    expect(parse("ping", {})).toBeUndefined();
    expect(() => parseWebhook("push", "{")).toThrow(
      expect.objectContaining({ name: "PortError", kind: "permanent", code: "bad_event" }),
    );
    expect(() => parse("push", { ref: "refs/heads/x" })).toThrow(/^a push event: before: /u);
    expect(() => parse("constructor", {})).not.toThrow();
  });
});
