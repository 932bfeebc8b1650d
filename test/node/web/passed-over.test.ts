import { expect, test } from "vitest";
import type { RunEvent } from "../../../contracts/run-events.ts";
import { addToRows, type Row } from "../../../web/features/run/model/rows.ts";

const by = { kind: "person", id: "7", name: "Ada", avatarUrl: null } as const;

test("a message that waited when the work was approved is marked as not read, with the reason; one that was read is not", () => {
  const rows: Row[] = [];
  const events: readonly RunEvent[] = [
    { seq: 1, v: 1, atMs: 1, type: "message.queued", data: { messageId: "read", text: "One.", by } },
    { seq: 2, v: 1, atMs: 2, type: "message.delivered", data: { messageId: "read", stage: "coder", turn: 1 } },
    { seq: 3, v: 1, atMs: 3, type: "message.queued", data: { messageId: "late", text: "Two.", by } },
    {
      seq: 4,
      v: 1,
      atMs: 4,
      type: "run.state_changed",
      data: { from: "WAITING_APPROVAL", to: "APPLYING", trigger: "approved", cause: null },
    },
  ];
  for (const event of events) addToRows(rows, event);
  const messages = rows.filter((row) => row.kind === "message");
  expect(messages).toMatchObject([
    { messageId: "read", status: "delivered" },
    { messageId: "late", status: "passed_over", reason: expect.stringContaining("approved") as string },
  ]);
});
