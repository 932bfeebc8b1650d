/** Wraps an object so that `change` may replace single members; the rest works as before. */
function wrap<T extends object>(
  target: T,
  change: Readonly<Record<string, (...args: readonly never[]) => unknown>>,
): T {
  return new Proxy(target, {
    get(inner, name) {
      const own = typeof name === "string" ? change[name] : undefined;
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(inner, name);
      if (typeof value !== "function") return value;
      return (...args: readonly unknown[]): unknown => Reflect.apply(value, inner, args);
    },
  });
}

/** SQLite's plan of a query, one step a line. Each parameter is 1. */
export async function queryPlan(d1: D1Database, query: string): Promise<string> {
  const parameters = Array.from({ length: query.split("?").length - 1 }, () => 1);
  const { results } = await d1
    .prepare(`explain query plan ${query}`)
    .bind(...parameters)
    .all<{ detail: string }>();
  return results.map((row) => row.detail).join("\n");
}

/** A binding that keeps the text of every statement that is prepared. */
export function countedD1(d1: D1Database): { readonly d1: D1Database; readonly sent: string[] } {
  const sent: string[] = [];
  const prepare = (query: string): D1PreparedStatement => {
    sent.push(query);
    return d1.prepare(query);
  };
  return { d1: wrap(d1, { prepare }), sent };
}

/** A binding in which every statement that matches names a table that is not there. */
export function failingD1(d1: D1Database, match: RegExp): D1Database {
  const prepare = (query: string): D1PreparedStatement =>
    d1.prepare(match.test(query) ? query.replace(/"[a-z_]+"/, '"missing"') : query);
  return wrap(d1, { prepare });
}

/** A binding that holds back the first statement that matches until it is let go. */
export function heldD1(
  d1: D1Database,
  match: RegExp,
): { readonly d1: D1Database; readonly arrived: Promise<void>; readonly letGo: () => void } {
  const arrival = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const heldStatements = new WeakSet<D1PreparedStatement>();
  const hold = (statement: D1PreparedStatement): D1PreparedStatement => {
    const late = (send: () => Promise<unknown>) => async (): Promise<unknown> => {
      arrival.resolve();
      await release.promise;
      return send();
    };
    const held = wrap(statement, {
      bind: (...values: readonly unknown[]) => hold(statement.bind(...values)),
      all: late(() => statement.all()),
      raw: late(() => statement.raw()),
      run: late(() => statement.run()),
    });
    heldStatements.add(held);
    return held;
  };
  const batch = async (statements: D1PreparedStatement[]): Promise<unknown> => {
    if (statements.some((statement) => heldStatements.has(statement))) {
      arrival.resolve();
      await release.promise;
    }
    return d1.batch(statements);
  };
  const prepare = (query: string): D1PreparedStatement =>
    match.test(query) ? hold(d1.prepare(query)) : d1.prepare(query);
  return { d1: wrap(d1, { prepare, batch }), arrived: arrival.promise, letGo: () => release.resolve() };
}

/** A binding that counts its round trips: each batch, and each statement that is sent alone. */
export function countedTrips(d1: D1Database): { readonly d1: D1Database; readonly trips: () => number } {
  let trips = 0;
  const inner = new WeakMap<D1PreparedStatement, D1PreparedStatement>();
  const counted = (statement: D1PreparedStatement): D1PreparedStatement => {
    const sent =
      <T>(send: () => Promise<T>) =>
      (): Promise<T> => {
        trips += 1;
        return send();
      };
    const own = wrap(statement, {
      bind: (...values: readonly unknown[]) => counted(statement.bind(...values)),
      all: sent(() => statement.all()),
      raw: sent(() => statement.raw()),
      run: sent(() => statement.run()),
      first: sent(() => statement.first()),
    });
    inner.set(own, statement);
    return own;
  };
  const batch = (statements: D1PreparedStatement[]): Promise<unknown> => {
    trips += 1;
    return d1.batch(statements.map((statement) => inner.get(statement) ?? statement));
  };
  return { d1: wrap(d1, { prepare: (query: string) => counted(d1.prepare(query)), batch }), trips: () => trips };
}
