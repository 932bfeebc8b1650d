import * as z from "zod";
import { beforeEach, expect, test } from "vitest";
import { isBranchName } from "../../../domain/patch-set/branch-name.ts";
import { checkRun } from "./invariants.ts";
import { resetOutside } from "./outside-control.ts";
import { RunWorld } from "./run-world.ts";

beforeEach(resetOutside);

const runPage = z.object({ items: z.array(z.object({ id: z.string() })) });

test.each([
  ["Japanese", "期間の解析を直してください", "の解析を"],
  ["Arabic, right to left", "أصلح تحليل المدة الزمنية", "تحليل"],
  ["emoji", "🍋🍋🍋 einbauen 👩‍👩‍👧", "🍋🍋🍋"],
  ["Russian", "Исправь разбор длительности", "разбор"],
])(
  "a prompt in %s is the title, names a branch and a commit that git takes, and is found",
  async (_name, title, part) => {
    const world = await RunWorld.make();
    const { id } = await world.start(`«${title}»\n\nnote-language`);
    const run = await world.approveToEnd(id);
    expect(run.title).toBe(`«${title}»`);
    expect(isBranchName(run.pullRequest?.branch ?? "")).toBe(true);
    const found = await world.client.ask(runPage, 200, "GET", `/api/runs?q=${encodeURIComponent(part)}`);
    expect(found.items.map((item) => item.id)).toEqual([id]);
    const { outside } = await checkRun(world, id);
    const commit = outside.commits.find(({ owner }) => owner === `org-${world.installation}`);
    expect(commit?.message.split("\n")[0]).toBe(title);
  },
);
