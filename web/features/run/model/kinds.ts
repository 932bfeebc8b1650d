import type { Row } from "./rows.ts";

/** What a row is about, for its colour in the bar above the transcript. */
export type RowKind = "prompt" | "text" | "tool" | "edit" | "test" | "decision" | "error";

const editTools = ["edit_file", "write_file"];
const testTools = ["run_tests"];

/** The kind of one row. */
export function kindOf(row: Row): RowKind {
  switch (row.kind) {
    case "stage":
      return "decision";
    case "turn":
      return row.status === "failed" ? "error" : "text";
    case "tool":
      if (row.status === "error" || row.status === "refused" || row.status === "interrupted") return "error";
      return editTools.includes(row.name) ? "edit" : testTools.includes(row.name) ? "test" : "tool";
    case "noted":
      return kindOfEvent(row.event);
  }
}

function kindOfEvent(event: Extract<Row, { kind: "noted" }>["event"]): RowKind {
  switch (event.type) {
    case "run.created":
      return "prompt";
    case "run.event_refused":
      return "error";
    case "notice":
      return event.data.level === "error" ? "error" : "tool";
    case "tests.reported":
      return "test";
    case "patch_set.proposed":
      return "edit";
    case "sandbox.opened":
    case "repository.seeded":
      return "tool";
    case "run.state_changed":
      return event.data.to === "FAILED" ? "error" : "decision";
    default:
      return "decision";
  }
}

export interface Segment {
  readonly kind: RowKind;
  /** Index of the first row in it, and one past the last. */
  readonly from: number;
  readonly to: number;
}

const weight: Record<RowKind, number> = { error: 6, decision: 5, prompt: 5, test: 4, edit: 3, text: 2, tool: 1 };

/** The rows as at most `most` runs of one kind. Where a stretch has several kinds, the rarest that matters stands for it. */
export function segmentsOf(rows: readonly Row[], most: number): readonly Segment[] {
  const perBucket = Math.max(1, Math.ceil(rows.length / most));
  const segments: Segment[] = [];
  for (let from = 0; from < rows.length; from += perBucket) {
    const to = Math.min(rows.length, from + perBucket);
    let kind: RowKind = "tool";
    for (let index = from; index < to; index += 1) {
      const row = rows[index];
      if (row === undefined) continue;
      const own = kindOf(row);
      if (weight[own] > weight[kind]) kind = own;
    }
    const last = segments.at(-1);
    if (last !== undefined && last.kind === kind) segments[segments.length - 1] = { ...last, to };
    else segments.push({ kind, from, to });
  }
  return segments;
}
