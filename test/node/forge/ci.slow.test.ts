import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Octokit } from "@octokit/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readWorkflowFile } from "../../../local/forge/ci/workflow-file.ts";
import { clientOf, commitOn, eventually, folderRunner, lib, refusal, startFixture, type Fixture } from "./fixture.ts";

const fixed = { path: "src/add.js", content: "export const add = (a, b) => a + b;\n" };

let fixture: Fixture;
let octokit: Octokit;
let jobs: string;
beforeEach(async () => {
  jobs = mkdtempSync(join(tmpdir(), "lime-forge-ci-"));
  fixture = await startFixture({ ci: folderRunner(jobs) });
  ({ octokit } = await clientOf(fixture));
});
afterEach(async () => {
  await fixture.close();
  rmSync(jobs, { recursive: true, force: true });
});

async function runsOf(sha: string) {
  return (await octokit.request("GET /repos/{owner}/{repo}/actions/runs", { ...lib, head_sha: sha })).data
    .workflow_runs;
}

async function ended(sha: string, attempt = 1) {
  return eventually(
    async () => (await runsOf(sha)).find((run) => run.status === "completed" && run.run_attempt === attempt),
    "the run's end",
  );
}

async function logOf(runId: number): Promise<string> {
  const { data } = await octokit.request("GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs", {
    ...lib,
    run_id: runId,
  });
  const log = await octokit.request("GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs", {
    ...lib,
    job_id: data.jobs[0]?.id ?? 0,
  });
  return String(log.data);
}

const workflow = (steps: string): string =>
  `name: Checks\non:\n  push:\n    branches: ["**"]\njobs:\n  test:\n    timeout-minutes: 0.02\n    steps:\n${steps}`;

describe("a pushed branch", () => {
  it("runs its tests, and the result is the command's", async () => {
    const red = await commitOn(octokit, "red", fixture.base, [{ path: "note", content: "still broken" }]);
    const green = await commitOn(octokit, "green", fixture.base, [fixed]);
    const failed = await ended(red);
    expect(failed).toMatchObject({ conclusion: "failure", head_branch: "red", event: "push", run_number: 1 });
    const log = await logOf(Number(failed.id));
    expect(log).toContain("2 + 2 is not 4");
    expect(log).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z ##\[group\]Run npm test$/m);
    expect(log).toContain("##[error]Process completed with exit code 1.");
    const passed = await ended(green);
    expect(passed).toMatchObject({ conclusion: "success", run_number: 2 });
    expect(await logOf(Number(passed.id))).toContain("all good");
    const checks = await octokit.request("GET /repos/{owner}/{repo}/commits/{ref}/check-runs", {
      ...lib,
      ref: "green",
    });
    expect(checks.data).toMatchObject({
      total_count: 1,
      check_runs: [
        { name: "test", status: "completed", conclusion: "success", head_sha: green, app: { slug: "github-actions" } },
      ],
    });
    const suites = await octokit.request("GET /repos/{owner}/{repo}/commits/{ref}/check-suites", { ...lib, ref: red });
    expect(suites.data.check_suites).toMatchObject([{ conclusion: "failure", head_sha: red }]);
    const page = await (await fetch(passed.html_url)).text();
    expect(page).toContain("all good");
  });

  it("runs a workflow's own command, within its time", async () => {
    const steps =
      "      - uses: actions/checkout@v4\n      - run: npm ci\n      - name: Test\n        run: |\n          # the test\n          sleep 60 # test\n";
    const slow = await commitOn(octokit, "slow", fixture.base, [
      { path: ".github/workflows/ci.yml", content: workflow(steps) },
    ]);
    const run = await ended(slow);
    expect(run).toMatchObject({ conclusion: "timed_out", name: "Checks", path: ".github/workflows/ci.yml" });
    expect(await logOf(Number(run.id))).toContain("exceeded the maximum execution time");
  });

  it("makes no run when nothing asks for one", async () => {
    const sha = await commitOn(octokit, "quiet", fixture.base, [{ path: "package.json", content: "{}\n" }]);
    const after = await commitOn(octokit, "loud", fixture.base, [fixed]);
    await ended(after);
    expect(await runsOf(sha)).toEqual([]);
  });
});

describe("a run", () => {
  it("can be run again, cancelled, and fetched as an archive", async () => {
    const sha = await commitOn(octokit, "again", fixture.base, [fixed]);
    const first = await ended(sha);
    await octokit.request("POST /repos/{owner}/{repo}/actions/runs/{run_id}/rerun", {
      ...lib,
      run_id: Number(first.id),
    });
    const second = await ended(sha, 2);
    expect(second).toMatchObject({ id: first.id, conclusion: "success" });
    const all = await octokit.request("GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs", {
      ...lib,
      run_id: Number(first.id),
      filter: "all",
    });
    expect(all.data.jobs.map(({ run_attempt }) => run_attempt)).toEqual([1, 2]);
    const archive = await octokit.request("GET /repos/{owner}/{repo}/actions/runs/{run_id}/logs", {
      ...lib,
      run_id: Number(first.id),
    });
    const folder = mkdtempSync(join(fixture.root, "zip-"));
    writeFileSync(
      join(folder, "logs.zip"),
      Buffer.from(archive.data instanceof ArrayBuffer ? archive.data : new ArrayBuffer(0)),
    );
    const text = execFileSync(
      "python3",
      [
        "-c",
        "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(z.read(z.namelist()[0]).decode())",
        join(folder, "logs.zip"),
      ],
      { encoding: "utf8" },
    );
    expect(text).toContain("all good");

    const long = await commitOn(octokit, "long", fixture.base, [
      { path: "test.js", content: "setTimeout(() => {}, 60_000);\n" },
    ]);
    const running = await eventually(
      async () => (await runsOf(long)).find((run) => run.status === "in_progress"),
      "the start",
    );
    expect(
      await refusal(
        octokit.request("POST /repos/{owner}/{repo}/actions/runs/{run_id}/rerun", {
          ...lib,
          run_id: Number(running.id),
        }),
      ),
    ).toMatchObject({ status: 403 });
    await octokit.request("POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel", {
      ...lib,
      run_id: Number(running.id),
    });
    expect(await ended(long)).toMatchObject({ conclusion: "cancelled" });
  });

  it("that was under way when the forge ended is run after the next start", async () => {
    const source = 'import { existsSync, writeFileSync } from "node:fs";\n';
    const marker = join(fixture.root, "second");
    const test = `${source}if (!existsSync(${JSON.stringify(marker)})) { writeFileSync(${JSON.stringify(marker)}, ""); setTimeout(() => {}, 60_000); }\nconsole.log("ran");\n`;
    const sha = await commitOn(octokit, "interrupted", fixture.base, [{ path: "test.js", content: test }]);
    const after = await commitOn(octokit, "waiting", fixture.base, [fixed]);
    await eventually(async () => (await runsOf(sha)).find((run) => run.status === "in_progress"), "the start");
    await eventually(() => existsSync(marker) || undefined, "the test's own start");
    await fixture.restart();
    ({ octokit } = await clientOf(fixture));
    expect(await ended(sha)).toMatchObject({ conclusion: "success", run_attempt: 1 });
    expect(await ended(after)).toMatchObject({ conclusion: "success" });
    expect(await runsOf(sha)).toHaveLength(1);
  });
});

describe("a workflow file", () => {
  it.each([
    ["on: push\njobs:\n  a:\n    steps:\n      - run: npm test\n", { runsOnPush: true, testCommand: "npm test" }],
    ["'on': [pull_request, workflow_dispatch]\njobs: {}\n", { runsOnPush: true, testCommand: undefined }],
    [
      "on:\n  schedule:\n    - cron: '0 0 * * *' # not on push\njobs:\n  a:\n    steps:\n      - run: node --test\n",
      { runsOnPush: false, testCommand: "node --test" },
    ],
    [
      'name: "My CI" # x\non:\n  push:\njobs:\n  a:\n    steps:\n      - run: >-\n          npx vitest run\n',
      { name: "My CI", runsOnPush: true, testCommand: "npx vitest run" },
    ],
    ["on: push\njobs:\n  a:\n    steps:\n      - run: npm run test -- ${{ matrix.x }}\n", { testCommand: undefined }],
    ["", { name: undefined, runsOnPush: false, testCommand: undefined, timeoutMs: undefined }],
  ])("is read by its lines: %j", (text, wanted) => {
    expect(readWorkflowFile(text)).toMatchObject(wanted);
  });
});
