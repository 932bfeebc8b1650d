import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as z from "zod";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiClient } from "../../local/stack/client.ts";
import { ofType, settle, startFixture, type Fixture } from "../stack-fixture.ts";

const runList = z.object({ items: z.array(z.unknown()) });

let fixture: Fixture;
let scratch: string;

beforeAll(async () => {
  fixture = await startFixture();
  scratch = mkdtempSync(path.join(tmpdir(), "lime-repositories-"));
});

afterAll(async () => {
  await fixture?.close();
  rmSync(scratch, { recursive: true, force: true });
});

const finish = { name: "finish", input: { title: "Add a note", summary: "A note.", outcome: "done" } };
const note = { name: "write_file", input: { path: "note.md", content: "# Note\n" } };
const review = { name: "submit_review", input: { verdict: "approve", summary: "Fine.", findings: [] } };

function repository(name: string, fill: (dir: string) => void): { readonly kind: "directory"; readonly path: string } {
  const dir = path.join(scratch, name);
  mkdirSync(dir);
  fill(dir);
  return { kind: "directory", path: dir };
}

async function noteRun(
  target: Fixture["target"],
  prompt: string,
  more: { readonly baseBranch?: string } = {},
): Promise<Awaited<ReturnType<typeof settle>>> {
  await fixture.script(prompt, [{ toolCalls: [note] }, { toolCalls: [finish] }]);
  await fixture.script("Diff to review", [{ toolCalls: [review] }]);
  return settle(fixture.client, await fixture.client.startRun({ ...target, mode: "implement", prompt, ...more }));
}

async function approveToEnd(runId: string): Promise<string> {
  const patchSet = (await fixture.client.patchSets(runId))[0];
  if (patchSet === undefined) throw new Error("no patch set");
  await fixture.client.decide(runId, patchSet.hash, { decision: "approve", baseCommit: patchSet.baseCommit });
  return (await fixture.client.waitFor(runId, ["DONE", "NEEDS_HUMAN"], 110_000)).state;
}

describe("requests", () => {
  test.each([
    ["an empty prompt", { prompt: "   " }, "prompt"],
    ["a prompt of 200 kB", { prompt: "x".repeat(200_000) }, "prompt"],
    ["an unknown mode", { mode: "hack" }, "mode"],
    ["a field that does not exist", { sudo: true }, "sudo"],
    ["a base branch that git refuses", { baseBranch: "a..b" }, "baseBranch"],
  ])("%s is refused with the field's name, and starts nothing", async (_name, change, field) => {
    const before = (await list()).length;
    const body = { ...fixture.target, mode: "implement", prompt: "fine", ...change };
    const response = await raw("/api/runs", body);
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toContain("application/problem+json");
    const problem = await response.json();
    expect(problem).toMatchObject({
      code: "invalid_request",
      status: 400,
      issues: [expect.objectContaining({ path: field })],
    });
    expect(await list()).toHaveLength(before);
  });

  test("an unknown repository, model or project is named", async () => {
    await expect(
      fixture.client.startRun({ ...fixture.target, repositoryId: "999999", mode: "implement", prompt: "x" }),
    ).rejects.toMatchObject({ problem: { code: "unknown_repository", status: 422 } });
    await expect(
      fixture.client.startRun({ ...fixture.target, projectId: "999999", mode: "implement", prompt: "x" }),
    ).rejects.toMatchObject({ problem: { code: "unknown_repository" } });
    await expect(
      fixture.client.startRun({ ...fixture.target, model: "gpt-none", mode: "implement", prompt: "x" }),
    ).rejects.toMatchObject({ problem: { code: "unknown_model", status: 422 } });
  });

  test("a body over the limit and a body that is no JSON are refused", async () => {
    expect((await raw("/api/runs", { prompt: "x".repeat(1_500_000) })).status).toBe(413);
    const broken = await fixture.client.http.send("POST", "/api/runs", {
      body: "{",
      headers: { "content-type": "application/json" },
    });
    expect(broken.status).toBe(400);
  });

  test("the same idempotency key starts one run, also at the same instant", async () => {
    const request = {
      ...fixture.target,
      mode: "implement" as const,
      prompt: "decline me",
      idempotencyKey: "the-same-key-1",
    };
    const runs = await Promise.all(Array.from({ length: 5 }, () => fixture.client.startRun(request)));
    expect(new Set(runs.map((run) => run.id)).size).toBe(1);
  });

  test("without a session, or with one that has ended, the answer says so", async () => {
    const nobody = new ApiClient(fixture.stack.url);
    await expect(nobody.run("1")).rejects.toMatchObject({ problem: { code: "unauthenticated", status: 401 } });
    const leaver = new ApiClient(fixture.stack.url);
    await leaver.signIn("lime-reviewer");
    await raw("/api/auth/sign-out", {}, leaver);
    await expect(leaver.me()).rejects.toMatchObject({ problem: { code: "unauthenticated" } });
  });
});

describe("repositories", () => {
  test("one without tests passes, with a note that nothing was proven", async () => {
    const target = await fixture.project(
      "NOTEST",
      "no-tests",
      repository("no-tests", (dir) => writeFileSync(path.join(dir, "README.md"), "# Hi\n")),
    );
    const { events, run } = await noteRun(target, "note-no-tests");
    expect(run.state).toBe("WAITING_APPROVAL");
    expect(
      ofType(events, "notice")
        .map(({ data }) => data.message)
        .join(),
    ).toContain("no test command");
    expect(ofType(events, "gate.evaluated").find(({ data }) => data.gate === "G4")?.data.status).toBe("skipped");
  });

  test("an empty one fails plainly", async () => {
    const target = await fixture.project("EMPTY", "empty", undefined);
    const { run } = await noteRun(target, "note-empty");
    expect(run.state).toBe("FAILED");
    expect(run.cause).toContain("is empty");
  });

  test("a base branch that does not exist fails plainly", async () => {
    const { run } = await noteRun(fixture.target, "note-missing-branch", { baseBranch: "does-not-exist" });
    expect(run.state).toBe("FAILED");
    expect(run.cause).toContain("does-not-exist");
  });

  test("a 20 MB file, binary files, symlinks and executable bits survive untouched", async () => {
    const binary = Buffer.from(Array.from({ length: 4096 }, (_, index) => index % 256));
    const source = repository("odd-files", (dir) => {
      writeFileSync(
        path.join(dir, "package.json"),
        JSON.stringify({ name: "odd", type: "module", scripts: { test: "node --test" } }),
      );
      writeFileSync(path.join(dir, "large.bin"), Buffer.alloc(20_000_000, 7));
      writeFileSync(path.join(dir, "image.bin"), binary);
      writeFileSync(path.join(dir, "run.sh"), "#!/bin/sh\necho hi\n");
      chmodSync(path.join(dir, "run.sh"), 0o755);
      symlinkSync("run.sh", path.join(dir, "link"));
      mkdirSync(path.join(dir, "test"));
      writeFileSync(path.join(dir, "test/a.test.js"), 'import test from "node:test";\ntest("a", () => {});\n');
    });
    const target = await fixture.project("ODD", "odd-files", source);
    const { events, run } = await noteRun(target, "note-odd-files");
    expect(run.state).toBe("WAITING_APPROVAL");
    expect(ofType(events, "patch_set.proposed")[0]?.data.patches.map((patch) => patch.path)).toEqual(["note.md"]);
    expect(await approveToEnd(run.id)).toBe("DONE");
  });

  test("a branch named $(touch x) is only a name", async () => {
    const source = repository("odd-branch", (dir) => {
      writeFileSync(path.join(dir, "README.md"), "# Hi\n");
      const git = (...args: string[]): void =>
        void execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
          cwd: dir,
          stdio: "ignore",
        });
      git("init", "-b", "main");
      git("add", ".");
      git("commit", "-m", "first");
      git("branch", "$(touch${IFS}x)");
    });
    const target = await fixture.project("BRANCH", "odd-branch", source);
    const { run } = await noteRun(target, "note-odd-branch", { baseBranch: "$(touch${IFS}x)" });
    expect(run.state).toBe("WAITING_APPROVAL");
    const patchSet = (await fixture.client.patchSets(run.id))[0];
    await fixture.client.decide(run.id, patchSet?.hash ?? "", {
      decision: "approve",
      baseCommit: patchSet?.baseCommit ?? "",
    });
    const opened = await fixture.client.waitFor(run.id, ["VERIFYING_CI", "DONE", "NEEDS_HUMAN"], 30_000);
    expect(opened.pullRequest).not.toBeNull();
  });
});

describe("a model that misbehaves", () => {
  test("unknown tools, bad JSON, wrong input and escapes are reported to it, and the run continues", async () => {
    await fixture.script("misbehave", [
      {
        toolCalls: [
          { name: "launch_rockets", input: {} },
          { name: "read_file", input: { path: "../../etc/passwd" } },
          { name: "read_file", input: { path: "/etc/passwd" } },
          { name: "read_file", input: { file: "README.md" } },
          { name: "write_file", input: { path: "../base/evil", content: "x" } },
          finish,
        ],
      },
      { text: "I only talk." },
      { toolCalls: [note] },
      { toolCalls: [finish] },
    ]);
    await fixture.script("Diff to review", [{ toolCalls: [review] }]);
    const { events, run } = await settle(
      fixture.client,
      await fixture.client.startRun({ ...fixture.target, mode: "implement", prompt: "misbehave" }),
    );
    expect(run.state).toBe("WAITING_APPROVAL");
    const outcomes = ofType(events, "tool.finished").map(({ data }) => `${data.name} ${data.outcome}`);
    expect(outcomes.slice(0, 6)).toEqual([
      "launch_rockets refused",
      "read_file error",
      "read_file error",
      "read_file error",
      "write_file error",
      "finish error",
    ]);
  });

  test("bad JSON on the wire is reported to the model, not run", async () => {
    const url = fixture.stack.model?.url ?? "";
    await fixture.script("broken-json", [{ toolCalls: [note] }, { toolCalls: [note] }, { toolCalls: [finish] }]);
    await fixture.script("Diff to review", [{ toolCalls: [review] }]);
    await fetch(`${url}/_model/faults`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ kind: "bad_json", times: 1 }),
    });
    const { events, run } = await settle(
      fixture.client,
      await fixture.client.startRun({ ...fixture.target, mode: "implement", prompt: "broken-json" }),
    );
    expect(run.state).toBe("WAITING_APPROVAL");
    expect(ofType(events, "tool.finished")[0]?.data).toMatchObject({
      outcome: "error",
      output: expect.stringContaining("not valid JSON"),
    });
  });

  test("a run of a model that only talks stops with the reason, and a resume continues", async () => {
    await fixture.script("only-talk", [
      { text: "a" },
      { text: "b" },
      { text: "c" },
      { toolCalls: [note] },
      { toolCalls: [finish] },
    ]);
    const { run } = await settle(
      fixture.client,
      await fixture.client.startRun({ ...fixture.target, mode: "implement", prompt: "only-talk" }),
    );
    expect(run.state).toBe("NEEDS_HUMAN");
    expect(run.cause).toContain("without finishing");
    await raw(`/api/runs/${run.id}/resume`, {});
    expect((await settle(fixture.client, { ...run })).run.state).toBe("NEEDS_HUMAN");
  });

  test("a person cancels within a second while a tool runs", async () => {
    await fixture.script("sleep-long", [{ toolCalls: [{ name: "shell", input: { command: "sleep 120" } }] }]);
    const started = await fixture.client.startRun({ ...fixture.target, mode: "implement", prompt: "sleep-long" });
    for await (const event of fixture.client.followEvents(started.id)) if (event.type === "tool.started") break;
    const askedAt = performance.now();
    await fixture.client.cancel(started.id);
    const run = await fixture.client.run(started.id);
    expect(run.state).toBe("CANCELLED");
    expect(performance.now() - askedAt).toBeLessThan(1000);
  });
});

async function list(): Promise<readonly unknown[]> {
  const response = await fixture.client.http.send("GET", "/api/runs?limit=100", {});
  return runList.parse(await response.json()).items;
}

function raw(address: string, body: unknown, client: ApiClient = fixture.client): Promise<Response> {
  return client.http.send("POST", address, {
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });
}
