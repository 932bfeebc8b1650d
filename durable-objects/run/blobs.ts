/** A row of Durable Object SQLite holds at most 2 MB, so contents are kept in parts. */
const partBytes = 1_000_000;

/** Stores a content under its key; a key that is there already is left alone, since keys name their content. */
export function putBlob(sql: SqlStorage, key: string, bytes: Uint8Array): void {
  const known = sql.exec("select 1 from blobs where key = ? limit 1", key).toArray().length > 0;
  if (known) return;
  const parts = Math.max(1, Math.ceil(bytes.length / partBytes));
  for (let part = 0; part < parts; part += 1) {
    sql.exec(
      "insert into blobs (key, part, bytes) values (?, ?, ?)",
      key,
      part,
      bytes.slice(part * partBytes, (part + 1) * partBytes),
    );
  }
}

/** Drops a content. */
export function deleteBlob(sql: SqlStorage, key: string): void {
  sql.exec("delete from blobs where key = ?", key);
}

/** The content of a key, or undefined. */
export function getBlob(sql: SqlStorage, key: string): Uint8Array | undefined {
  const rows = sql.exec<{ bytes: ArrayBuffer }>("select bytes from blobs where key = ? order by part", key).toArray();
  if (rows.length === 0) return undefined;
  const whole = new Uint8Array(rows.reduce((sum, row) => sum + row.bytes.byteLength, 0));
  let offset = 0;
  for (const row of rows) {
    whole.set(new Uint8Array(row.bytes), offset);
    offset += row.bytes.byteLength;
  }
  return whole;
}
