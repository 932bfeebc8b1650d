import type { Row } from "./rows.ts";

/** The subject of a row, for its colour in the bar above the transcript. */
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
    case "message":
      return "prompt";
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

/** The weight of one row of a kind where several kinds share a stretch of the bar. */
const weight: Record<RowKind, number> = { prompt: 50, error: 4, decision: 4, test: 3, edit: 3, text: 1.5, tool: 1 };

function weightiest(rows: readonly Row[]): RowKind {
  const scores = new Map<RowKind, number>();
  let best: RowKind = "tool";
  for (const row of rows) {
    const kind = kindOf(row);
    const score = (scores.get(kind) ?? 0) + weight[kind];
    scores.set(kind, score);
    if (score > (scores.get(best) ?? 0)) best = kind;
  }
  return best;
}

/** The rows as at most `most` stretches of one kind each: where several kinds share one, the weightiest together stands for it. */
export function segmentsOf(rows: readonly Row[], most: number): readonly Segment[] {
  const perBucket = Math.max(1, Math.ceil(rows.length / most));
  const segments: Segment[] = [];
  for (let from = 0; from < rows.length; from += perBucket) {
    const to = Math.min(rows.length, from + perBucket);
    const kind = weightiest(rows.slice(from, to));
    const last = segments.at(-1);
    if (last !== undefined && last.kind === kind) segments[segments.length - 1] = { ...last, to };
    else segments.push({ kind, from, to });
  }
  return segments;
}
