import { expect, test } from "vitest";
import { databaseBefore } from "./apply.ts";

const lanes = (...states: readonly (string | null)[]): string =>
  JSON.stringify(states.map((state) => ({ pullRequest: state === null ? null : { number: 1, state } })));

/** Runs of before: mode, state, time of the end, state of the first pull request, lanes; and whether one of theirs is open. */
const runs = [
  ["implement", "DONE", 5, "open", lanes("open"), 1],
  ["implement", "DONE", 5, "merged", lanes("merged"), 0],
  ["implement", "VERIFYING_CI", null, "open", lanes("open"), 0],
  ["review", "DONE", 5, "open", lanes(null), 0],
  ["bugfix", "DONE", 5, "open", null, 1],
  ["feature", "DONE", 5, "closed", lanes("closed", "open"), 1],
  ["plan", "DONE", 5, null, lanes(null), 0],
] as const;

test("runs of before that ended with an open pull request of their own are asked for too", () => {
  const database = databaseBefore(12, (old) => {
    old.exec("pragma foreign_keys = off");
    const insert = old.prepare(
      `insert into run (tenant_id, project_id, repository_id, base_branch, title, prompt, provider, model, created_at_ms, updated_at_ms, mode, state, finished_at_ms, pr_state, lanes)
       values (1, 1, 1, 'main', 't', 'p', 'anthropic', 'm', 1, 1, ?, ?, ?, ?, ?)`,
    );
    for (const [mode, state, finishedAtMs, pull, laneTexts] of runs)
      insert.run(mode, state, finishedAtMs, pull, laneTexts);
  });
  const rows = database.prepare("select has_open_pulls as open, pulls_due_at_ms as due from run order by id").all();
  expect(rows).toEqual(runs.map((run) => ({ open: run[5], due: 0 })));
});
