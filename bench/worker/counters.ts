/** One statement that wrote to D1, as D1 itself counted it. */
export interface D1Write {
  /** The statement's start, enough to know it by. */
  readonly sql: string;
  readonly rowsWritten: number;
  readonly bindings: readonly unknown[];
}

/** Counts the work of the Worker and its objects since the counters were last read. One isolate holds them all. */
export const counters = {
  d1: [] as D1Write[],
  /** Runs of an object's handlers, by name; `woken` counts constructions. */
  handlers: {} as Record<string, number>,
};

/** Counts one run of a handler. */
export function count(handler: string): void {
  counters.handlers[handler] = (counters.handlers[handler] ?? 0) + 1;
}

const unwrap = new WeakMap<D1PreparedStatement, { statement: D1PreparedStatement; sql: string; bindings: unknown[] }>();
const writes = /^\s*(?:insert|update|delete|replace)/iu;

function note(sql: string, bindings: readonly unknown[], result: D1Result<unknown>): void {
  if (writes.test(sql)) counters.d1.push({ sql: sql.slice(0, 2000), rowsWritten: result.meta.rows_written, bindings });
}

function countedStatement(statement: D1PreparedStatement, sql: string, bindings: unknown[]): D1PreparedStatement {
  const proxy = new Proxy(statement, {
    get(target, name) {
      if (name === "bind") return (...values: unknown[]) => countedStatement(target.bind(...values), sql, values);
      if (name === "run" || name === "all")
        return async () => {
          const result = await target.all();
          note(sql, bindings, result);
          return result;
        };
      // `raw` returns no figures, so a write that returns rows is run for objects: their columns have names of their own.
      if (name === "raw" && writes.test(sql))
        return async () => {
          const result = await target.all<Record<string, unknown>>();
          note(sql, bindings, result);
          return result.results.map((row) => Object.values(row));
        };
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function"
        ? (...given: unknown[]): unknown => Reflect.apply(value, target, given)
        : value;
    },
  });
  unwrap.set(proxy, { statement, sql, bindings });
  return proxy;
}

/** The same database, with every write's own count of rows kept in `counters`. */
export function countedDatabase(database: D1Database): D1Database {
  return new Proxy(database, {
    get(target, name) {
      if (name === "prepare") return (sql: string) => countedStatement(target.prepare(sql), sql, []);
      if (name === "batch")
        return async (statements: D1PreparedStatement[]) => {
          const known = statements.map((statement) => unwrap.get(statement) ?? { statement, sql: "", bindings: [] });
          const results = await target.batch(known.map(({ statement }) => statement));
          for (const [index, { bindings, sql }] of known.entries()) {
            const result = results[index];
            if (result !== undefined) note(sql, bindings, result);
          }
          return results;
        };
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function"
        ? (...given: unknown[]): unknown => Reflect.apply(value, target, given)
        : value;
    },
  });
}
