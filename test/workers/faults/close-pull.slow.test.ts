import { beforeEach, expect, test } from "vitest";
import * as z from "zod";
import { problemSchema } from "../../../contracts/errors.ts";
import { runSchema } from "../../../contracts/run.ts";
import { auditOf } from "../client.ts";
import { checkRun } from "./invariants.ts";
import { outsideLedger, planFault, resetOutside, setCi, until } from "./outside-control.ts";
import { RunWorld } from "./run-world.ts";

beforeEach(resetOutside);

/** A run that was cancelled while it watched its pull request. */
async function cancelled(): Promise<{ readonly world: RunWorld; readonly id: string; readonly path: string }> {
  const world = await RunWorld.make();
  await setCi("in_progress", null);
  const { id } = await world.start("note-close");
  await world.reaches(id, ["WAITING_APPROVAL"]);
  await world.decide(id);
  await world.reaches(id, ["VERIFYING_CI"]);
  const path = `/api/runs/${id}/pull-requests/${world.repositoryId}/close`;
  await world.client.ask(problemSchema, 409, "POST", path, {});
  await world.client.ask(runSchema, 200, "POST", `/api/runs/${id}/cancel`, {});
  return { id, path, world };
}

/** A run that was cancelled after the forge had refused to open its pull request: its branch is there. */
async function withoutPull(): Promise<{ readonly world: RunWorld; readonly id: string; readonly path: string }> {
  const world = await RunWorld.make();
  const { id } = await world.start("note-branch");
  await world.reaches(id, ["WAITING_APPROVAL"]);
  await planFault({ match: "POST .*/pulls$", how: "fail", status: 403, times: 3 });
  await world.decide(id);
  await world.reaches(id, ["NEEDS_HUMAN"]);
  const path = `/api/runs/${id}/branches/${world.repositoryId}`;
  await world.client.ask(problemSchema, 409, "DELETE", path);
  await world.client.ask(runSchema, 200, "POST", `/api/runs/${id}/cancel`, {});
  await world.reaches(id, ["CANCELLED"]);
  return { id, path, world };
}

async function ended(world: RunWorld, id: string) {
  const find = async () => (await world.events(id)).find(({ type }) => type === "pull_request.close_ended");
  const event = await until(find, 20_000);
  if (event?.type !== "pull_request.close_ended") throw new Error("the close came to no end");
  return event.data;
}

async function isListedAs(world: RunWorld, id: string, state: string): Promise<true | undefined> {
  const lists = z.object({ items: z.array(runSchema) });
  return until(async () => {
    const { items } = await world.client.ask(lists, 200, "GET", "/api/runs");
    return items.find((run) => run.id === id)?.pullRequest?.state === state ? true : undefined;
  });
}

test("a person closes the pull request of a cancelled run once, with its branch; lists, ledger and audit tell it", async () => {
  const { id, path, world } = await cancelled();
  const [first, second] = await Promise.all([1, 2].map(() => world.client.send("POST", path, { deletesBranch: true })));
  expect(new Set([first?.status, second?.status])).toEqual(new Set([200, 409]));
  expect(await ended(world, id)).toMatchObject({ outcome: "closed", isBranchDeleted: true });
  expect(await isListedAs(world, id, "closed")).toBe(true);
  const { branches } = await outsideLedger();
  expect(branches.filter(({ owner }) => owner === `org-${world.installation}`)).toEqual([]);
  const audited = async (): Promise<true | undefined> =>
    (await auditOf(world.me.activeTenantId)).filter(({ action }) => action === "pull_request.close_requested")
      .length === 1
      ? true
      : undefined;
  expect(await until(audited)).toBe(true);
  const ledger = await world.ledger(id);
  expect(ledger.entries.filter(({ data, kind }) => kind === "approval" && data["closes"] === 1)).toHaveLength(1);
  const { run } = await checkRun(world, id);
  expect(run.state).toBe("CANCELLED");
});

test("a close whose reply was lost is done again, and told once", async () => {
  const { id, path, world } = await cancelled();
  await planFault({ match: "PATCH .*/pulls/1$", how: "lose" });
  await world.client.ask(runSchema, 200, "POST", path, {});
  expect(await ended(world, id)).toMatchObject({ outcome: "closed", isBranchDeleted: false });
  expect((await world.events(id)).filter(({ type }) => type === "pull_request.close_ended")).toHaveLength(1);
  await checkRun(world, id);
});

test("a person deletes the branch that a cancelled run left without a pull request, once; ledger and audit tell it", async () => {
  const { id, path, world } = await withoutPull();
  const own = async () => {
    const { branches } = await outsideLedger();
    return branches.filter(({ owner }) => owner === `org-${world.installation}`);
  };
  expect(await own()).toHaveLength(1);
  await planFault({ match: "DELETE .*/git/refs/", how: "lose" });
  const [first, second] = await Promise.all([1, 2].map(() => world.client.send("DELETE", path)));
  expect(new Set([first?.status, second?.status])).toEqual(new Set([200, 409]));
  const find = async () => (await world.events(id)).find(({ type }) => type === "branch.delete_ended");
  expect((await until(find, 20_000))?.data, "the reply of the deletion was lost").toMatchObject({ outcome: "gone" });
  expect(await own()).toEqual([]);
  const audited = async (): Promise<true | undefined> =>
    (await auditOf(world.me.activeTenantId)).filter(({ action }) => action === "branch.delete_requested").length === 1
      ? true
      : undefined;
  expect(await until(audited)).toBe(true);
  const ledger = await world.ledger(id);
  expect(ledger.entries.filter(({ data, kind }) => kind === "approval" && "deletes" in data)).toHaveLength(1);
  await world.client.ask(problemSchema, 409, "DELETE", path);
  const { run } = await checkRun(world, id);
  expect(run.state).toBe("CANCELLED");
});
