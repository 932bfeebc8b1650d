/** The fault of a database call: it is not done at all, or it is done and its answer lost. */
export type D1Fault = "fails" | "loses its reply";

const d1Error = (fault: D1Fault): Error => new Error(`D1_ERROR: the test's fault, a call that ${fault}`);

interface FaultOptions {
  readonly times?: number;
  readonly every?: number;
  readonly match?: RegExp;
}

/** A database whose calls can be made to fail by their number; a batch is one call. */
export class FaultyDatabase {
  #calls = 0;
  #due: (call: number, query: string) => D1Fault | undefined = () => undefined;

  /** Counts from here: the `nth` call (from 1) that matches goes wrong, and `times - 1` after it; and so on `every` so many calls. */
  failAt(nth: number, fault: D1Fault, options: FaultOptions = {}): void {
    const { every = Number.POSITIVE_INFINITY, match = /./u, times = 1 } = options;
    this.#calls = 0;
    this.#due = (call, query) => {
      if (!match.test(query)) {
        this.#calls -= 1;
        return undefined;
      }
      return call >= nth && (call - nth) % every < times ? fault : undefined;
    };
  }

  /** No more faults. Answers the number of calls since they were planned. */
  heal(): number {
    this.#due = () => undefined;
    return this.#calls;
  }

  /** The database with these faults. */
  over(d1: D1Database): D1Database {
    const call = async <T>(query: string, work: () => Promise<T>): Promise<T> => {
      this.#calls += 1;
      const fault = this.#due(this.#calls, query);
      if (fault === "fails") throw d1Error(fault);
      const result = await work();
      if (fault !== undefined) throw d1Error(fault);
      return result;
    };
    return overCalls(d1, call);
  }
}

type Call = <T>(query: string, work: () => Promise<T>) => Promise<T>;

function overCalls(d1: D1Database, call: Call): D1Database {
  const originals = new WeakMap<
    D1PreparedStatement,
    { readonly statement: D1PreparedStatement; readonly query: string }
  >();
  const statementOver = (statement: D1PreparedStatement, query: string): D1PreparedStatement => {
    const over = replaced(statement, {
      bind: (...values: readonly unknown[]) => statementOver(statement.bind(...values), query),
      all: () => call(query, () => statement.all()),
      run: () => call(query, () => statement.run()),
      raw: () => call(query, () => statement.raw()),
      first: () => call(query, () => statement.first()),
    });
    originals.set(over, { statement, query });
    return over;
  };
  return replaced(d1, {
    prepare: (query: string) => statementOver(d1.prepare(query), query),
    batch: (statements: readonly D1PreparedStatement[]) => {
      const known = statements.map((statement) => originals.get(statement) ?? { statement, query: "" });
      return call(known.map(({ query }) => query).join("; "), () => d1.batch(known.map(({ statement }) => statement)));
    },
  });
}

function replaced<T extends object>(
  target: T,
  change: Readonly<Record<string, (...args: readonly never[]) => unknown>>,
): T {
  return new Proxy(target, {
    get(inner, name) {
      const own = typeof name === "string" ? change[name] : undefined;
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(inner, name);
      return typeof value === "function"
        ? (...args: readonly unknown[]): unknown => Reflect.apply(value, inner, args)
        : value;
    },
  });
}

/** The database as run objects see it. */
export const objectDatabase = new FaultyDatabase();
