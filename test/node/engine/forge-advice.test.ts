import { describe, expect, it } from "vitest";
import { forgeWords, writeAdvice } from "../../../worker/services/run/engine/forge-advice.ts";

describe("a write that the forge refuses", () => {
  it.each([
    [
      "create the branch: 422 Reference update failed; cannot lock ref 'refs/heads/lime/run-1'",
      "Rename or delete that branch",
    ],
    ["open the pull request: 422 Validation Failed; custom No commits between main and lime/run-1", "nothing to open"],
    ["create the branch: 422 Commits must have verified signatures.", "signed commits"],
    ["open the pull request: 422 Validation Failed; body is too long (maximum is 65536 characters)", "shorter"],
    ["write a blob: 403 Repository was archived so is read-only.", "Unarchive"],
    ["write a blob: 403 Resource not accessible by integration", "lacks a permission"],
    ["write a blob: 422 Something new", "Resume tries again"],
  ])("%s says what helps", (message, advice) => {
    expect(writeAdvice(forgeWords(message))).toContain(advice);
  });

  it("is told in the forge's own words, without what was tried", () => {
    expect(forgeWords("open the pull request: 422 Validation Failed;  custom\n No commits between a and b")).toBe(
      "Validation Failed; custom No commits between a and b",
    );
    expect(forgeWords("no answer within 5 ms")).toBe("");
  });
});
