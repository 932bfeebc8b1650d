import { DatabaseSync } from "node:sqlite";

/** Durable Object SQLite as far as the run's store uses it, over Node's: the same engine, so the same SQL runs. */
export function createSqlStorage(file = ":memory:"): {
  readonly sql: SqlStorage;
  readonly storage: DurableObjectStorage;
  close(): void;
} {
  const database = new DatabaseSync(file);
  const exec = (query: string, ...bindings: unknown[]): unknown => {
    if (bindings.length === 0 && query.includes(";")) {
      database.exec(query);
      return cursor([]);
    }
    const statement = database.prepare(query);
    const values = bindings.map((value) => {
      if (typeof value === "string" || typeof value === "number" || value === null || value instanceof Uint8Array)
        return value;
      throw new TypeError(`a ${typeof value} can't be bound`);
    });
    const rows = statement
      .all(...values)
      .map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [
            name,
            value instanceof Uint8Array ? Uint8Array.from(value).buffer : value,
          ]),
        ),
      );
    return cursor(rows);
  };
  let depth = 0;
  const transactionSync = <T>(work: () => T): T => {
    if (depth > 0) return work();
    depth += 1;
    database.exec("begin");
    try {
      const result = work();
      database.exec("commit");
      return result;
    } catch (error) {
      database.exec("rollback");
      throw error;
    } finally {
      depth -= 1;
    }
  };
  const sql = { exec } as unknown as SqlStorage;
  return { sql, storage: { sql, transactionSync } as unknown as DurableObjectStorage, close: () => database.close() };
}

function cursor(rows: readonly unknown[]): unknown {
  return { toArray: () => rows, one: () => rows[0], [Symbol.iterator]: () => rows[Symbol.iterator]() };
}
