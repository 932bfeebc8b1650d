import { createServer } from "node:http";

/** One answer on the wire, as it is. */
export interface Stream {
  readonly text: string;
  /** `end` closes the body, `cut` the connection; `open` leaves it open without a word. */
  readonly ending?: "end" | "cut" | "open";
}

/** A hostile answer, and the result that a run may have with it. */
export interface Hostile {
  readonly name: string;
  readonly stream: Stream;
  /** The vendor ended the answer, so that it counts as a turn. */
  readonly billed: boolean;
  /**
   * The counts that the vendor had reported when an answer that it did not end broke off, as it bills them at least: `none` where it had begun
   * without a count, absent where it had not begun.
   */
  readonly reported?: ReportedUsage;
  /** Tools that may run because their calls are whole, besides those of the good answers. */
  readonly runs?: readonly string[];
  /** The number of times that it comes before good answers follow; absent: once. */
  readonly times?: number;
  /** The state that the run rests in, when it is not the end of the good answers. */
  readonly rests?: "NEEDS_HUMAN";
  /** The cost of the answer where it is not that of the usual counts: unknown, or the most that it can have been. */
  readonly cost?: "unknown" | "bounded";
}

/** Counts of a broken answer; `isAll` when the answer's own count is the last one. */
export type ReportedUsage = "none" | { readonly input: number; readonly output: number; readonly isAll: boolean };

/** The wire of one vendor as the suite needs it. */
export interface Wire {
  /** A good answer that calls one tool. */
  readonly call: (id: string, name: string, input: unknown) => string;
  /** Why the vendor would refuse a request's body; undefined when it takes it. */
  readonly problem: (body: Readonly<Record<string, unknown>>) => string | undefined;
}

export interface Vendor {
  readonly url: string;
  readonly problems: string[];
  /** Answers that were served and ended, hostile ones and good ones. */
  readonly served: { hostile: number; good: number };
  close(): Promise<void>;
}

const good = [
  ["write_file", { path: "note.md", content: "# Note\n" }],
  ["finish", { title: "Add a note", summary: "A note." }],
  ["submit_review", { verdict: "approve", summary: "Fine.", findings: [] }],
] as const;

/** A vendor that gives the hostile answer first and then good ones, and that refuses what the real one would refuse. */
export async function startVendor(wire: Wire, { stream, times = 1 }: Hostile): Promise<Vendor> {
  const problems: string[] = [];
  const served = { hostile: 0, good: 0 };
  const server = createServer((request, response) => {
    void (async () => {
      const parts: string[] = [];
      for await (const part of request.setEncoding("utf8")) parts.push(String(part));
      const problem = wire.problem(JSON.parse(parts.join("")) as Record<string, unknown>);
      if (problem !== undefined) {
        problems.push(problem);
        response.writeHead(400, { "content-type": "application/json" });
        response.end(JSON.stringify({ type: "error", error: { type: "invalid_request_error", message: problem } }));
        return;
      }
      response.writeHead(200, { "content-type": "text/event-stream" });
      if (served.hostile < times) {
        served.hostile += 1;
        if (stream.text !== "") response.write(stream.text);
        if (stream.ending === "cut") setTimeout(() => response.destroy(), 20);
        else if (stream.ending !== "open") response.end();
        return;
      }
      const [name, input] = good[Math.min(served.good, good.length - 1)] ?? good[0];
      served.good += 1;
      response.end(wire.call(`good_${served.good}`, name, input));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    problems,
    served,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const lawful = /^[A-Za-z0-9_-]{1,64}$/u;

/** Why a vendor would refuse these calls and results: names and ids by their pattern, ids once, each call answered at once. */
export function callsProblem(
  calls: readonly { readonly id: unknown; readonly name: unknown }[],
  results: readonly unknown[],
): string | undefined {
  const ids = calls.map(({ id }) => id);
  if (ids.some((id) => typeof id !== "string" || !lawful.test(id))) return "an id does not match its pattern";
  if (calls.some(({ name }) => typeof name !== "string" || !lawful.test(name)))
    return "a name does not match its pattern";
  if (new Set(ids).size !== ids.length) return "ids must be unique";
  if (results.length !== ids.length || ids.some((id) => !results.includes(id))) return "a call has no result";
  return undefined;
}

/** Why a vendor would refuse a request for a text in it. */
export function textProblem(body: unknown): string | undefined {
  return /\\u0000|\\ud[89ab][0-9a-f]{2}(?!\\ud[c-f])/iu.test(JSON.stringify(body))
    ? "a text is not valid Unicode"
    : undefined;
}

export function records(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value)
    ? value.filter((item): item is Record<string, unknown> => typeof item === "object" && item !== null)
    : [];
}
