import type { LedgerEntry } from "../../contracts/ledger.ts";
import type { RunFinding } from "../../contracts/operations.ts";
import { readBack } from "../../domain/read-back.ts";
import { rowOf, runProblems, wrongColumns, type RunRow } from "../../domain/run/projection-check.ts";
import type { SqliteJournal } from "./journal.ts";
import type { RunStore } from "./store.ts";

/** What a run's own storage and its row (undefined: there is none) have against each other, and the row as it should be. */
export function checkRunRow(
  journal: SqliteJournal,
  store: RunStore,
  present: RunRow | undefined,
): { readonly finding: Omit<RunFinding, "written">; readonly row: RunRow | undefined } {
  const log = () => store.events();
  const headSeq = store.headSeq();
  const ledger = store.ledgerTexts().map((text): LedgerEntry => readBack(text));
  const finding = {
    runId: journal.spec.runId,
    headSeq,
    problems: [...runProblems(log, journal.view(), ledger)],
    columns: present === undefined ? ["id"] : [...wrongColumns(log, present)],
    behind: Math.max(0, headSeq - (present?.headSeq ?? 0)),
  };
  return { finding, row: rowOf(log, headSeq) };
}
