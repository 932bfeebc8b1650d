import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { rebuildReportSchema, type RebuildReport } from "../../../contracts/operations.ts";
import { objectDatabase } from "./d1-faults.ts";
import { checkRun } from "./invariants.ts";
import { resetOutside } from "./outside-control.ts";
import { findRuns, ProductApi, runObject, RunWorld } from "./run-world.ts";

beforeEach(resetOutside);

const token = "an operations token of the tests, long enough";
const api = new ProductApi({ OPERATIONS_TOKEN: token });

async function rebuild(body: unknown, bearer = token, through = api): Promise<Response> {
  return through.fetch(
    new Request("http://lime.test/api/operations/run-projections", {
      method: "POST",
      headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  );
}

/** All pages from behind `after`. */
async function rebuildAll(after: number, more: object = {}): Promise<readonly RebuildReport[]> {
  const pages: RebuildReport[] = [];
  for (let next: string | null = String(after); next !== null;) {
    const response = await rebuild({ ...(next === "0" ? {} : { after: next }), limit: 2, ...more });
    if (response.status !== 200) throw new Error(await response.text());
    const page = rebuildReportSchema.parse(await response.json());
    pages.push(page);
    next = page.next;
  }
  return pages;
}

async function rowsOf(ids: readonly string[]): Promise<readonly Record<string, unknown>[]> {
  const { results } = await env.DB.prepare("select * from run where id in (select value from json_each(?)) order by id")
    .bind(JSON.stringify(ids.map(Number)))
    .all();
  return results;
}

async function waitingRuns(world: RunWorld, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1)
    ids.push((await world.start(`note-rebuild-${index} Zitronenfalter`)).id);
  for (const id of ids) await world.reaches(id, ["WAITING_APPROVAL"]);
  for (const id of ids) await checkRun(world, id);
  return ids;
}

describe("the rebuild of rows", () => {
  test("restores damaged rows from the objects, and changes nothing the second time", async () => {
    const world = await RunWorld.make();
    const ids = await waitingRuns(world, 5);
    const [a = "", b = "", c = "", d = ""] = ids;
    const before = Number(a) - 1;
    const healthy = await rowsOf(ids);
    const damage = async (id: string, set: string): Promise<unknown> =>
      env.DB.prepare(`update run set ${set} where id = ?`).bind(Number(id)).run();
    await damage(a, "state = 'DONE', cause = 'a lie', finished_at_ms = 5");
    await damage(b, "search_text = 'gone', title = 'gone', prompt = 'gone'");
    await damage(c, "head_seq = 100000, cost_micros = 1, input_tokens = 0");
    await damage(d, "head_seq = 0, state = 'QUEUED', stage = null, base_commit = null, updated_at_ms = 1");
    // The index lost an entry while its row stayed.
    await env.DB.prepare(
      "insert into run_search (run_search, rowid, title, prompt, search_text) select 'delete', id, title, prompt, search_text from run where id = ?",
    )
      .bind(Number(ids[4]))
      .run();
    expect(await findRuns(world, "Zitronenfalter")).not.toContain(ids[4]);

    const checked = (await rebuildAll(before, { write: false })).flatMap(({ findings }) => findings);
    expect(new Map(checked.map(({ columns, runId }) => [runId, [...columns].sort()]))).toEqual(
      new Map([
        [a, ["cause", "finishedAtMs", "state"]],
        [b, ["prompt", "searchText", "title"]],
        [c, ["costMicros", "headSeq", "inputTokens"]],
        [d, ["costMicros", "inputTokens", "lanes", "outputTokens"]],
      ]),
    );
    expect(checked.every(({ problems, written }) => problems.length === 0 && !written)).toBe(true);
    expect(checked.find(({ runId }) => runId === d)?.behind).toBeGreaterThan(10);

    const written = (await rebuildAll(before)).flatMap(({ findings }) => findings);
    expect(written.filter((finding) => finding.written).map(({ runId }) => runId)).toEqual([a, b, c, d]);
    expect(await rowsOf(ids)).toEqual(healthy);
    expect([...(await findRuns(world, "Zitronenfalter"))].sort()).toEqual([...ids].sort());
    expect(await findRuns(world, "note-rebuild-1")).toEqual([b]);

    const again = await rebuildAll(before);
    expect(again.flatMap(({ findings }) => findings)).toEqual([]);
    expect(again.reduce((sum, page) => sum + page.checked, 0)).toBe(5);
    for (const id of ids) {
      await world.decide(id);
      await world.reaches(id, ["DONE"]);
    }
  });

  test("that breaks off goes on behind the last page, and a page done twice does no harm", async () => {
    const world = await RunWorld.make();
    const ids = await waitingRuns(world, 4);
    const healthy = await rowsOf(ids);
    await env.DB.prepare("update run set cause = 'a lie' where id >= ?").bind(Number(ids[0])).run();
    const after = String(Number(ids[0]) - 1);
    const first = rebuildReportSchema.parse(await (await rebuild({ after, limit: 2 })).json());
    expect(first.next).toBe(ids[1]);
    objectDatabase.failAt(1, "fails", { times: 10 });
    expect((await rebuild({ after: first.next, limit: 2 })).status).toBe(500);
    objectDatabase.heal();
    const rest = await rebuildAll(Number(first.next));
    await rebuild({ after, limit: 2 });
    expect(rest.flatMap(({ findings }) => findings.map(({ runId }) => runId))).toEqual(ids.slice(2));
    expect(await rowsOf(ids)).toEqual(healthy);
  });

  test("while runs are at work never sets a row back", async () => {
    const world = await RunWorld.make();
    const { id } = await world.start("note-rebuild-busy");
    let working = true;
    const heads: number[] = [];
    const rebuilding = (async () => {
      while (working) {
        await rebuildAll(Number(id) - 1);
        heads.push((await world.run(id)).headSeq);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    try {
      await world.approveToEnd(id);
    } finally {
      working = false;
      await rebuilding;
    }
    expect(heads).toEqual(heads.toSorted((x, y) => x - y));
    await checkRun(world, id);
  });

  test("names a run whose own storage contradicts itself, and repairs nothing there", async () => {
    const world = await RunWorld.make();
    const [id = ""] = await waitingRuns(world, 1);
    await runInDurableObject(runObject(id), (_object, state) => {
      state.storage.sql.exec("update ledger set entry = json_set(entry, '$.data.costMicros', 0) where position = 4");
      state.storage.sql.exec("update events set seq = seq + 1000 where seq > 20");
    });
    const [finding] = (await rebuildAll(Number(id) - 1, { write: false })).flatMap(({ findings }) => findings);
    expect(finding?.problems).toEqual([
      "event 21 is numbered 1021",
      expect.stringMatching(/^ledger entry 4: the entry was changed/u),
    ]);
  });

  test("is for the operator alone", async () => {
    const world = await RunWorld.make();
    for (const answer of [
      await rebuild({}, "wrong"),
      await rebuild({}, token, new ProductApi()),
      await rebuild({}, "", new ProductApi({ OPERATIONS_TOKEN: "" })),
      await rebuild({}, "short", new ProductApi({ OPERATIONS_TOKEN: "short" })),
      await world.client.send("POST", "/api/operations/run-projections", {}),
    ])
      expect(answer.status).toBe(401);
    expect((await rebuild({ limit: 0 })).status).toBe(400);
    expect((await rebuild({ after: "x" })).status).toBe(400);
    expect((await rebuild("no object")).status).toBe(400);
  });
});
