import type { RebuildReport, RebuildRuns, RunFinding } from "../../../contracts/operations.ts";
import type { ServiceDeps } from "../../context.ts";
import { parseStored } from "../../../domain/parse-stored.ts";
import type { RunAnswer } from "../../ports/run-host.ts";
import { listRunIds, rebuildRunSearch } from "../../db/stores/projection.ts";

/** Objects that are asked at the same time. */
const parallel = 5;

/**
 * One page of the check of all runs of the deployment: each run's object folds its events anew, compares its view, its ledger and its
 * row, and, unless it is only to check, writes a row that differs. With the last page the search index is made anew. Every page may be
 * repeated, and a rebuild that broke off goes on behind the last page that was answered. Throws when D1 or an object can't be reached.
 */
export async function rebuildProjections(
  deps: Pick<ServiceDeps, "db" | "runs">,
  { after, limit, write }: RebuildRuns,
): Promise<RebuildReport> {
  const ids = await listRunIds(deps.db, after === undefined ? 0 : Number(after), limit);
  const findings: RunFinding[] = [];
  for (let start = 0; start < ids.length; start += parallel) {
    const asked = ids.slice(start, start + parallel);
    const answers = await Promise.all(asked.map((id) => deps.runs.read(id, { kind: "projection_check", write })));
    findings.push(...answers.flatMap((answer) => findingIn(answer) ?? []));
  }
  const last = ids.length < limit ? undefined : ids.at(-1);
  if (last === undefined && write) await rebuildRunSearch(deps.db);
  const differs = ({ behind, columns, problems }: RunFinding): boolean =>
    behind > 0 || columns.length > 0 || problems.length > 0;
  return { checked: ids.length, findings: findings.filter(differs), next: last === undefined ? null : String(last) };
}

/** The finding in a host's answer; null for a run that was never started. */
function findingIn(answer: RunAnswer): RunFinding | null {
  return typeof answer === "string" ? parseStored<RunFinding | null>(answer) : null;
}
