import type { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { databaseBefore } from "./apply.ts";

const before = `
insert into user (id, name, email, created_at_ms, updated_at_ms) values (7, 'Ada', 'ada@lime.test', 1, 1);
insert into organization (id, name, slug, created_at_ms) values (1, 'Lime', 'lime', 1);
insert into session (id, token, user_id, expires_at_ms, created_at_ms, updated_at_ms) values (3, 't', 7, 9, 1, 1);
insert into connector (id, tenant_id, kind, installation_id, account_login, created_at_ms) values (1, 1, 'github', '1', 'a', 1);
insert into repository (id, tenant_id, connector_id, external_id, owner, name, default_branch, is_private) values (1, 1, 1, 'x', 'o', 'n', 'main', 1);
insert into project (id, tenant_id, key, name, created_at_ms) values (1, 1, 'LIME', 'Lime', 1);
insert into run (tenant_id, project_id, repository_id, base_branch, title, mode, state, prompt, provider, model, started_by, idempotency_key, created_at_ms, updated_at_ms, options)
  values (1, 1, 1, 'main', 'A needle in it', 'implement', 'CODING', 'p', 'anthropic', 'm', 7, 'its-own-key', 5, 5, '{"images":[]}'),
         (1, 1, 1, 'main', 'Removed', 'implement', 'DONE', 'p', 'anthropic', 'm', 7, null, 5, 5, null);
delete from run where title = 'Removed';
insert into budget_day values (1, '2026-01-01', 1, 1, 500, 2);
insert into open_socket values (3, 1);
insert into audit (tenant_id, actor_id, actor_kind, action, subject, data, request_id, at_ms) values (1, 7, 'user', 'run.started', 'run:1', '{}', 'r', 5);
`;

/** A database of before actors, brought up to today. */
const upgraded = (): DatabaseSync => databaseBefore(5, before);

test("a run keeps its row, its spending and its watchers, and is a person's", () => {
  const database = upgraded();
  const run = database
    .prepare("select id, started_by, started_by_actor, idempotency_key, title, options from run")
    .all();
  expect(run).toEqual([
    {
      id: 1,
      started_by: 7,
      started_by_actor: null,
      idempotency_key: "its-own-key",
      title: "A needle in it",
      options: '{"images":[]}',
    },
  ]);
  expect(database.prepare("select run_id, spent_micros, unpriced_calls from budget_day").all()).toEqual([
    { run_id: 1, spent_micros: 500, unpriced_calls: 2 },
  ]);
  expect(database.prepare("select * from open_socket").all()).toEqual([
    { session_id: 3, object: "run:1", tenant_id: 1 },
  ]);
  expect(database.prepare("pragma foreign_key_check").all()).toEqual([]);
});

test("a run is found by its words, those of before and new ones", () => {
  const database = upgraded();
  const found = (word: string) =>
    database.prepare("select rowid as id from run_search where run_search match ?").all(word);
  expect(found("needle")).toEqual([{ id: 1 }]);
  database.exec("update run set search_text = 'a haystack' where id = 1");
  expect(found("haystack")).toEqual([{ id: 1 }]);
  database.exec("delete from run");
  expect(found("needle")).toEqual([]);
});

test("no run's number is given twice, not even one of a run that is gone, and a key keeps its own", () => {
  const database = upgraded();
  const taken = database.prepare("insert into run_number (tenant_id, taken_at_ms) values (1, 1) returning id").get();
  expect(taken).toEqual({ id: 3 });
  expect(database.prepare("select id from run_number where idempotency_key = 'its-own-key'").all()).toEqual([
    { id: 1 },
  ]);
});

test("an audit entry of before is a person's", () => {
  const entry = upgraded().prepare("select actor_id, actor_kind, actor_key, session_id from audit").all();
  expect(entry).toEqual([{ actor_id: 7, actor_kind: "person", actor_key: "person:7", session_id: null }]);
});
