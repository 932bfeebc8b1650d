import { expect, test } from "vitest";
import { autopilotSummary, waitWords } from "../../../web/features/board/autopilot/words.ts";

test("each reason to wait is a sentence that says what to do or whom it waits for", () => {
  const keyOf = (id: string): string => `LIME-${id}`;
  expect(waitWords({ reason: "blocked", blockedBy: ["1", "2"] }, keyOf)).toBe("Waits for LIME-1, LIME-2.");
  expect(waitWords({ reason: "no_free_slot", slots: 1 }, keyOf)).toBe("The slot is in use.");
  expect(waitWords({ reason: "no_free_slot", slots: 3 }, keyOf)).toBe("All 3 slots are in use.");
  expect(waitWords({ reason: "refused", detail: "No model can be used." }, keyOf)).toContain("No model can be used.");
  expect(waitWords({ reason: "needs_change" }, keyOf)).toContain("Change the ticket");
});

test("the button tells level and slots", () => {
  expect(autopilotSummary({ level: "on", running: 1, slots: 2 })).toBe("Autopilot 1/2");
  expect(autopilotSummary({ level: "off", running: 1, slots: 2 })).toBe("Autopilot off");
});
