import { afterEach, expect, it } from "vitest";
import { createGitHub } from "../../../worker/adapters/github/index.ts";
import {
  caught,
  commit,
  optionsFor,
  repository,
  startFakeServer,
  type Answer,
  type FakeServer,
} from "./fake-server.ts";

let server: FakeServer;
afterEach(async () => server.close());

/** A server that answers by the path, without its query. */
async function answering(answers: Readonly<Record<string, Answer | ((page: string) => Answer)>>): Promise<void> {
  server = await startFakeServer(({ url }) => {
    const { pathname, searchParams } = new URL(url, "http://github.test");
    const answer = answers[decodeURIComponent(pathname).replace("/repos/octo/lib", "")];
    if (answer === undefined) return { status: 404, json: { message: "Not Found" } };
    return typeof answer === "function" ? answer(searchParams.get("page") ?? "1") : answer;
  });
}

const ok = (json: unknown): Answer => ({ status: 200, json });
const run = (fields: object) => ({ head_sha: commit, html_url: "u", status: "completed", ...fields });

it("lists workflow runs, other apps' check runs, jobs and every page of statuses; older runs are superseded", async () => {
  const statuses = Array.from({ length: 100 }, (_, index) => ({ context: `s${index}`, state: "success" }));
  await answering({
    "/actions/runs": ok({
      workflow_runs: [
        run({ id: 1, name: "CI", conclusion: "failure", workflow_id: 5, event: "push", run_number: 1 }),
        run({ id: 2, name: "CI", conclusion: "success", workflow_id: 5, event: "push", run_number: 2 }),
        run({ id: 3, name: "CI", conclusion: "failure", workflow_id: 5, event: "pull_request", run_number: 3 }),
        run({
          id: 4,
          name: "Deploy",
          status: "waiting",
          conclusion: null,
          workflow_id: 6,
          event: "push",
          run_number: 1,
        }),
      ],
    }),
    [`/commits/${commit}/check-runs`]: ok({
      check_runs: [
        run({ id: 11, name: "build", conclusion: "success", app: { id: 15368, slug: "github-actions" } }),
        run({
          id: 12,
          name: "review",
          conclusion: "action_required",
          html_url: null,
          details_url: "d",
          app: { id: 9 },
        }),
      ],
    }),
    [`/commits/${commit}/status`]: (page) =>
      ok({ sha: commit, statuses: page === "1" ? statuses : [{ context: "late", state: "error", target_url: "t" }] }),
  });
  const checks = await createGitHub(optionsFor(server)).reader.listChecks(repository, commit);
  expect(checks.slice(0, 6)).toMatchObject([
    { checkId: "1", source: "workflow_run", conclusion: "failure", isSuperseded: true },
    { checkId: "2", isSuperseded: false },
    { checkId: "3", isSuperseded: false },
    { checkId: "4", status: "completed", conclusion: "action_required" },
    { checkId: "job:11", source: "job", appId: "15368" },
    { checkId: "check_run:12", source: "check_run", appId: "9", conclusion: "action_required", url: "d" },
  ]);
  expect(checks).toHaveLength(6 + 101);
  expect(checks.at(-1)).toEqual({
    ...{ checkId: "status:late", source: "status", name: "late", appId: null, commit },
    ...{ status: "completed", conclusion: "failure", url: "t", isSuperseded: false },
  });
  expect(server.mints).toEqual([
    expect.objectContaining({
      permissions: { metadata: "read", actions: "read", checks: "read", statuses: "read" },
    }),
  ]);
});

it("joins the checks that protection and rulesets demand; a plan without rulesets has none", async () => {
  const demanded = { enforcement_level: "non_admins", contexts: ["build"], checks: [{ context: "build", app_id: -1 }] };
  const rule = {
    type: "required_status_checks",
    parameters: { required_status_checks: [{ context: "review", integration_id: 9 }, { context: "build" }] },
  };
  const branch = "release/1";
  await answering({
    [`/branches/${branch}`]: ok({ protection: { enabled: true, required_status_checks: demanded } }),
    [`/rules/branches/${branch}`]: ok([{ type: "deletion" }, rule]),
    "/branches/main": ok({ protection: { enabled: false } }),
    "/rules/branches/main": {
      status: 403,
      json: { message: "Upgrade to GitHub Pro or make this repository public to enable this feature." },
    },
  });
  const { reader } = createGitHub(optionsFor(server));
  expect(await reader.listRequiredChecks(repository, branch)).toEqual([
    { name: "build", appId: null },
    { name: "review", appId: "9" },
  ]);
  expect(await reader.listRequiredChecks(repository, "main")).toEqual([]);
});

it("says which permission is missing when no token for checks can be had", async () => {
  await answering({});
  // The fake mints for the address below it alone; here the forge refuses to.
  const refusing = await startFakeServer(() => ({ status: 422, json: { message: "permissions requested" } }));
  const { reader } = createGitHub({ ...optionsFor(refusing), apiBaseUrl: `${refusing.url}/elsewhere` });
  expect(await caught(reader.listChecks(repository, commit))).toMatchObject({
    kind: "permanent",
    code: "no_checks_permission",
  });
  await refusing.close();
});
