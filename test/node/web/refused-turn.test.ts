import { expect, test } from "vitest";
import type { RunEvent } from "../../../contracts/run-events.ts";
import { addToRows, type Row } from "../../../web/features/run/model/rows.ts";
import { sampleRun } from "./sample-run.ts";

/** The row of a turn that ended so. */
function turnRow(fields: { readonly stopReason: string; readonly stopDetail?: string }): Row | undefined {
  const finished = sampleRun().find((event) => event.type === "turn.finished");
  if (finished?.type !== "turn.finished") throw new Error("the sample run has no finished turn");
  const event: RunEvent = { ...finished, data: { ...finished.data, text: "", thinking: "", ...fields } };
  const rows: Row[] = [];
  addToRows(rows, event);
  return rows[0];
}

test("a refused answer shows in the transcript, with the vendor's words when it gave some", () => {
  expect(turnRow({ stopReason: "refusal", stopDetail: "cyber: no" })).toMatchObject({
    refusal: { detail: "cyber: no" },
  });
  expect(turnRow({ stopReason: "refusal" })).toMatchObject({ refusal: { detail: null } });
  expect(turnRow({ stopReason: "end_turn" })).toMatchObject({ refusal: null });
});
