import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { problemSchema } from "../contracts/errors.ts";
import { runSchema, type StartRun } from "../contracts/run.ts";
import type { ApiClient } from "../local/stack/client.ts";

/** One answered start. */
export interface StartAnswer {
  readonly key: string;
  readonly status: number;
  readonly tookMs: number;
  /** The run that was answered; undefined for a refusal. */
  readonly runId: string | undefined;
  /** Undefined without a whole number of seconds in `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;
  /** The sentence of the problem that the answer carried; undefined when it carried none. */
  readonly detail: string | undefined;
}

/** Sends one start with an idempotency key and keeps its answer, also a refusal. */
export async function sendStart(
  client: ApiClient,
  start: Omit<StartRun, "idempotencyKey">,
  key: string,
): Promise<StartAnswer> {
  const startedAt = performance.now();
  const response = await client.http.send("POST", "/api/runs", {
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...start, idempotencyKey: key }),
  });
  const body: unknown = await response.json().catch(() => undefined);
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return {
    key,
    status: response.status,
    tookMs: performance.now() - startedAt,
    runId: runSchema.safeParse(body).data?.id,
    retryAfterSeconds: Number.isInteger(seconds) ? seconds : undefined,
    detail: problemSchema.safeParse(body).data?.detail,
  };
}

/** The number of answers with this status. */
export function answered(answers: readonly StartAnswer[], status: number): number {
  return answers.filter((answer) => answer.status === status).length;
}

/** A sentence for each answer that a flood may not get: anything but a run, or a 429 that says when to start again. */
export function startFaults(answers: readonly StartAnswer[]): readonly string[] {
  return answers.flatMap(({ detail, retryAfterSeconds = 0, runId, status }) => {
    if (status === 201) return runId === undefined ? ["a start was answered 201 without a run"] : [];
    if (status !== 429) return [`a start was answered ${status}: ${detail}`];
    if (retryAfterSeconds < 1) return ["a start was answered 429 without when to go on"];
    return detail?.includes("start it again") === true || detail?.includes("Start it again") === true
      ? []
      : [`a start was answered 429 without what to do: ${detail}`];
  });
}

/** How refused starts fared that came back: every further answer and how many are runs. */
export interface Returned {
  readonly answers: readonly StartAnswer[];
  readonly started: number;
}

const comeBackAtMost = 12;

/** Sends each refused start again under its key when its Retry-After is over, as often as it takes; twelve times at most. */
export async function comeBack(
  client: ApiClient,
  start: Omit<StartRun, "idempotencyKey">,
  refused: readonly StartAnswer[],
): Promise<Returned> {
  const answers: StartAnswer[] = [];
  let started = 0;
  const persist = async (first: StartAnswer): Promise<void> => {
    let answer = first;
    for (let again = 0; again < comeBackAtMost && answer.status === 429; again += 1) {
      await sleep((answer.retryAfterSeconds ?? 1) * 1000);
      answer = await sendStart(client, start, answer.key);
      answers.push(answer);
    }
    if (answer.status === 201) started += 1;
  };
  await Promise.all(refused.map(persist));
  return { answers, started };
}

const runPageSchema = z.object({
  items: z.array(z.object({ id: z.string(), prompt: z.string() })),
  nextCursor: z.string().nullable(),
});

/** The ids of every run that the tenant's list shows with this prompt. */
export async function listedRuns(client: ApiClient, prompt: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const page: z.infer<typeof runPageSchema> = await client.http.api(
      runPageSchema,
      "GET",
      `/api/runs?limit=100${query}`,
    );
    ids.push(...page.items.filter((run) => run.prompt === prompt).map(({ id }) => id));
    cursor = page.nextCursor;
  }
  return ids;
}
