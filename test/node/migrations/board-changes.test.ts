import { expect, test } from "vitest";
import { ranksBetween } from "../../../domain/board/rank.ts";
import { databaseBefore } from "./apply.ts";

const before = `
insert into organization (id, name, slug, created_at_ms) values (1, 'Lime', 'lime', 1);
insert into project (id, tenant_id, key, name, created_at_ms) values (1, 1, 'LIME', 'Lime', 1), (2, 1, 'ADA', 'Ada', 1);
insert into ticket (id, tenant_id, project_id, number, type, title, "column", rank, labels, created_at_ms, updated_at_ms)
  select value, 1, 1, value, 'task', 'T' || value, 'todo', 5000 - value, '[]', 1, 1 from json_each((select json_group_array(n) from (
    with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 4000) select n from numbers)));
insert into ticket (id, tenant_id, project_id, number, type, title, "column", rank, labels, created_at_ms, updated_at_ms)
  values (9001, 1, 2, 1, 'task', 'Other', 'todo', 1024.5, '[]', 1, 1);
insert into ticket_dependency values (1, 2);
`;

test("tickets keep their order when ranks become text, and their dependencies", () => {
  const database = databaseBefore(13, before);
  const ids = (where: string): readonly unknown[] =>
    database
      .prepare(`select id from ticket where ${where} order by "column", rank, id`)
      .all()
      .map(({ id }) => id);
  expect(ids("project_id = 1")).toEqual(Array.from({ length: 4000 }, (_, index) => 4000 - index));
  expect(ids("project_id = 2")).toEqual([9001]);
  expect(database.prepare("select * from ticket_dependency").all()).toEqual([{ ticket_id: 1, depends_on_id: 2 }]);
  expect(database.prepare("select distinct version, deleted_at_ms from ticket").all()).toEqual([
    { version: 1, deleted_at_ms: null },
  ]);
});

test("the ranks that tickets get are ones that others fit between", () => {
  const database = databaseBefore(13, before);
  const [first, second] = database
    .prepare("select rank from ticket where project_id = 1 order by rank limit 2")
    .all()
    .map(({ rank }) => String(rank));
  const [between = ""] = ranksBetween(first ?? null, second ?? null, 1);
  expect(between > (first ?? "") && between < (second ?? "")).toBe(true);
});
