import * as z from "zod";
import { rebuildReportSchema } from "../../../contracts/operations.ts";
import { modelCallSchema } from "../../../contracts/run.ts";
import { fold } from "../../../domain/run/fold.ts";
import type { ApiClient } from "../../../local/stack/client.ts";
import { keepSecrets, operationsToken } from "../../../local/stack/secrets.ts";
import type { Stack } from "../../../local/stack/stack.ts";
import { findLedgerBreak } from "../../../local/stack/verify-ledger.ts";
import type { Attended } from "./attendant.ts";

/** The results of the runs, counted against the other sides' own ledgers. */
export interface Verdict {
  readonly endings: Readonly<Record<string, number>>;
  readonly lostEvents: number;
  readonly doubledEffects: number;
  readonly ledgersVerified: number;
  readonly modelCallsKept: number;
  readonly modelCallsServed: number;
  readonly modelCallsUnpaid: number;
  readonly problems: readonly string[];
}

const keptCalls = z.object({ items: z.array(modelCallSchema) });

/** Judges all runs once they are over. `callsServed` is the model server's own count since the soak began. */
export async function judge(
  client: ApiClient,
  stack: Stack,
  runs: readonly Attended[],
  callsServed: number,
): Promise<Verdict> {
  const problems: string[] = [];
  const endings: Record<string, number> = {};
  let lostEvents = 0;
  let doubledEffects = 0;
  let ledgersVerified = 0;
  let kept = 0;
  let unpaid = 0;
  const writes = (stack.forge?.writes() ?? []).filter(({ method, status }) => method === "POST" && status < 300);
  for (const { problem, run, seen } of runs) {
    const say = (what: string): void => void problems.push(`run ${run.id}: ${what}`);
    if (problem !== undefined) say(problem);
    const log = await client.events(run.id);
    const view = fold(log);
    endings[view.state] = (endings[view.state] ?? 0) + 1;
    if (view.state !== "DONE") say(`ended ${view.state}: ${view.cause ?? ""}`);
    const missing = log.filter(
      (event, index) => event.seq !== index + 1 || JSON.stringify(event) !== JSON.stringify(seen[index]),
    );
    lostEvents += missing.length;
    if (missing.length > 0) say(`${missing.length} events are not as the browser saw them`);
    if ((await client.run(run.id)).state !== view.state) say("the read model is behind");
    const broken = findLedgerBreak(await client.ledger(run.id));
    if (broken === undefined) ledgersVerified += 1;
    else say(`ledger: ${broken}`);

    // A run's branch carries its number; its one commit is what the branch points to.
    const own = new RegExp(`lime/run-${run.id}(?:-|$|\\b)`, "u");
    const refs = writes.filter(({ path, result }) => /\/git\/refs$/u.test(path) && own.test(result));
    const doubles = refs.length - 1;
    doubledEffects += Math.max(0, doubles);
    if (refs.length !== 1) say(`${refs.length} branches`);

    const { items } = await client.http.api(keptCalls, "GET", `/api/runs/${run.id}/model-calls`);
    // A call that was cut is kept too, with what its vendor told of it.
    const finished = log.filter(({ type }) => type === "turn.finished" || type === "call.cut").length;
    kept += items.length;
    unpaid += log.filter(({ type }) => type === "turn.started").length - finished;
    if (items.length !== finished) say(`${items.length} model calls kept of ${finished} turns`);
    const tokens = items.reduce((sum, call) => sum + (call.outputTokens ?? 0), 0);
    if (tokens !== view.outputTokens) say(`${view.outputTokens} output tokens, the calls say ${tokens}`);
  }
  const commits = new Set(writes.filter(({ path }) => /\/git\/commits$/u.test(path)).map(({ result }) => result));
  const refs = writes.filter(({ path }) => /\/git\/refs$/u.test(path)).map(({ result }) => result);
  const pulls = new Set(writes.filter(({ path }) => /\/pulls$/u.test(path)).map(({ result }) => result));
  doubledEffects += Math.max(0, pulls.size - runs.length);
  if (pulls.size !== runs.length) problems.push(`${pulls.size} pull requests for ${runs.length} runs`);
  // A commit whose reply was lost is made again: the first is held by no branch. A branch stands at a commit that was made here.
  const strange = refs.filter((ref) => ![...commits].some((commit) => ref.includes(commit)));
  if (strange.length > 0) problems.push(`branches at other commits: ${strange.join(", ")}`);
  // Each call that was served is kept, or its process died before it could be; each of those began a turn that says so.
  if (callsServed < kept || callsServed > kept + unpaid)
    problems.push(`the model served ${callsServed} calls; ${kept} are kept, ${unpaid} were cut off`);
  return {
    endings,
    lostEvents,
    doubledEffects,
    ledgersVerified,
    modelCallsKept: kept,
    modelCallsServed: callsServed,
    modelCallsUnpaid: callsServed - kept,
    problems,
  };
}

/** Every run of the stack: its events folded anew against the object's view, its ledger and its row. Findings in words. */
export async function checkAllRuns(stack: Stack, dataDir: string): Promise<{ checked: number; findings: string[] }> {
  const token = operationsToken(keepSecrets(dataDir));
  const findings: string[] = [];
  let checked = 0;
  for (let after: string | null | undefined; after !== null;) {
    const response = await fetch(`${stack.url}/api/operations/run-projections`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ ...(after === undefined ? {} : { after }), write: false }),
    });
    const report = rebuildReportSchema.parse(await response.json());
    checked += report.checked;
    for (const { columns, problems, runId } of report.findings)
      if (columns.length + problems.length > 0) findings.push(`run ${runId}: ${[...columns, ...problems].join(", ")}`);
    after = report.next;
  }
  return { checked, findings };
}
