/** Tables of a run's own SQLite. Only ever added to: an object may wake under newer code after months. */
export const runSchema = `
create table if not exists events (seq integer primary key, at_ms integer not null, v integer not null, type text not null, data text not null);
create index if not exists events_type on events (type);
create table if not exists messages (id integer primary key autoincrement, conversation text not null, role text not null, blocks text not null);
create index if not exists messages_conversation on messages (conversation, id);
create table if not exists tool_inputs (call_id text primary key, input text not null, invalid_json text);
create table if not exists workspace (path text primary key, change text not null, blob text);
create table if not exists lane_work (repository_id text not null, path text not null, change text not null, primary key (repository_id, path)) without rowid;
create table if not exists patch_sets (hash text primary key, at_ms integer not null, changes text not null);
create table if not exists blobs (key text not null, part integer not null, bytes blob not null, primary key (key, part)) without rowid;
create table if not exists model_calls (call_id text primary key, at_ms integer not null, record text not null, request text not null, answer text not null);
create table if not exists body_packs (id integer primary key, hash text not null unique);
create table if not exists body_parts (id integer primary key, hash blob not null unique, size_bytes integer not null, pack integer, pack_at integer);
create index if not exists body_parts_here on body_parts (id) where pack is null;
create table if not exists call_parts (call_id text primary key, head text not null, messages text not null, tail integer not null, answer integer not null) without rowid;
create table if not exists ledger (position integer primary key, entry text not null);
create table if not exists outbox (id integer primary key autoincrement, key text not null unique, kind text not null, entity text not null, data text not null, at_ms integer not null, tries integer not null default 0, due_ms integer not null default 0, parked integer not null default 0, error text);
create table if not exists timers (name text primary key, due_ms integer not null) without rowid;
create table if not exists facts (name text primary key, value text not null) without rowid;
`;

/** True when a run's SQLite has tables: its object was used before. */
export function hasRunTables(sql: SqlStorage): boolean {
  return sql.exec("select 1 from sqlite_master where type = 'table' and name = 'events'").toArray().length > 0;
}
